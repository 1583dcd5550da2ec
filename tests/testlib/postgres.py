"""A PostgreSQL of the test's own, see database.py.

Rule: it runs as the user postgres, since it refuses to be root.
"""

import glob
import os
import shutil
import signal

from . import proc
from .database import NAME, PASSWORD, Database, ours

SCHEMA = "/usr/share/kamailio/postgres/standard-create.sql"


def program(name):
    """Debian keeps them by version; the newest."""
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"))
    return found[-1]


class Postgres(Database):
    """log_disk: a SmallDisk of its user's for what it writes ahead."""

    KIND = USER = DATABASE = "postgres"
    READY = "database system is ready to accept connections"
    # Its processes have sessions of their own and end before it does then.
    STOP = signal.SIGINT
    NOT_FOR_EVER = 'modparam("db_postgres", "timeout", 1)\n'

    def __init__(self, disk=None, log_disk=None):
        self._log_disk = log_disk
        super().__init__(disk)

    def _install(self):
        secret = os.path.join(self.dir, "secret")
        with open(secret, "w", encoding="ascii") as out:
            out.write(PASSWORD)
        shutil.chown(secret, self.USER)
        proc.run(self._as_user(
            program("initdb"), "-D", self._data, "-U", NAME, "--no-sync",
            "--locale=C", "--encoding=UTF8", "--auth=scram-sha-256",
            "--wal-segsize=1", f"--pwfile={secret}",
            *(self._log_disk and [f"--waldir={self._log_disk.dir}/log"] or [])),
            timeout=60)

    def _argv(self):
        return (program("postgres"), "-D", self._data, "-p", str(self.port),
                "-c", "listen_addresses=127.0.0.1",
                "-c", "unix_socket_directories=", "-c", "fsync=off",
                "-c", "shared_buffers=16MB", "-c", "max_wal_size=4MB")

    def _fill(self):
        for path in (SCHEMA, ours("postgres")):
            self.load(path)

    def panic(self):
        """The disk of its log is full: it ends, and does not start before
        there is room.
        """
        self._log_disk.fill()
        while self.proc.running():
            try:
                self.sql("create table much as select generate_series(1, 9999);"
                         " drop table much")
            except proc.ProcError:
                pass
        self.over()

    def start(self):
        if self._log_disk:
            self._log_disk.give_room()
        super().start()

    def _psql(self, *words):
        return proc.run(
            ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1",
             "-h", "127.0.0.1", "-p", str(self.port), "-U", NAME, *words,
             self.DATABASE], env={"PGPASSWORD": PASSWORD}).stdout

    def load(self, path):
        self._psql("-f", path)

    def sql(self, statement):
        """Run one statement; its rows, every value as text."""
        return [tuple(line.split("|"))
                for line in self._psql("-c", statement).splitlines()]
