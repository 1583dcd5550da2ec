"""A MariaDB of the test's own: on loopback, gone when it is closed.

Rule: the system's database is not touched, nor its configuration read; the
server runs as nobody, since the user mysql comes with a service of its own.
"""

import os
import shutil
import tempfile

from . import proc, reaper
from .kamailio import TOP, free_port

USER = "nobody"
NAME, PASSWORD = "sipvpn", "secret"
SCHEMA = "/usr/share/kamailio/mysql/standard-create.sql"
OURS = os.path.join(TOP, "cfg", "schema", "mysql.sql")


def as_nobody(*argv):
    return ["setpriv", f"--reuid={USER}", "--clear-groups", *argv]


class Mariadb:
    """A running server with the tables of cfg/schema."""

    def __init__(self):
        self.proc = None
        # Not below the test's directory, which only its owner may enter.
        self.dir = tempfile.mkdtemp(prefix=reaper.name() + "my-")
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
        shutil.chown(self.dir, USER)
        data = os.path.join(self.dir, "data")
        self._socket = os.path.join(self.dir, "socket")
        small = ["--innodb-log-file-size=4M",
                 "--innodb-buffer-pool-size=16M"]
        # Started as root, with --user, it hands plugins of the system's over
        # to that user.
        proc.run(as_nobody(
            "mariadb-install-db", "--no-defaults", f"--datadir={data}",
            "--skip-test-db", "--auth-root-authentication-method=normal",
            *small), timeout=60)
        self.port = free_port()
        self.proc = proc.Proc(
            as_nobody(
                "mariadbd", "--no-defaults", f"--datadir={data}",
                f"--socket={self._socket}", f"--pid-file={self.dir}/pid",
                f"--port={self.port}", "--bind-address=127.0.0.1",
                "--skip-name-resolve", "--innodb-flush-log-at-trx-commit=0",
                *small),
            name="mariadbd", cwd=self.dir)
        self.proc.wait_for("ready for connections", 60)
        self._root(f"create database {NAME}; create user "
                   f"{NAME}@'127.0.0.1' identified by '{PASSWORD}'; grant all "
                   f"on {NAME}.* to {NAME}@'127.0.0.1'")
        for path in (SCHEMA, OURS):
            with open(path, encoding="utf-8") as file:
                self.sql(file.read())

    @property
    def url(self):
        return f"mysql://{NAME}:{PASSWORD}@127.0.0.1:{self.port}/{NAME}"

    def _root(self, statements):
        proc.run(["mariadb", "--no-defaults", "--socket", self._socket,
                  "--user=root"], text=statements)

    def sql(self, statements):
        """Run them; rows, every value as text."""
        said = proc.run(
            # From 11.4 on it says what it thinks of TLS without a certificate.
            ["mariadb", "--no-defaults", "--protocol=tcp", "--skip-ssl",
             "--host=127.0.0.1", f"--port={self.port}", f"--user={NAME}",
             "--batch", "--skip-column-names", NAME], text=statements,
            env={"MYSQL_PWD": PASSWORD}).stdout
        return [tuple(line.split("\t")) for line in said.splitlines()]

    def close(self):
        if self.proc:
            try:
                if self.proc.running():
                    self.proc.stop(20)
            finally:
                self.proc.close()
        shutil.rmtree(self.dir, ignore_errors=True)
