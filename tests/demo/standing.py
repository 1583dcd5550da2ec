"""A demo that stands in the background until it is taken down.

start() runs it and shows what it says until it stands, wait() is where it
then waits, end() makes it go on to its hang-up and clean-up.
"""

import os
import select
import signal
import subprocess
import sys
import threading

from testlib import ua

STATE = os.path.join(ua.BUILD, "demo")
PIDFILE = os.path.join(STATE, "pid")
LOG = os.path.join(STATE, "log")


def running():
    """The pid of the demo that stands, or None."""
    try:
        with open(PIDFILE, encoding="ascii") as pidfile:
            pid = int(pidfile.read())
        with open(f"/proc/{pid}/cmdline", "rb") as cmdline:
            return pid if b"--hold" in cmdline.read() else None
    except (OSError, ValueError):
        return None


def start(argv):
    """Run argv until it stands (its output ends) or has failed."""
    if running():
        print("demo: one stands already: 'make demo-down' takes it down",
              file=sys.stderr)
        return 1
    child = subprocess.Popen(argv, stdout=subprocess.PIPE,
                             stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        for line in child.stdout:
            sys.stdout.write(line.decode())
            sys.stdout.flush()
    except KeyboardInterrupt:
        child.terminate()
    return 0 if running() == child.pid else child.wait()


def wait():
    """Stand: from here on output goes to the log; back when end() asks."""
    asked = threading.Event()
    signal.signal(signal.SIGTERM, lambda *unused: asked.set())
    os.makedirs(STATE, exist_ok=True)
    with open(PIDFILE, "w", encoding="ascii") as pidfile:
        pidfile.write(str(os.getpid()))
    sys.stdout.flush()
    with open(LOG, "wb") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    asked.wait()


def end():
    """Take it down and show what it said of that; its success."""
    pid = running()
    if pid is None:
        print("demo: none stands")
        return 0
    gone = os.pidfd_open(pid)
    os.kill(pid, signal.SIGTERM)
    if not select.select([gone], [], [], 30)[0]:
        print(f"demo: process {pid} does not end", file=sys.stderr)
        return 1
    os.remove(PIDFILE)
    with open(LOG, encoding="utf-8") as log:
        said = log.read()
    print(said, end="")
    return 1 if "FAILED" in said else 0
