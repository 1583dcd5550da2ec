"""What a killed test run leaves behind goes, too.

A run that ends, however badly, cleans up after itself (proc.py, netns.py);
one that gets SIGKILL cannot. A process of its own waits for the end of the
run and then ends all that the run has started and removes its namespaces and
folders.

Rule: what the run has started has MARK in its environment, and what it has
made is called sipvpn-PID-.

usage: reaper.py PID    (started by watch(); the end of stdin is the signal)
"""

import glob
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

MARK = "SIPVPN_TEST_RUN"
PATIENCE = 2.0  # seconds to end in an orderly way


def name(pid=None):
    """What the names of all begin with that this process makes."""
    return f"sipvpn-{pid or os.getpid()}-"


def watch():
    """From now on; keep the result as long as the run lasts."""
    os.environ[MARK] = str(os.getpid())
    return subprocess.Popen(
        [sys.executable, os.path.abspath(__file__), str(os.getpid())],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True)


def marked(run):
    """Processes of that run, but not this one."""
    wanted = f"{MARK}={run}".encode()
    found = set()
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) == os.getpid():
            continue
        try:
            with open(f"/proc/{entry}/environ", "rb") as environ:
                if wanted in environ.read().split(b"\0"):
                    found.add(int(entry))
        except OSError:
            pass
    return found


def kill(pids, number):
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def end(run):
    """All processes of that run; their ids."""
    seen = marked(run)
    kill(seen, signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    while marked(run) and time.monotonic() < deadline:
        time.sleep(0.05)
    left = marked(run)
    while left:
        seen |= left
        kill(left, signal.SIGKILL)
        time.sleep(0.05)
        left = marked(run)
    return seen


def remove(prefix):
    """Namespaces and folders whose names begin so."""
    listed = subprocess.run(["ip", "netns", "list"], text=True, check=False,
                            stdout=subprocess.PIPE).stdout
    for line in listed.splitlines():
        namespace = line.split()[0]
        if namespace.startswith(prefix):
            inside = subprocess.run(["ip", "netns", "pids", namespace],
                                    text=True, check=False,
                                    stdout=subprocess.PIPE).stdout
            kill(map(int, inside.split()), signal.SIGKILL)
            subprocess.run(["ip", "netns", "del", namespace], check=False)
    for folder in glob.glob(os.path.join(tempfile.gettempdir(),
                                         prefix + "*")):
        if os.path.ismount(folder):
            subprocess.run(["umount", "-l", folder], check=False)
        shutil.rmtree(folder, ignore_errors=True)


def main(run):
    os.environ.pop(MARK, None)
    sys.stdin.read()
    for pid in {run, *end(run)}:
        remove(name(pid))


if __name__ == "__main__":
    main(int(sys.argv[1]))
