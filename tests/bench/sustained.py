"""The highest rate of calls without a retransmission: plain relaying and
ours, at the same time on one core.

Rule: WINDOW calls are open at each server all the time, so the core is never
idle and no answer late: what a second of the core brings through is the
highest rate. Whatever the machine does besides falls on both alike.
"""

import contextlib
import os
import time
from collections import namedtuple

from testlib import proc
from testlib.kamailio import free_port

from . import measure, members, rates, server
from .helper_many import cpu

HERE = os.path.dirname(os.path.abspath(__file__))
IP = "127.0.0.1"
LIMIT = 0.97  # of plain: what ours may not fall below
# Who does more cannot be faster: beyond this it was not measured.
NOISE = 1.01
RATE = "highest rate without a retransmission, server and sipp on one core"
MEMBERS = 1000
WINDOW = 50  # calls at a time: no socket's buffer is full
ENDLESS = 10 ** 9  # calls
FAST = 20000  # calls a second, more than any core brings through
WARM = 2.0  # seconds before anything is measured
EACH = 1.0  # seconds of a block
PATIENCE = 30.0  # seconds, for a line that is due every tenth of one
# seconds; how many times ours beside plain, plain beside plain, each alone
Amount = namedtuple("Amount", "seconds ours plain alone")
FULL, QUICK = Amount(12, 6, 2, 1), Amount(5, 2, 0, 0)
ALONE = 5  # seconds


class Side:
    """One server and its two sipps, all on that core."""

    def __init__(self, context, variant, db, name, core):
        self.port = free_port(IP)
        self.workdir, self.name, self.core = context.workdir, name, core
        self._sipps, self._files, self._runs = [], [], 0
        with on(core):
            self.server = server.Server(
                os.path.join(context.workdir, "sustained-" + name), variant,
                db, self.port)
        self._pids = [one["pid"] for one in self.server.rpc("core.psa")]

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.quiet()
        self.server.close()

    def _sipp(self, scenario, port, calls, *more):
        self._runs += 1
        stats = os.path.join(self.workdir,
                             f"{scenario}-{self.name}-{self._runs}.csv")
        argv = ["sipp", "-sf", os.path.join(HERE, scenario + ".xml"),
                "-i", IP, "-p", port, "-m", calls, "-nostdin",
                "-cp", free_port(IP), "-buff_size", 1 << 21, "-nd",
                "-trace_stat", "-fd", "100ms", "-stf", stats, *more,
                "%s:%d" % self.server.address]
        with on(self.core):
            self._sipps.append(proc.Proc(argv, name=scenario,
                                         cwd=self.workdir))
        self._files.append(stats)
        return self._sipps[-1]

    def begin(self, calls, rate, window):
        """Start the sipps."""
        wait_bound(self.port, self._sipp("sustained-answer", self.port,
                                         calls))
        self._sipp("sustained-call", free_port(IP), calls, "-r", rate,
                   "-l", window)

    def quiet(self):
        """End the sipps."""
        for program in self._sipps[::-1]:
            program.close()
        self._sipps, self._files = [], []

    def sample(self):
        for program in self._sipps:
            if not program.running():
                raise proc.ProcError("sipp has ended\n" + program.tail())
        whole = sum(map(cpu, self._pids)) + sum(cpu(program.pid) for program
                                                in self._sipps)
        return rates.Sample(time.time(), self.server.cpu(), whole)

    def _histories(self):
        return [rates.history(read(path)) for path in self._files]

    def written(self, when):
        """Until the sipps have written down what was until then."""
        deadline = time.monotonic() + PATIENCE
        while not all(lines and lines[-1].when >= when
                      for lines in self._histories()):
            if time.monotonic() > deadline:
                raise proc.ProcError(
                    f"{self.name}: for {PATIENCE:.0f} s a sipp has written "
                    "no statistics\n" + self._sipps[-1].tail())
            time.sleep(0.05)

    def blocks(self, samples):
        there, here = self._histories()
        return rates.blocks(samples, here, there)


@contextlib.contextmanager
def on(core):
    """What is started in here runs on that core alone."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def read(path):
    try:
        with open(path, encoding="ascii") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def wait_bound(port, program):
    """Until it listens: what is sent before is lost."""
    wanted = f":{port:04X} "
    deadline = time.monotonic() + 5.0
    while time.monotonic() < deadline and program.running():
        with open("/proc/net/udp", encoding="ascii") as table:
            if any(wanted in line for line in table):
                return
        os.sched_yield()
    raise proc.ProcError("sipp does not listen\n" + program.tail())


def once(sides, seconds):
    """[blocks of each side]"""
    try:
        for side in sides:
            side.begin(ENDLESS, FAST, WINDOW)
        began = time.time()
        time.sleep(WARM)
        for side in sides:
            side.written(began)
        samples = [[side.sample() for side in sides]]
        for unused in range(seconds):
            time.sleep(EACH)
            samples.append([side.sample() for side in sides])
        for side, last in zip(sides, samples[-1]):
            side.written(last.when)
        return [side.blocks(one) for side, one in zip(sides, zip(*samples))]
    finally:
        for side in sides:
            side.quiet()


def together(sides, seconds, times=1):
    """([blocks of each side], how many were thrown away). Each time with new
    sipps, and the other one first: no process's luck lasts.
    """
    found = [[] for unused in sides]
    for number in range(times):
        way = -1 if number % 2 else 1
        for one, more in zip(found, once(sides[::way], seconds)[::way]):
            one += more
    return rates.good(found)


def judged(ratio):
    """What the target's row says."""
    if ratio > NOISE:
        return "not shown: the two differ by chance"
    return "met" if ratio >= LIMIT else "MISSED"


def text(plain, ours, thrown, same, alone):
    """Markdown. Lists of blocks; same: ratios of two plain ones; alone:
    calls a second of each by the clock."""
    rows = []
    for name, found, clock in zip(("plain relaying", "sipvpn"),
                                  (plain, ours), alone):
        speed = measure.spread([rates.rate(block) for block in found])
        part = sum(block.worker for block in found) / \
            sum(block.whole for block in found)
        rows.append([name, f"{rates.rate_of_all(found):,.0f}",
                     f"{speed.low:,.0f} to {speed.high:,.0f}",
                     f"{part:.0%}", f"{clock:,.0f}" if clock else ""])
    targets = []
    for name, values, limit in (
            ("ours / plain", rates.ratios(ours, plain), LIMIT),
            ("the same if the worker had a core to itself",
             rates.ratios(ours, plain, rates.rate_of_worker), ""),
            ("plain / plain: what chance does", same, "")):
        if not values:
            continue
        ratio, ends = measure.spread(values).middle, rates.interval(values)
        targets.append([name, f"{ratio:.3f}",
                        f"{ends[0]:.3f} to {ends[1]:.3f}", limit,
                        judged(ratio) if limit else ""])
    return f"""## The highest rate

Calls (INVITE 200 ACK BYE 200, with a VPN section; {MEMBERS:,} members) that a
second of one core brings through with nothing sent twice. Two servers, each
with a sipp that calls and one that answers, share the core at the same time;
each sipp keeps {WINDOW} calls open, so the core is never idle and no answer
comes late. A rate is the number of calls by the CPU time that this server and
its sipps took; a ratio is of the same second, and the middle of all. What
limits it is the core, and a part of that is the worker's, the rest sipp's.
{len(plain)} seconds; {thrown} more were thrown away because something was sent
twice. Alone: each has the core to itself for some seconds, again with nothing
sent twice, and calls are counted by the clock; there, what else the machine
does counts.

{measure.table(["", "calls a second", "half of the seconds",
                "of that the worker", "alone"], rows)}
{measure.table(["target", "measured", "95 % interval", "at least", ""],
               targets)}"""


def brief(plain, ours):
    """A row for the README."""
    ratio = measure.spread(rates.ratios(ours, plain)).middle
    speed = list(map(rates.rate_of_all, (plain, ours)))
    beside = "not told apart from plain relaying's" if ratio > NOISE \
        else f"/ plain: {ratio:.3f}"
    return [RATE, f"{speed[1]:,.0f} calls a second; {beside}",
            f"plain relaying {speed[0]:,.0f}",
            f"at least {LIMIT}: {judged(ratio)}"]


def alone(context, side, times):
    """Calls a second by the clock; None: not asked for, or none was clean."""
    found, unused = together((side,), ALONE, times)
    if not found:
        return None
    rate = rates.rate_by_clock(found[0])
    context.say(f"sustained: {side.name} alone, {rate:,.0f} calls a second")
    return rate


def run(context):
    amount = QUICK if context.quick else FULL
    db = members.create(os.path.join(context.workdir, "sustained.db"),
                        MEMBERS)
    core = max(os.sched_getaffinity(0))
    same = []
    with Side(context, "plain", db, "plain", core) as plain:
        if amount.plain:
            with Side(context, "plain", db, "another", core) as another:
                found, unused = together((another, plain), amount.seconds,
                                         amount.plain)
                same = rates.ratios(*found) if found else []
        with Side(context, "ours", db, "ours", core) as ours:
            found, thrown = together((plain, ours), amount.seconds,
                                     amount.ours)
            if not found:
                context.short.rows.append([RATE, "not measured", "", ""])
                return "## The highest rate\n\nNot measured: in every " \
                    "second something was sent twice, the machine was busy.\n"
            context.say("sustained: plain {:,.0f} calls a second of a core, "
                        "ours {:,.0f}".format(*map(rates.rate_of_all,
                                                   found)))
            by_clock = [alone(context, side, amount.alone)
                        for side in (plain, ours)]
    context.short.rows.append(brief(*found))
    return text(*found, thrown, same, by_clock)
