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
    KIND = USER = "postgres"
    READY = "database system is ready to accept connections"
    # Its processes have sessions of their own and end before it does then.
    STOP = signal.SIGINT
    NOT_FOR_EVER = 'modparam("db_postgres", "timeout", 1)\n'

    def _install(self):
        secret = os.path.join(self.dir, "secret")
        with open(secret, "w", encoding="ascii") as out:
            out.write(PASSWORD)
        shutil.chown(secret, self.USER)
        proc.run(self._as_user(
            program("initdb"), "-D", self._data, "-U", NAME, "--no-sync",
            "--locale=C", "--encoding=UTF8", "--auth=scram-sha-256",
            "--wal-segsize=1", f"--pwfile={secret}"), timeout=60)

    def _argv(self):
        return (program("postgres"), "-D", self._data, "-p", str(self.port),
                "-c", "listen_addresses=127.0.0.1",
                "-c", "unix_socket_directories=", "-c", "fsync=off",
                "-c", "shared_buffers=16MB", "-c", "max_wal_size=4MB")

    def _fill(self):
        for path in (SCHEMA, ours("postgres")):
            self.load(path)

    @property
    def url(self):
        return f"postgres://{NAME}:{PASSWORD}@127.0.0.1:{self.port}/postgres"

    def _psql(self, *words):
        return proc.run(
            ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1",
             "-h", "127.0.0.1", "-p", str(self.port), "-U", NAME, *words,
             "postgres"], env={"PGPASSWORD": PASSWORD}).stdout

    def load(self, path):
        self._psql("-f", path)

    def sql(self, statement):
        """Run one statement; its rows, every value as text."""
        return [tuple(line.split("|"))
                for line in self._psql("-c", statement).splitlines()]
