"""What a soak does to the database, and what has to hold meanwhile and after.

Rule: what was answered with OK is there afterwards and what was refused is
not; one line of ours says that a fault has begun and one that it is over.
"""

import re
import sqlite3
import threading
import time

from testlib import proc
from testlib.kamailio import CREATE, RpcError
from testlib.postgres import Postgres
from testlib.smalldisk import SmallDisk
from testlib.talk import call, within

import calls

USRLOC = "/usr/share/kamailio/db_sqlite/usrloc-create.sql"
WELL = 120.0  # seconds until all is as if nothing had been
OTHER_DISK = "96m"  # PostgreSQL's tables
LOG_DISK = "32m"  # what it writes ahead, 4 MB and what comes in a moment
PACE = 0.5  # seconds from one attempt of the operator's to the next
RELOAD = 5.0  # and from one of his reloads to the next
OURS = re.compile(r"sipvpn_fault_(begin|end)\(\): .*\b(stays in force|changes "
                  r"are refused|read again|changed again)")
THEIRS = re.compile(r"(?:ERROR|WARNING|INFO): (?:<core> \[\S*db_|db_)")
PID = re.compile(r"^\s*\d+\((\d+)\)")
KINDS = {"stays in force": "read", "read again": "read",
         "changes are refused": "write", "changed again": "write"}
HEADS = ["database", "fault", "seconds", "well after", "calls", "refused",
         "running calls", "adds refused", "our lines", "module's looks",
         "others' lines"]


class Sqlite:
    """The membership beside the users, in the one file."""

    name, extra = "SQLite", ""
    faults = ("disk full",)

    def __init__(self):
        self.disk = SmallDisk("12m")
        self.path = f"{self.disk.dir}/sipvpn.db"
        proc.run([CREATE, self.path])
        with open(USRLOC, encoding="ascii") as script:
            proc.run(["sqlite3", "-bail", self.path], text=script.read())

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def sql(self, statement):
        with sqlite3.connect(self.path, timeout=10) as con:
            rows = con.execute(statement).fetchall()
        con.close()
        return rows

    def begin(self, fault):
        """The log that has been written into the tables is of no size then:
        otherwise its room would do for a while.
        """
        assert fault == "disk full"
        self.sql("pragma wal_checkpoint(truncate)")
        self.disk.fill()

    def go_on(self, unused):
        """What was given back is taken again."""
        self.disk.fill()

    def end(self, fault):
        assert fault == "disk full"
        self.disk.give_room()

    def close(self):
        self.disk.close()


class Other:
    """The membership in a PostgreSQL on two disks of its own."""

    name = "PostgreSQL"
    faults = ("stopped", "killed", "disk full", "panicked")

    def __init__(self):
        self.disk = SmallDisk(OTHER_DISK, owner="postgres")
        self.log_disk = SmallDisk(LOG_DISK, owner="postgres")
        try:
            self.server = Postgres(self.disk, self.log_disk)
        except BaseException:
            self._give_back()
            raise
        self.sql = self.server.sql
        self.extra = f'loadmodule "db_postgres.so"\nmodparam("sipvpn", ' \
                     f'"db_url", "{self.server.url}")\n'

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def begin(self, fault):
        {"stopped": self.server.stop, "killed": self.server.crash,
         "panicked": self.server.panic,
         "disk full": lambda: self.go_on(fault)}[fault]()

    def go_on(self, fault):
        """Somebody tries to add many members, and takes what room there is
        in the table.
        """
        if fault != "disk full":
            return
        self.disk.fill()
        try:
            self.sql("begin; insert into sipvpn_member (group_id, username, "
                     "domain) select id, 'bulk' || i, 'example.org' from "
                     "sipvpn_group, generate_series(1, 5000) as s(i); "
                     "rollback")
        except proc.ProcError:
            pass

    def end(self, fault):
        if fault == "disk full":
            self.disk.give_room()
        else:
            self.server.start()

    def _give_back(self):
        self.disk.close()
        self.log_disk.close()

    def close(self):
        try:
            self.server.close()
        finally:
            self._give_back()


class Fault:
    """One of them under the load of a soak. users: two members for a call
    that runs all the time.
    """

    def __init__(self, soak, database, name, phones):
        self.soak, self.database, self.name = soak, database, name
        self.one, self.two = phones
        self.tried = {}  # member: whether OK was the answer
        self.inside = 0  # requests in the running call
        self._last_reload = time.monotonic()
        self._mark = soak.server.proc.mark()
        self._pause = threading.Event()

    def _find(self, text):
        self.soak.find(f"{self.database.name}, {self.name}: {text}")

    def run(self, seconds):
        """The row of the report."""
        for phone in (self.one, self.two):
            phone.register()
        leg, other, unused, unused = call(self.one, self.two, calls.VPN,
                                          calls.VPN)
        leg.ack()
        self.two.take("ACK")
        calls_before, refused_before = self._counted()
        began = time.monotonic()
        self.database.begin(self.name)
        self._meanwhile(other, began + seconds)
        lasted = time.monotonic() - began
        calls_now, refused_now = self._counted()
        self.database.end(self.name)
        ended = time.monotonic()
        self._well()
        well = time.monotonic() - ended
        self._end_call(leg)
        self._promises()
        ours, looks, theirs = self._lines()
        if calls_now == calls_before or refused_now == refused_before:
            self._find("no call, or nobody refused, while it lasted")
        return [self.database.name, self.name, f"{lasted:.0f}", f"{well:.0f}",
                calls_now - calls_before, refused_now - refused_before,
                self.inside, sum(not ok for ok in self.tried.values()),
                ours, looks, theirs]

    def _counted(self):
        """Calls that were admitted, and those that were not."""
        drivers = self.soak.drivers
        return (sum(one.done["vpn_call"] + one.done["mixed_call"]
                    for one in drivers),
                sum(one.done["refused_call"] for one in drivers))

    def _meanwhile(self, other, end):
        number = 0
        while time.monotonic() < end or not self._begun():
            if time.monotonic() > end + WELL:
                self._find("no line says that it has begun")
                return
            number += 1
            self._try(number)
            self._check("one0", "two0")
            if number % 5 == 0:
                request, reply = within(other, self.one, "INVITE", calls.VPN,
                                        calls.VPN)
                other.ack()
                self.one.take("ACK")
                self.inside += 1
                if (request.body, reply.body) != (calls.VPN, calls.VPN):
                    self._find(f"a running call: {reply.raw}")
            self.database.go_on(self.name)
            self._pause.wait(PACE)

    def _try(self, number):
        """What an operator may do who does not know."""
        member = f"f{number}"
        try:
            self.soak.rpc("sipvpn.add_member", calls.GROUP, member)
            self.tried[member] = True
        except RpcError as error:
            self.tried[member] = False
            if error.code != 500:
                self._find(f"add_member: {error}")
        if time.monotonic() - self._last_reload < RELOAD:
            return
        self._last_reload = time.monotonic()
        try:
            self.soak.rpc("sipvpn.reload")
        except RpcError as error:
            if error.code not in (500, 503):
                self._find(f"reload: {error}")

    def _check(self, caller, callee):
        got = self.soak.rpc("sipvpn.check", caller, callee, calls.GROUP)
        if got["code"] != 1:
            self._find(f"check {caller} {callee}: {got}")

    def _well(self):
        """A change of somebody else's arrives; all faults are over."""
        self.database.sql(
            "insert into sipvpn_member (group_id, username, domain) select "
            "id, 'meanwhile', 'example.org' from sipvpn_group where name = "
            f"'{calls.GROUP}'")
        self.database.sql(
            "update sipvpn_meta set generation = generation + 1")
        deadline = time.monotonic() + WELL
        while time.monotonic() < deadline:
            got = self.soak.rpc("sipvpn.check", "one0", "meanwhile",
                                calls.GROUP)
            if got["code"] == 1 and not self._standing():
                return
            self._pause.wait(0.1)
        self._find(f"{WELL:.0f} s later: {got}, {self._standing()}")

    def _promises(self):
        there = {row[0] for row in self.database.sql(
            "select username from sipvpn_member where username like 'f%'")}
        for member, ok in self.tried.items():
            if ok != (member in there):
                self._find(f"{member} was {'added' if ok else 'refused'}, "
                           f"and is {'not ' if ok else ''}there")
        for member in (*sorted(there), "meanwhile"):
            self.soak.rpc("sipvpn.rm_member", calls.GROUP, member)

    def _end_call(self, leg):
        raw = leg.build("BYE")
        self.one.send(raw)
        self.two.take_and_answer("BYE")
        if self.one.take(200).get("cseq") != f"{leg.cseq} BYE":
            self._find("the running call does not end")

    # --- the log -----------------------------------------------------------

    def _since(self):
        return self.soak.server.proc.lines[self._mark:]

    def _ours(self):
        """[(begin or end, read or write)]"""
        found = map(OURS.search, self._since())
        return [(match[1], KINDS[match[2]]) for match in found if match]

    def _begun(self):
        return any(what == "begin" for what, unused in self._ours())

    def _standing(self):
        ours = self._ours()
        return [kind for kind in ("read", "write")
                if ours.count(("begin", kind)) > ours.count(("end", kind))]

    def _lines(self):
        """(ours, those of the database modules that our looks have caused,
        and those that all others have)
        """
        ours = self._ours()
        for kind in ("read", "write"):
            counts = [ours.count((what, kind)) for what in ("begin", "end")]
            if counts not in ([0, 0], [1, 1]):
                self._find(f"of the fault to {kind} there are {counts[0]} "
                           f"lines at the begin, {counts[1]} at the end")
        poll, = [one["pid"] for one in self.soak.rpc("core.psa")
                 if one["description"].startswith("SIPVPN POLL")]
        theirs = [PID.match(line) for line in self._since()
                  if THEIRS.search(line)]
        looks = sum(match is not None and int(match[1]) == poll
                    for match in theirs)
        return len(ours), looks, len(theirs) - looks
