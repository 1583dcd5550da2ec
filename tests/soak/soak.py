"""`make soak`: everything at once, for SOAK minutes (10), and a leak check.

Calls of every kind, a thousand reloads, changed memberships, revocations,
malformed bodies; the server is restarted under that load, by SIGTERM and by
the death of a worker, and its database fails under it (faults.py). Rule: every
finding fails it, and is in the last lines.

usage: soak.py    (SOAK=minutes SEED=text DRIVERS=number in the environment)
"""

import os
import signal
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from testlib import bed, netns, proc, reaper  # noqa: E402 (the path comes first)
from testlib.kamailio import RpcError  # noqa: E402
from testlib.rtpengine import Rtpengine  # noqa: E402
from testlib.talk import talker  # noqa: E402

import calls  # noqa: E402
import faults  # noqa: E402
import memory  # noqa: E402

MEMBERS = 5000  # beside the drivers' users
RELOAD_EVERY = 0.2  # seconds
LIFE = 2.5  # minutes, about
MOST_LIVES = 12  # longer ones, then
REST = 20  # seconds of a life without load: start, two measures, end
SUMMARY = "memlog=1\nmem_summary=12\n"  # by place, at the exit
# Registrations are written to the database, too, and soon.
USRLOC = 'modparam("usrloc", "db_url", DB_URL)\n' \
    'modparam("usrloc", "db_mode", 2)\nmodparam("usrloc", "timer_interval", 7)\n'
KEPT = ("kept", "keeper")  # members who are in a call while a fault lasts
FINDINGS = 20  # more of them say no more
# allocator, how it ends. qm guards each block and stops where one is overrun.
LIVES = [("fm", "SIGTERM"), ("qm", "a worker killed")]
LAST = ("fm", "drained")


class Soak:
    """The server, its load, and what was found."""

    def __init__(self, minutes, seed, drivers):
        self.seconds, self.seed = minutes * 60, seed
        self.count = drivers
        self.findings, self.rows, self.faults = [], [], []
        self.shake = 0  # odd while the server is restarted
        self.can_revoke = False
        self.server = None
        self._pause = True
        self._over = False
        self._state = threading.Condition()
        self._rpc = threading.Lock()  # its socket has one name a call
        self._reloads = self._changes = 0
        self._began = time.monotonic()

    # --- for the drivers ---------------------------------------------------

    def find(self, text):
        with self._state:
            self.findings.append(text)
        say(f"FOUND {text}")

    def may_go_on(self, driver):
        """False when it is over; waits while the load is paused."""
        with self._state:
            driver.idle = True
            self._state.notify_all()
            self._state.wait_for(lambda: not self._pause or self._over)
            driver.idle = False
            return not self._over

    def rpc(self, *words):
        with self._rpc:
            return self.server.rpc(*words)

    # --- the load ----------------------------------------------------------

    def _resume(self):
        with self._state:
            self._pause = False
            self._state.notify_all()

    def _rest(self):
        """Until every driver has ended what it does."""
        with self._state:
            self._pause = True
            if not self._state.wait_for(
                    lambda: all(one.idle for one in self.drivers), 60):
                raise proc.ProcError("a driver does not come to rest")

    def _operate(self, seconds):
        """Reload and change the membership for so long."""
        end = time.monotonic() + seconds
        pause = threading.Event()
        last = time.monotonic()
        while time.monotonic() < end:
            pause.wait(RELOAD_EVERY)
            member = f"x{self._changes % 7}"
            for words in (("sipvpn.add_member", calls.GROUP, member),
                          ("sipvpn.reload",),
                          ("sipvpn.rm_member", calls.GROUP, member),
                          ("sipvpn.check", "one0", "two0", calls.GROUP)):
                try:
                    got = self.rpc(*words)
                except RpcError as error:
                    if (words[0], error.code) != ("sipvpn.reload", 503):
                        self.find(f"{' '.join(words)}: {error}")
                    continue
                if words[0] == "sipvpn.check" and got["code"] != 1:
                    self.find(f"{' '.join(words)}: {got}")
                self._reloads += words[0] == "sipvpn.reload"
            self._changes += 1
            if time.monotonic() - last > 10:
                last = time.monotonic()
                self._progress()
            if len(self.findings) >= FINDINGS:
                raise proc.ProcError("enough")

    def _progress(self):
        done = sum(sum(one.done.values()) for one in self.drivers)
        say(f"{done} calls, {self._reloads} reloads, "
            f"{memory.shm(self.server) // 1024} kB shared, "
            f"{len(self.findings)} findings")

    # --- a life of the server ----------------------------------------------

    def _start(self, allocator, database, last):
        self.server.memory = ["-x", allocator, "-m", "256"]
        self.server.extra = USRLOC + database.extra + (
            SUMMARY if last else "")
        self.server.start(60)
        methods = self.rpc("system.listMethods")
        self.can_revoke = "sipvpn.revoke" in methods
        self.shake += 1

    def _fail(self, database, seconds):
        """One fault after the other, each as long as the time before it."""
        each = seconds / len(database.faults) / 2
        with talker(self.server, KEPT[0]) as one, \
                talker(self.server, KEPT[1]) as two:
            for name in database.faults:
                self._operate(each)
                say(f"{database.name}: {name}, for {each:.0f} s")
                self.faults.append(faults.Fault(
                    self, database, name, (one, two)).run(each))
                say(f"{database.name}: well again")

    def _life(self, allocator, end, database, seconds):
        began, last = self._totals(), end == "drained"
        self._start(allocator, database, last)
        say(f"a server with {allocator} and {database.name}, for "
            f"{seconds:.0f} s")
        self._resume()
        self._operate(seconds * 0.2)  # all has been done once
        self._rest()
        before = memory.Measure(self.server)
        self._resume()
        self._fail(database, seconds * 0.6)
        self._rest()
        after = memory.Measure(self.server)
        for text in before.findings(after):
            self.find(f"{allocator}: {text}")
        self._alarms()
        if not last:
            self._resume()
            self._operate(seconds * 0.1)
        self._stop(end)
        now = self._totals()
        self.rows.append([allocator, database.name, end, *(
            b - a for a, b in zip(began, now)), *before.drift(after)])

    def _alarms(self):
        for line in self.server.alarms():
            self.find(line)

    def _stop(self, end):
        mark = self.server.proc.mark()
        self.shake += 1
        if end == "a worker killed":
            self._kill_worker()
            return
        try:
            self.server.stop(30)
        except AssertionError as error:
            self.find(str(error).splitlines()[0])
        for line in memory.left_at_the_end(self.server.proc.lines[mark:]):
            self.find(f"left at the end: {line}")

    def _kill_worker(self):
        """Kamailio ends itself when one of its processes dies."""
        workers = [one["pid"] for one in self.rpc("pkg.stats")
                   if one["desc"].startswith("udp receiver")]
        os.kill(workers[0], signal.SIGKILL)
        try:
            self.server.proc.wait(60)
        except proc.ProcError:
            # what the worker held, it holds for ever; not ours to judge
            say("the rest of it had to be killed")
        self.server.close()

    def _totals(self):
        names = ("malformed_offer", "malformed_answer", "malformed_ack")
        done = {name: sum(one.done[name] for one in self.drivers)
                for name in calls.SHARES}
        bad = sum(done[name] for name in names)
        return (sum(done.values()) - bad, bad, done["revoked_call"],
                self._reloads, sum(one.cut for one in self.drivers))

    # --- all of it ---------------------------------------------------------

    def _people(self, databases):
        users = [*KEPT, *(user for one in self.drivers
                          for user in (*one.users, "no" + one.users[0]))]
        for user in users:
            self.server.add_user(user, bed.PASSWORD + user)
        rows = ", ".join(f"('{user}')" for user in users
                         if not user.startswith("not"))
        for database in databases:
            database.sql(
                f"insert into sipvpn_group (name) values ('{calls.GROUP}')")
            database.sql(
                "insert into sipvpn_member (group_id, username, domain) with "
                f"recursive m(name) as (values {rows}), n(i) as (select 0 "
                f"union all select i + 1 from n where i < {MEMBERS - 1}), "
                "a(name) as (select name from m union all select 'm' || i "
                "from n) select g.id, a.name, 'example.org' from a, "
                f"sipvpn_group g where g.name = '{calls.GROUP}'")

    def run(self, workdir):
        lives = max(1, round(self.seconds / 60 / LIFE))
        plan = [LIVES[n % len(LIVES)]
                for n in range(max(2, min(MOST_LIVES, lives) - 1))]
        plan.append(LAST)
        with faults.Sqlite() as sqlite, faults.Other() as other, \
                Rtpengine(workdir) as relay, bed.kamailio(
                workdir, start=False, db=sqlite.path, defines={
                    "RTPENGINE": f'"{relay.control}"', "POLL_INTERVAL": 1,
                    "RELOAD_DELTA": 0}) as self.server:
            self.drivers = [calls.Driver(self, n) for n in range(self.count)]
            self._people((sqlite, other))
            self.shake = 1
            for one in self.drivers:
                one.start()
            try:
                self._lives(plan, (other, sqlite))
            except (proc.ProcError, AssertionError, RpcError, OSError) as error:
                self.find(str(error))
            finally:
                with self._state:
                    self._over = True
                    self._state.notify_all()
                for one in self.drivers:
                    one.join(30)

    def _lives(self, plan, databases):
        """What one of them takes too long the others have less."""
        for number, (allocator, end) in enumerate(plan):
            left = self._began + self.seconds - time.monotonic()
            self._life(allocator, end, databases[number // 2 % 2],
                       max(10.0, left / (len(plan) - number) - REST))

    def report(self):
        table(["allocator", "database", "ended by", "calls", "malformed",
               "revoked", "reloads", "cut off", "shm +bytes", "own +blocks",
               "pkg +bytes", "RSS +bytes"], 3, self.rows)
        table(faults.HEADS, 2, self.faults)
        print()
        for text in self.findings:
            print(f"found: {text}")
        seconds = time.monotonic() - self._began
        print(f"soak: {len(self.findings)} findings in {seconds:.0f} s "
              f"(SEED={self.seed})")


def table(heads, words, rows):
    """words: how many columns have no numbers."""
    rows = [heads, *([str(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*rows)]
    print()
    for row in rows:
        print("  ".join(
            cell.ljust(width) if at < words else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths))))


def say(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def main():
    netns.exit_on_signals()
    watched = reaper.watch()
    soak = Soak(float(os.environ.get("SOAK") or 10),
                os.environ.get("SEED") or str(time.time_ns() % 100000),
                int(os.environ.get("DRIVERS") or 6))
    with tempfile.TemporaryDirectory(prefix="sipvpn-soak-") as workdir:
        soak.run(workdir)
    soak.report()
    assert watched.poll() is None, "the reaper has ended"
    return 1 if soak.findings or not soak.rows else 0


if __name__ == "__main__":
    sys.exit(main())
