"""What the module costs a server: instructions and CPU time a call, beside
plain relaying and what one would write instead; reload, memory, look-up.
"""

import os
import time
from collections import namedtuple

from testlib import proc
from testlib.kamailio import BUILD

from . import measure, members, plot, server, talker, variants

LOOKUP = os.path.join(BUILD, "tests", "bench", "lookup")
SIZES = (1000, 10000, 100000, 1000000)  # of the look-up curve
TRIES = 3  # of a run that loses something
WARM = 2000  # calls before anything is measured

# targets: what may at most be spent, plain relaying being 1
MANAGE, MANAGE_AIM, CPU, PHONE = 1.05, 1.02, 1.06, 1.01

Row = namedtuple("Row", "variant members kind")
ALL = ("ours", "htable", "lua", "sqlops", "group")
FULL = [Row(name, size, "vpn") for name in ALL for size in (1000, 1000000)]
FULL.insert(1, Row("ours", 100000, "vpn"))
FULL.append(Row("ours", 1000000, "audio"))
QUICK = [Row("ours", 1000, "vpn"), Row("ours", 100000, "vpn"),
         Row("htable", 1000, "vpn"), Row("ours", 100000, "audio")]


class Bench:
    """The runs; thrown_away counts those that lost something."""

    def __init__(self, context):
        self.context = context
        self.rows = QUICK if context.quick else FULL
        self.few, self.many = (50, 150) if context.quick else (100, 300)
        self.rounds, self.calls = (3, 500) if context.quick else (7, 2000)
        self.thrown_away = 0
        self._databases = {}
        self._count = 0

    def database(self, size):
        if size not in self._databases:
            self.context.say(f"a database of {size:,} members")
            self._databases[size] = members.create(
                os.path.join(self.context.workdir, f"{size}.db"), size)
        return self._databases[size]

    def start(self, row, callee, callgrind=False):
        self._count += 1
        return server.Server(
            os.path.join(self.context.workdir, f"run{self._count}"),
            row.variant, self.database(row.members), callee, callgrind)

    def again(self, what):
        """what(), once more when it lost something."""
        for left in reversed(range(TRIES)):
            try:
                return what()
            except talker.Failed as error:
                self.thrown_away += 1
                self.context.say(f"thrown away: {str(error)[:200]}")
                if not left:
                    raise

    # --- instructions ------------------------------------------------------

    def profile(self, row):
        """(instructions, private allocations) of one call."""
        def once():
            with talker.Talker(row.members, row.kind) as talk, \
                    self.start(row, talk.callee_port, True) as running:
                talk.server = running.address
                talk.command("BENCH on")
                talk.run(self.few)  # warms up
                talk.command("BENCH dump warm")
                found = []
                for label, calls in (("few", self.few), ("many", self.many)):
                    talk.run(calls, seed=calls)
                    talk.command("BENCH dump " + label)
                    with open(running.dumps(label), encoding="utf-8",
                              errors="replace") as file:
                        found.append(measure.Profile(file.read()))
                return found

        few, many = self.again(once)

        def each(value):
            return measure.per_call(value(few), value(many), self.few,
                                    self.many)

        return each(lambda p: p.total), each(
            lambda p: p.calls("fm_malloc") - p.calls("fm_shm_malloc"))

    # --- CPU time ----------------------------------------------------------

    def ratios(self, row):
        """CPU time of the row's worker by that of plain, one for each pair;
        and plain's own, in seconds a call.
        """
        plain = row._replace(variant="plain")
        with talker.Talker(row.members, row.kind) as one, \
                talker.Talker(row.members, row.kind) as two, \
                self.start(plain, one.callee_port) as first, \
                self.start(row, two.callee_port) as second:
            one.server, two.server = first.address, second.address
            for talk in (one, two):
                self.again(lambda talk=talk: talk.run(WARM, seed=99))

            def pair(seed):
                spent = []
                for talk, running in ((one, first), (two, second)):
                    before = running.cpu()
                    talk.run(self.calls, seed)
                    spent.append(running.cpu() - before)
                return spent

            pairs = [self.again(lambda seed=seed: pair(seed))
                     for seed in range(1, self.rounds + 1)]
        return ([ours / base for base, ours in pairs],
                [base / self.calls for base, unused in pairs])

    # --- reload, memory ----------------------------------------------------

    def reload(self, size):
        """Seconds; shared bytes before, after, at most; private bytes."""
        with talker.Talker(size) as talk, \
                self.start(Row("ours", size, "vpn"),
                           talk.callee_port) as running:
            talk.server = running.address
            talk.run(WARM)
            shared = running.rpc("core.shmmem")
            taken = []
            for unused in range(3):
                began = time.monotonic()
                running.rpc("sipvpn.reload")
                taken.append(time.monotonic() - began)
            after = running.rpc("core.shmmem")
            table = running.rpc("sipvpn.stats")["snapshot_bytes"]
            return (measure.spread(taken).middle, shared["real_used"],
                    after["max_used"], int(table), running.private_memory())


def lookup(size, count=200000, runs=5):
    """(instructions, nanoseconds) of one judgement."""
    times = [float(proc.run([LOOKUP, size, count], timeout=120).stdout)
             for unused in range(runs)]
    out = os.path.join(BUILD, "bench", "lookup.cg")
    proc.run(["valgrind", "-q", "--tool=callgrind", "--instr-atstart=no",
              f"--callgrind-out-file={out}", LOOKUP, size, 5000],
             timeout=300)
    with open(out, encoding="utf-8") as file:
        total = measure.Profile(file.read()).total
    os.unlink(out)
    return total / 5000, measure.spread(times).middle


def title(row):
    name = variants.VARIANTS[row.variant].title
    if row.kind == "audio":
        name = "a phone call, " + name
    return f"{name}, {row.members:,} members"


def price_list(bench):
    """Markdown; {row: (ratio of instructions, Spread of CPU time,
    more allocations)}
    """
    say, found, lines, base = bench.context.say, {}, [], {}
    for kind in ("vpn", "audio"):
        if not any(row.kind == kind for row in bench.rows):
            continue
        base[kind] = bench.profile(Row("plain", 1000, kind))
        say(f"plain, {kind}: {base[kind][0]:,.0f} instructions a call")
        name = "plain relaying" + (", a phone call" if kind == "audio" else "")
        lines.append([name, f"{base[kind][0]:,.0f}", "1", "1", "",
                      f"{base[kind][1]:.1f}"])
    for row in bench.rows:
        spent, allocated = bench.profile(row)
        ratio = spent / base[row.kind][0]
        say(f"{title(row)}: {spent:,.0f} instructions, {ratio:.3f}")
        cpu, plain = bench.ratios(row)
        cpu = measure.spread(cpu)
        say(f"{title(row)}: CPU time {cpu.middle:.2f} "
            f"({cpu.low:.2f} to {cpu.high:.2f}; plain "
            f"{measure.spread(plain).middle * 1e6:.0f} us)")
        more = allocated - base[row.kind][1]
        found[row] = (ratio, cpu, more)
        lines.append([title(row), f"{spent:,.0f}", f"{ratio:.3f}",
                      f"{cpu.middle:.2f}", f"{cpu.low:.2f} to {cpu.high:.2f}",
                      f"{allocated:.1f}"])
    return measure.table(
        ["", "instructions a call", "/ plain", "CPU time / plain",
         "half of the runs", "private allocations a call"], lines), found


def verdicts(found):
    most = max(row.members for row in found)
    ours = found[Row("ours", most, "vpn")]
    phone = found[Row("ours", most, "audio")]
    lines = []
    for what, value, limit in (
            (f"instructions, {most:,} members (aim: {MANAGE_AIM})", ours[0],
             MANAGE),
            (f"CPU time, {most:,} members", ours[1].middle, CPU),
            ("instructions of a phone call", phone[0], PHONE),
            ("private allocations a VPN call more than plain", ours[2], 0.05),
            ("private allocations a phone call more than plain", phone[2],
             0.05)):
        lines.append([what, f"{value:.3f}", limit,
                      measure.verdict(value, limit)])
    return measure.table(["target", "measured", "at most", ""], lines)


def curve(context):
    sizes = SIZES[:3] if context.quick else SIZES
    lines, points = [], []
    for size in sizes:
        instructions, nanoseconds = lookup(size)
        context.say(f"look-up among {size:,}: {instructions:.0f} "
                    f"instructions, {nanoseconds:.0f} ns")
        lines.append([f"{size:,}", f"{instructions:.0f}",
                      f"{nanoseconds:.0f}"])
        points.append((size, instructions))
    names = plot.curve(context.folder, "lookup", "Judging a pair",
                       "members", "instructions", points)
    return measure.table(["members", "instructions", "ns"], lines) + \
        f"\n![instructions a look-up]({names[0]})\n"


def run(context):
    proc.run(["make", "-s", "-C", os.path.dirname(os.path.dirname(
        os.path.abspath(__file__))), "bench-tools"], timeout=120,
        env={"BUILD": BUILD})
    bench = Bench(context)
    table, found = price_list(bench)
    size = max(row.members for row in bench.rows)
    taken, used, most, snapshot, private = bench.reload(size)
    context.say(f"reload of {size:,} members: {taken:.1f} s")
    offer = len(talker.body("vpn", 1, 1, "actpass"))
    return f"""## The module

One worker, tm and record-route, no dialog module; INVITE 200 ACK BYE 200, by
a talker on the same machine, {talker.WINDOW} calls at a time. The same body in
every row of VPN calls: an offer as `sipvpn-ua` makes it, {offer} bytes, with a
fingerprint and a named group; a phone call has
{len(talker.body("audio", 1, 1, "actpass"))} bytes of audio. Instructions are
callgrind's, of the worker, between two marks, {bench.few} and {bench.many}
calls, the difference divided. CPU time is the worker's own:
the middle of {bench.rounds} pairs of {bench.calls} calls, plain and the other
in turn. Who calls is taken from From in all rows. A run in
which a message was lost, came twice or was refused is thrown away and made
again: {bench.thrown_away} here.

{table}
{verdicts(found)}
A private allocation that a VPN call has and plain relaying has not is none
of the module's own: six are what rr and the core take for the Record-Route
parameter that tells a later request's dialog, two are tm's copies of the
request URI and the destination, made for whoever looks at a forwarded request,
as what keeps a section whole has to.

What one would write instead does less: it looks the two up, but checks
neither the section nor the addresses in it, closes no late offer, and in a
dialog nothing.

Reload of {size:,} members in {size // 10:,} groups: {taken:.1f} s, on an
idle server. The membership takes {snapshot / 1e6:.0f} MB of shared memory
({snapshot / size:.0f} bytes a member, text included), the whole server
{used / 1e6:.0f} MB, {most / 1e6:.0f} MB at most while it loads; the worker has
{private / 1e6:.0f} MB of its own.

To judge a pair, with the group that it names, by the number of members:

{curve(context)}"""
