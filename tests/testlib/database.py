"""A database server of the test's own: on loopback, gone when it is closed.

Rule: nothing of the system's is touched; it runs as a user that is not root.
"""

import os
import pwd
import shutil
import signal
import tempfile
import time

from . import proc, reaper
from .kamailio import TOP, free_port

NAME, PASSWORD = "sipvpn", "secret"


def ours(kind):
    """The tables of the module's own."""
    return os.path.join(TOP, "cfg", "schema", f"{kind}.sql")


class Database:
    """One that runs, with the tables of cfg/schema. disk: a SmallDisk of its
    user's to live on.

    What each kind has: KIND, USER, READY (the line of its log), DATABASE (where
    the tables are), NOT_FOR_EVER (what tells Kamailio not to wait for one that
    says nothing), _install(), _argv(), _fill() and sql().
    """

    STOP = signal.SIGTERM

    def __init__(self, disk=None):
        self.proc = None
        # Not below the test's directory, which only its owner may enter.
        self.dir = tempfile.mkdtemp(prefix=f"{reaper.name()}{self.KIND}-")
        self._data = os.path.join(disk.dir if disk else self.dir, "data")
        try:
            shutil.chown(self.dir, self.USER)
            self._install()
            self.port = free_port()
            self.start()
            self._fill()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    @property
    def url(self):
        return self.url_at(self.port)

    def url_at(self, port):
        """For who goes there through something else."""
        return f"{self.KIND}://{NAME}:{PASSWORD}@127.0.0.1:{port}/" \
            f"{self.DATABASE}"

    def _as_user(self, *argv):
        group = pwd.getpwnam(self.USER).pw_gid
        return ["setpriv", f"--reuid={self.USER}", f"--regid={group}",
                "--clear-groups", *argv]

    def start(self):
        """Also again, on the same port, after stop() or crash()."""
        if self.proc:
            self.proc.close()
        self.proc = proc.Proc(self._as_user(*self._argv()), name=self.KIND,
                              cwd=self.dir)
        self.proc.wait_for(self.READY, 60)

    def stop(self):
        """At once, whoever is connected."""
        if self.proc.running():
            self.proc.send_signal(self.STOP)
            self.proc.wait(20)

    def crash(self):
        """Without a word to those that are connected."""
        self.proc.send_signal(signal.SIGKILL)
        self.over()

    def over(self):
        """Until it has ended and all its processes; those of one that was
        killed notice by themselves, and none may start beside them.
        """
        self.proc.wait(30)
        deadline = time.monotonic() + 30
        while any(map(self._is_ours, filter(str.isdigit, os.listdir("/proc")))):
            if time.monotonic() > deadline:
                raise proc.ProcError(f"a process of {self.KIND} is left")
            time.sleep(0.05)

    def pause(self):
        """It neither goes away nor says anything, to who is new."""
        self.proc.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.proc.send_signal(signal.SIGCONT)

    def _is_ours(self, pid):
        try:
            return os.readlink(f"/proc/{pid}/cwd") == self._data
        except OSError:
            return False

    def close(self):
        if self.proc:
            try:
                self.go_on()
                self.stop()
            finally:
                self.proc.close()
        shutil.rmtree(self.dir, ignore_errors=True)
