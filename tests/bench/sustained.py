"""The highest rate of calls without a retransmission: plain relaying and
ours, at the same time on one core.

Rule: one sipp calls through both servers in turn and another answers for
both, so each server gets the same messages in the same bursts. WINDOW calls
are open all the time: the core is never idle and no answer late, so what a
second of the core brings through is the highest rate.
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
IP = "127.0.0.1"  # sustained-call.xml says so, too
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
# seconds; how many times ours beside plain, plain beside plain
Amount = namedtuple("Amount", "seconds ours plain")
FULL, QUICK = Amount(10, 4, 2), Amount(5, 2, 1)


class Pair:
    """Two servers and the two sipps that call through both of them, all on
    one core. variants: of variants.py."""

    def __init__(self, context, variants, db, core):
        self.workdir, self.core = context.workdir, core
        self.name = "-".join(variants)
        self.port = free_port(IP)
        self.servers, self._sipps, self._files, self._runs = [], [], [], 0
        try:
            for number, variant in enumerate(variants):
                with on(core):
                    self.servers.append(server.Server(
                        os.path.join(self.workdir,
                                     f"sustained-{self.name}-{number}"),
                        variant, db, self.port))
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        self.quiet()
        for one in self.servers:
            one.close()

    def _sipp(self, scenario, port, *more):
        stats = os.path.join(self.workdir,
                             f"{scenario}-{self.name}-{self._runs}.csv")
        argv = ["sipp", "-sf", os.path.join(HERE, scenario + ".xml"),
                "-i", IP, "-p", port, "-m", ENDLESS, "-nostdin",
                "-cp", free_port(IP), "-buff_size", 1 << 21, "-nd",
                "-trace_stat", "-fd", "100ms", "-stf", stats, *more,
                "%s:%d" % self.servers[0].address]
        with on(self.core):
            self._sipps.append(proc.Proc(argv, name=scenario,
                                         cwd=self.workdir))
        self._files.append(stats)
        return self._sipps[-1]

    def begin(self, first):
        """Start the sipps. first: which server gets the first call."""
        self._runs += 1
        ports = os.path.join(self.workdir, f"ports-{self.name}.csv")
        order = self.servers[first:] + self.servers[:first]
        with open(ports, "w", encoding="ascii") as file:
            file.write("SEQUENTIAL\n" + "".join(
                f"{one.address[1]};\n" for one in order))
        wait_bound(self.port, self._sipp("sustained-answer", self.port))
        self._sipp("sustained-call", free_port(IP), "-inf", ports,
                   "-r", FAST, "-l", WINDOW)

    def quiet(self):
        """End the sipps."""
        for program in self._sipps[::-1]:
            program.close()
        self._sipps, self._files = [], []

    def sample(self):
        for program in self._sipps:
            if not program.running():
                raise proc.ProcError("sipp has ended\n" + program.tail())
        return rates.Sample(time.time(),
                            [one.cpu() for one in self.servers],
                            sum(cpu(program.pid) for program in self._sipps))

    def _histories(self):
        return [rates.history(read(path)) for path in self._files]

    def written(self, when):
        """Until the sipps have written down what was until then."""
        deadline = time.monotonic() + PATIENCE
        while not all(lines and lines[-1].when >= when
                      for lines in self._histories()):
            if time.monotonic() > deadline:
                raise proc.ProcError(
                    f"for {PATIENCE:.0f} s a sipp has written no "
                    "statistics\n" + self._sipps[-1].tail())
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


def once(pair, first, seconds):
    """[a block of each server] for each second"""
    try:
        pair.begin(first)
        began = time.time()
        time.sleep(WARM)
        pair.written(began)
        samples = [pair.sample()]
        for unused in range(seconds):
            time.sleep(EACH)
            samples.append(pair.sample())
        pair.written(samples[-1].when)
        return pair.blocks(samples)
    finally:
        pair.quiet()


def together(pair, seconds, times):
    """([blocks of each server], how many were thrown away). Each time with
    new sipps, and the other one first: no process's luck lasts.
    """
    return rates.good([row for number in range(times)
                       for row in once(pair, number % 2, seconds)])


def judged(ratio):
    """What the target's row says."""
    if ratio > NOISE:
        return "not shown: the two differ by chance"
    return "met" if ratio >= LIMIT else "MISSED"


def text(plain, ours, thrown, same):
    """Markdown. Lists of blocks; same: ratios of two plain ones."""
    rows = []
    for name, found in zip(("plain relaying", "sipvpn"), (plain, ours)):
        speed = measure.spread([rates.rate(block) for block in found])
        part = sum(block.worker for block in found) / \
            sum(block.whole for block in found)
        rows.append([name, f"{rates.rate_of_all(found):,.0f}",
                     f"{speed.low:,.0f} to {speed.high:,.0f}",
                     f"{part:.0%}"])
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
second of one core brings through with nothing sent twice. One sipp calls
through two servers in turn, another answers for both, and all four are on that
core; {WINDOW} calls are open all the time, so the core is never idle and no
answer comes late. A rate is a number of calls by the CPU time that they need,
which is the worker's of that server and half of what the sipps took; a ratio
is of the same second, and the middle of all. What limits it is the core, as
where sipp is on the server's machine: a part is the worker's, the rest sipp's.
{len(plain)} seconds; {thrown} more were thrown away because something was sent
twice.

{measure.table(["", "calls a second", "half of the seconds",
                "of that the worker"], rows)}
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


def run(context):
    amount = QUICK if context.quick else FULL
    db = members.create(os.path.join(context.workdir, "sustained.db"),
                        MEMBERS)
    core = max(os.sched_getaffinity(0))
    with Pair(context, ("plain", "plain"), db, core) as pair:
        found, unused = together(pair, amount.seconds, amount.plain)
        same = rates.ratios(*found) if found else []
    with Pair(context, ("plain", "ours"), db, core) as pair:
        found, thrown = together(pair, amount.seconds, amount.ours)
    if not found:
        context.short.rows.append([RATE, "not measured", "", ""])
        return "## The highest rate\n\nNot measured: in every second " \
            "something was sent twice, the machine was busy.\n"
    context.say("sustained: plain {:,.0f} calls a second of a core, "
                "ours {:,.0f}".format(*map(rates.rate_of_all, found)))
    context.short.rows.append(brief(*found))
    return text(*found, thrown, same)
