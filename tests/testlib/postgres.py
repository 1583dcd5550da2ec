"""A PostgreSQL of the test's own: on loopback, gone when it is closed.

Rule: the system's clusters are not touched; the server runs as the user
postgres, since it refuses to be root.
"""

import glob
import os
import shutil
import signal
import tempfile
import time

from . import proc, reaper
from .kamailio import free_port

USER = "postgres"
NAME, PASSWORD = "sipvpn", "secret"
SCHEMA = "/usr/share/kamailio/postgres/standard-create.sql"
OURS = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__)))), "cfg", "schema", "postgres.sql")


def program(name):
    """Debian keeps them by version; the newest."""
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"))
    return found[-1]


def as_postgres(*argv):
    return ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups",
            *argv]


class Postgres:
    """A running cluster with the tables of cfg/schema. disk: a SmallDisk of
    the user postgres's to live on.
    """

    def __init__(self, disk=None):
        self.proc = None
        # Not below the test's directory, which only its owner may enter.
        self.dir = tempfile.mkdtemp(prefix=reaper.name() + "pg-")
        self._data = os.path.join(disk.dir if disk else self.dir, "data")
        try:
            self._make()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def _make(self):
        shutil.chown(self.dir, USER, USER)
        secret = os.path.join(self.dir, "secret")
        with open(secret, "w", encoding="ascii") as out:
            out.write(PASSWORD)
        shutil.chown(secret, USER, USER)
        proc.run(as_postgres(
            program("initdb"), "-D", self._data, "-U", NAME, "--no-sync",
            "--locale=C", "--encoding=UTF8", "--auth=scram-sha-256",
            "--wal-segsize=1", f"--pwfile={secret}"), timeout=60)
        self.port = free_port()
        self.start()
        self._psql("-f", SCHEMA)
        self._psql("-f", OURS)

    def start(self):
        """Also again, on the same port, after stop() or crash()."""
        if self.proc:
            self.proc.close()
        self.proc = proc.Proc(as_postgres(
            program("postgres"), "-D", self._data, "-p", str(self.port),
            "-c", "listen_addresses=127.0.0.1",
            "-c", "unix_socket_directories=", "-c", "fsync=off",
            "-c", "shared_buffers=16MB", "-c", "max_wal_size=4MB"),
            name="postgres", cwd=self.dir)
        self.proc.wait_for("database system is ready to accept connections",
                           60)

    def stop(self):
        """At once, whoever is connected; its processes have sessions of their
        own and end before it does.
        """
        if self.proc.running():
            self.proc.send_signal(signal.SIGINT)
            self.proc.wait(15)

    def crash(self):
        """Without a word to those that are connected."""
        self.proc.send_signal(signal.SIGKILL)
        self.proc.wait(15)
        self.over()

    def over(self):
        """Until it has ended and all its processes; those of one that was
        killed notice by themselves, and none may start beside them.
        """
        self.proc.wait(30)
        deadline = time.monotonic() + 30
        while any(map(self._is_ours, filter(str.isdigit, os.listdir("/proc")))):
            if time.monotonic() > deadline:
                raise proc.ProcError("a process of postgres is left")
            time.sleep(0.05)

    def _is_ours(self, pid):
        try:
            return os.readlink(f"/proc/{pid}/cwd") == self._data
        except OSError:
            return False

    @property
    def url(self):
        return f"postgres://{NAME}:{PASSWORD}@127.0.0.1:{self.port}/postgres"

    def _psql(self, *words):
        return proc.run(
            ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1",
             "-h", "127.0.0.1", "-p", str(self.port), "-U", NAME, *words,
             "postgres"], env={"PGPASSWORD": PASSWORD}).stdout

    def sql(self, statement):
        """Run one statement; its rows, every value as text."""
        return [tuple(line.split("|"))
                for line in self._psql("-c", statement).splitlines()]

    def close(self):
        if self.proc:
            try:
                self.stop()
            finally:
                self.proc.close()
        shutil.rmtree(self.dir, ignore_errors=True)
