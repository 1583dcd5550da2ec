"""A MariaDB of the test's own, see database.py.

Rule: the system's configuration is not read; the server runs as nobody, since
the user mysql comes with a service of its own.
"""

import os

from . import proc
from .database import NAME, PASSWORD, Database, ours

SCHEMA = "/usr/share/kamailio/mysql/standard-create.sql"
SMALL = ("--innodb-log-file-size=4M", "--innodb-buffer-pool-size=16M")


class Mariadb(Database):
    KIND, USER, DATABASE = "mysql", "nobody", NAME
    READY = "ready for connections"
    NOT_FOR_EVER = ""  # Kamailio's module waits two seconds as it is

    def _install(self):
        # Started as root, with --user, it hands plugins of the system's over
        # to that user.
        proc.run(self._as_user(
            "mariadb-install-db", "--no-defaults", f"--datadir={self._data}",
            "--skip-test-db", "--auth-root-authentication-method=normal",
            *SMALL), timeout=60)

    @property
    def _socket(self):
        return os.path.join(self.dir, "socket")

    def _argv(self):
        return ("mariadbd", "--no-defaults", f"--datadir={self._data}",
                f"--socket={self._socket}", f"--pid-file={self.dir}/pid",
                f"--port={self.port}", "--bind-address=127.0.0.1",
                "--skip-name-resolve", "--innodb-flush-log-at-trx-commit=0",
                *SMALL)

    def _fill(self):
        self._root(f"create database {NAME}; create user "
                   f"{NAME}@'127.0.0.1' identified by '{PASSWORD}'; grant all "
                   f"on {NAME}.* to {NAME}@'127.0.0.1'")
        for path in (SCHEMA, ours("mysql")):
            with open(path, encoding="utf-8") as file:
                self.sql(file.read())

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
