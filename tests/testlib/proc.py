"""Processes of a test: started, listened to, ended and reaped.

Rule: waiting is for an event with a deadline, never for a length of time;
and whatever was started here is gone when the interpreter ends.
"""

import atexit
import os
import re
import select
import signal
import subprocess
import threading
import time


class ProcError(Exception):
    """A process did not do what was waited for; carries its last lines."""


_started = []  # every Proc of this interpreter, for close_all() and leftover()


class Proc:
    """One running program, its output read line by line by a thread.

    The program leads a session of its own, so that close() also finds
    what it started. netns is a namespace or its name. stdout and stderr
    arrive in one stream, in the order in which they were written.
    """

    def __init__(self, argv, netns=None, name=None, env=None, cwd=None,
                 stdin=subprocess.DEVNULL):
        self.argv = [str(a) for a in argv]
        self.name = name or os.path.basename(self.argv[0])
        self.lines = []
        self._news = threading.Condition()
        self._closed = False
        self.started = time.monotonic()
        self._popen = subprocess.Popen(
            in_netns(netns, self.argv), stdin=stdin, cwd=cwd,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={**os.environ, **(env or {})}, start_new_session=True)
        self.pid = self._popen.pid
        _started.append(self)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def _read(self):
        for raw in self._popen.stdout:
            line = raw.decode("utf-8", "replace").rstrip("\r\n")
            with self._news:
                self.lines.append(line)
                self._news.notify_all()
        with self._news:
            self._closed = True
            self._news.notify_all()

    def mark(self):
        """Where the output stands now; give it to wait_for() as since."""
        with self._news:
            return len(self.lines)

    def wait_for(self, pattern, timeout=5.0, since=0):
        """The match of the first line from since on that pattern finds.

        ProcError when the deadline passes or the output ends before.
        """
        regex = re.compile(pattern)
        deadline = time.monotonic() + timeout
        with self._news:
            while True:
                for line in self.lines[since:]:
                    match = regex.search(line)
                    if match:
                        return match
                since = len(self.lines)
                left = deadline - time.monotonic()
                if self._closed or left <= 0:
                    break
                self._news.wait(left)
        why = "its output ended" if self._closed else f"{timeout} s passed"
        raise ProcError(f"{self.name}: {why} before a line with "
                        f"/{pattern}/\n{self.tail()}")

    def wait(self, timeout=5.0):
        """The exit code (negative: the signal) and all output read."""
        try:
            code = self._popen.wait(timeout)
        except subprocess.TimeoutExpired:
            raise ProcError(f"{self.name}: still runs after {timeout} s\n"
                            f"{self.tail()}") from None
        self._reader.join(1.0)
        return code

    def running(self):
        return self._popen.poll() is None

    def send_signal(self, number):
        self._popen.send_signal(number)

    def stop(self, timeout=5.0):
        """Ask it to end (SIGTERM); its exit code."""
        self.send_signal(signal.SIGTERM)
        return self.wait(timeout)

    def close(self):
        """End it and all it started, by force where asking is not enough."""
        if self.running():
            self.send_signal(signal.SIGTERM)
            try:
                self._popen.wait(3.0)
            except subprocess.TimeoutExpired:
                self._popen.kill()
                self._popen.wait()
        left = session(self.pid)
        for pid in left:
            _kill(pid)
        wait_gone(left)  # until then it may still write files
        self._reader.join(1.0)
        if not self._reader.is_alive():
            self._popen.stdout.close()
        if self in _started:
            _started.remove(self)

    def children(self):
        """What it started and still runs: {pid: command line}."""
        found = session(self.pid)
        found.pop(self.pid, None)
        return found

    def output(self):
        with self._news:
            return "\n".join(self.lines)

    def tail(self, count=25):
        with self._news:
            last = self.lines[-count:]
        return "\n".join(f"  {self.name}| {line}" for line in last)


def in_netns(netns, argv):
    """argv as it is run inside a namespace (None: where we are).

    nsenter and not `ip netns exec`: the latter remounts / and /sys, which
    a chroot or a plain container refuses.
    """
    if netns is None:
        return list(argv)
    return ["nsenter", f"--net=/run/netns/{netns}", "--", *argv]


def run(argv, netns=None, check=True, timeout=20.0, text=None, env=None):
    """Run to the end; a CompletedProcess with stdout and stderr in one."""
    done = subprocess.run(
        in_netns(netns, [str(a) for a in argv]), input=text,
        stdin=None if text is not None else subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        errors="replace", timeout=timeout,
        env={**os.environ, **(env or {})})
    if check and done.returncode != 0:
        raise ProcError(f"{' '.join(map(str, argv))}: exit code "
                        f"{done.returncode}\n{done.stdout}")
    return done


def wait_gone(pids, timeout=5.0):
    """Until none of pids (children or not) runs any more; ProcError else."""
    deadline = time.monotonic() + timeout
    for pid in pids:
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        left = max(0.0, deadline - time.monotonic())
        ended = select.select([handle], [], [], left)[0]
        os.close(handle)
        if not ended:
            raise ProcError(f"process {pid} still runs after {timeout} s")


def session(leader):
    """Living members of the session that leader leads: {pid: command}."""
    found = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat", encoding="utf-8",
                      errors="replace") as stat:
                # "pid (name) state ppid pgrp session ...", proc(5)
                fields = stat.read().rpartition(")")[2].split()
            with open(f"/proc/{entry}/cmdline", "rb") as cmdline:
                command = cmdline.read().replace(b"\0", b" ").decode(
                    "utf-8", "replace").strip()
        except OSError:
            continue
        if int(fields[3]) == leader and fields[0] not in "ZX":
            found[int(entry)] = command
    return found


def _kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def leftover():
    """Processes started here that nobody has closed: {pid: command}."""
    found = {}
    for proc in _started:
        found.update(session(proc.pid))
    return found


@atexit.register
def close_all():
    for proc in list(reversed(_started)):
        proc.close()
