"""The highest rate of calls without a retransmission: plain relaying and
ours, in turn on the same machine.

Rule: a rate counts as reached when one of TRIES runs at it lost nothing, for
both alike: what else the machine does costs a run, never a rate.
"""

import os
import time

from load import tally
from testlib import proc
from testlib.kamailio import free_port

from . import measure, members, server

HERE = os.path.dirname(os.path.abspath(__file__))
IP = "127.0.0.1"
LIMIT = 0.97  # of plain: what ours may not fall below
# Who does more cannot be faster; beyond this it is sipp that was measured.
NOISE = 1.03
MEMBERS = 1000
TRIES = 3
LOWEST, HIGHEST = 250, 16000  # calls a second
GRACE = 0.7  # seconds that a run may take longer than it should
# pairs of searches, seconds of a run, of all, what the search stops at
FULL, QUICK = (4, 1.0, 120, 1.03), (1, 0.5, 20, 1.06)


class Rates:
    """One server and its two sipps."""

    def __init__(self, context, variant, db):
        self.port = free_port(IP)
        self.workdir = context.workdir
        self.server = server.Server(
            os.path.join(context.workdir, "sustained-" + variant), variant,
            db, self.port)
        self.runs = 0
        self.busy = 0.0  # of its worker's time, in the last clean run

    def _sipp(self, scenario, port, calls, *more):
        self.runs += 1
        stats = os.path.join(self.workdir,
                             f"{scenario}-{self.port}-{self.runs}.csv")
        argv = ["sipp", "-sf", os.path.join(HERE, scenario + ".xml"),
                "-i", IP, "-p", port, "-m", calls, "-nostdin",
                "-buff_size", 1 << 21, "-nd",
                "-trace_stat", "-fd", "1", "-stf", stats, *more,
                "%s:%d" % self.server.address]
        return proc.Proc(argv, name=scenario, cwd=self.workdir), stats

    def clean(self, rate, seconds):
        """Whether so many calls a second go through with nothing sent twice
        and nothing wrong.
        """
        calls = max(1, int(rate * seconds))
        callee, there = self._sipp("sustained-answer", self.port, calls)
        wait_bound(self.port, callee)
        before, began = self.server.cpu(), time.monotonic()
        caller, here = self._sipp(
            "sustained-call", free_port(IP), calls, "-r", rate,
            "-l", calls)
        try:
            caller.wait(seconds + GRACE)
            took = time.monotonic() - began
            callee.wait(GRACE)
        except proc.ProcError:
            return False
        finally:
            caller.close()
            callee.close()
        found = tally.add(map(totals, (here, there)))
        good = found.passed == 2 * calls and not found.again
        if good:
            self.busy = (self.server.cpu() - before) / took
        return good

    def reaches(self, rate, seconds):
        return any(self.clean(rate, seconds) for unused in range(TRIES))

    def close(self):
        self.server.close()


def totals(path):
    with open(path, encoding="ascii") as file:
        return tally.totals(file.read())


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


class Search:
    """The highest rate that is reached, within step of it: between low,
    taken as reached, and high, taken as not.
    """

    def __init__(self, low, high, step):
        self.low, self.high, self._step = low, high, step

    def next(self):
        """The rate to try; None: low is what was looked for."""
        middle = int((self.low * self.high) ** 0.5)
        if self.high / self.low <= self._step or middle == self.low:
            return None
        return middle

    def tell(self, rate, reached):
        if reached:
            self.low = rate
        else:
            self.high = rate


def search(several, low, high, step):
    """The highest rates of several, which are found step by step in turn:
    what slows the machine down for a while slows all of them.

    several: functions that say whether they reach a rate.
    """
    searches = [Search(low, high, step) for unused in several]
    going = True
    while going:
        going = False
        for reaches, one in zip(several, searches):
            rate = one.next()
            if rate:
                one.tell(rate, reaches(rate))
                going = True
    return [one.low for one in searches]


def rough(reaches):
    """Double the rate until it is not reached: two rates around the limit."""
    low = LOWEST
    while low < HIGHEST and reaches(low * 2):
        low *= 2
    return low, low * 2


def measured(context, plain, ours):
    """[(plain's rate, ours)], one for each pair of searches; none where no
    rate can be told from another.
    """
    pairs, seconds, bound, step = QUICK if context.quick else FULL
    began, found = time.monotonic(), []
    low, high = rough(lambda rate: plain.reaches(rate, seconds))
    # what one run says is not what the next says: look wider
    low, high = low // 2, int(high * 1.25)
    for number in range(pairs):
        if number and time.monotonic() - began > bound * 0.8:
            break
        order = (plain, ours)[::-1 if number % 2 else 1]
        rates = search([lambda rate, one=one: one.reaches(rate, seconds)
                        for one in order], low, high, step)
        if low in rates:  # nobody has seen it reached
            context.say("sustained: thrown away, the machine is too busy")
            continue
        found.append(tuple(rates[::-1 if number % 2 else 1]))
        context.say("sustained: plain {:,} calls a second, ours {:,}".format(
            *found[-1]))
    return found


def text(found, busy):
    """Markdown. busy: of plain's and of our worker's time."""
    if not found:
        return "## The highest rate\n\nNot measured: the machine was busy.\n"
    ratio = measure.spread([ours / plain for plain, ours in found])
    rates = [measure.spread([pair[at] for pair in found]) for at in (0, 1)]
    rows = [[name, f"{rate.middle:,.0f}", f"{rate.low:,.0f} to "
             f"{rate.high:,.0f}", f"{part:.0%}"]
            for name, rate, part in zip(("plain relaying", "sipvpn"), rates,
                                        busy)]
    target = "met" if ratio.middle >= LIMIT else "MISSED"
    if ratio.middle > NOISE:
        target = "not shown: the two differ by chance"
    return f"""## The highest rate

Calls a second (INVITE 200 ACK BYE 200, with a VPN section; {MEMBERS:,}
members) at which sipp, which runs on the same machine, sends nothing
twice; by bisection, plain relaying and ours step by step in turn; pairs of
searches: {len(found)}. A rate is reached when one run of {TRIES} at it is
clean. The last column says how busy the one worker was then: where it is far
from 100 %, sipp is the limit.

{measure.table(["", "calls a second", "half of the searches", "worker busy"],
               rows)}
{measure.table(["target", "measured", "at least", ""],
               [["ours / plain", f"{ratio.middle:.3f}", LIMIT, target]])}"""


def run(context):
    db = members.create(os.path.join(context.workdir, "sustained.db"),
                        MEMBERS)
    plain = Rates(context, "plain", db)
    try:
        ours = Rates(context, "ours", db)
        try:
            found = measured(context, plain, ours)
            return text(found, (plain.busy, ours.busy))
        finally:
            ours.close()
    finally:
        plain.close()
