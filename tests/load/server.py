"""The server that is called: one of our own, on loopback, or the user's."""

import os
import re
import socket
import sqlite3
import sys
import threading
import time

from testlib import proc
from testlib.kamailio import Kamailio, free_port
from testlib.sipp import SCENARIOS

from .tally import Mistake, complaints

MAKE_CSV = os.path.join(SCENARIOS, "make-csv.py")
IP = "127.0.0.1"
REST = 40.0  # seconds: timer B, and a little
PAIRS = 2000  # they come round again


class Ours:
    """A private Kamailio from cfg/kamailio.cfg, with people of its own."""

    def __init__(self, workdir):
        self.csv = os.path.join(workdir, "csv")
        proc.run([sys.executable, MAKE_CSV, self.csv, "--pairs", PAIRS])
        self.kamailio = Kamailio(workdir, IP, free_port(IP))
        with open(os.path.join(self.csv, "database.sql"),
                  encoding="ascii") as file, \
                sqlite3.connect(self.kamailio.db) as con:
            con.executescript(file.read())
        con.close()
        self.address, self.here = (IP, self.kamailio.port), IP
        self.name = "a private Kamailio from cfg/kamailio.cfg on loopback"

    def __enter__(self):
        try:
            self.kamailio.start()
        except BaseException:
            self.kamailio.close()
            raise
        return self

    def __exit__(self, *unused):
        self.kamailio.close()

    def _processes(self):
        return proc.session(self.kamailio.proc.pid)

    def cpu(self):
        """Seconds that all its processes have worked so far."""
        total = 0
        for pid in self._processes():
            with open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
        return total / 1e9

    def rest(self):
        """Until no transaction is left (five seconds after its end)."""
        deadline = time.monotonic() + REST
        pause = threading.Event()
        while self.kamailio.rpc("tm.stats")["current"] != 0 and \
                time.monotonic() < deadline:
            pause.wait(0.2)

    def complaints(self):
        """What its log has of errors, the most frequent."""
        return complaints(self.kamailio.log)

    def memory(self):
        """(bytes of shared memory in use, private bytes of all)."""
        private = 0
        for pid in self._processes():
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
                private += sum(int(size) * 1024 for size in re.findall(
                    r"^Private_\w+: +(\d+)", file.read(), re.M))
        return self.kamailio.rpc("core.shmmem")["real_used"], private


class Theirs:
    """A server that the user named, who has given it the people of csv."""

    def __init__(self, name, csv):
        if not csv:
            raise Mistake(
                f"SERVER={name}: CSV= must name the folder that "
                "sipp-scenarios/make-csv.py made for it")
        for file in ("users.csv", "members.csv"):
            if not os.path.isfile(os.path.join(csv, file)):
                raise Mistake(f"CSV={csv}: no {file} there; make it with "
                              "sipp-scenarios/make-csv.py")
        host, unused, port = name.partition(":")
        if ":" in port:
            raise Mistake(f"SERVER={name}: give IP[:PORT] with an IPv4 "
                          "address or a name")
        if port and not (port.isdecimal() and 0 < int(port) < 65536):
            raise Mistake(f"SERVER={name}: '{port}' is no port")
        try:
            found = socket.getaddrinfo(host, int(port or 5060),
                                       socket.AF_INET, socket.SOCK_DGRAM)
        except OSError as error:
            raise Mistake(f"SERVER={name}: {error.strerror}") from None
        self.csv, self.address = os.path.abspath(csv), found[0][4]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.connect(self.address)  # sends nothing
            self.here = sock.getsockname()[0]
        self.name = "%s:%d" % self.address

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        pass

    def rest(self):
        pass

    def complaints(self):
        return []

    def cpu(self):
        return None

    def memory(self):
        return None
