"""What the module costs a server: instructions and CPU time a call, beside
plain relaying and what one would write instead; reload, memory, look-up.
"""

import os
import time
from collections import namedtuple

from testlib import proc
from testlib.kamailio import BUILD, free_port

from . import measure, members, pair, plot, rates, server, talker, variants

LOOKUP = os.path.join(BUILD, "tests", "bench", "lookup")
SIZES = (1000, 10000, 100000, 1000000)  # of the look-up curve
TRIES = 3  # of a run that loses something

# targets: what may at most be spent, plain relaying being 1
MANAGE, MANAGE_AIM, CPU, PHONE = 1.05, 1.02, 1.06, 1.01

Row = namedtuple("Row", "variant members kind")
Case = namedtuple("Case", "variant members kinds")  # rows of one server
Amount = namedtuple("Amount", "seconds times pairs")
# what its table takes: seconds of a reload; bytes of the table alone (None:
# unknown), of all shared memory, at most, and of the worker's own
Held = namedtuple("Held", "seconds table shared most private")
ALL = ("ours", "loaded", "watched", "htable", "lua", "sqlops", "group")
FULL = [Case(name, size, ("vpn", "audio") if name == "ours" and
             size == 1000000 else ("vpn",))
        for name in ALL for size in (1000, 100000, 1000000)
        if name not in ("loaded", "watched") or size == 1000000]
QUICK = [Case("ours", 1000, ("vpn",)), Case("ours", 100000, ("vpn", "audio")),
         Case("htable", 1000, ("vpn",))]
# how to tell a server that it has a new table
RELOAD = {"ours": ("sipvpn.reload",), "htable": ("htable.reload", "vpn")}


class Bench:
    """The runs; thrown_away counts those that lost something."""

    def __init__(self, context):
        self.context = context
        self.cases = QUICK if context.quick else FULL
        self.largest = max(case.members for case in self.cases)
        self.baselines = 1 if context.quick else 3
        self.few, self.many = (50, 150) if context.quick else (100, 300)
        self.thrown_away = self.seconds_thrown = 0
        self._databases = {}
        self._count = 0

    def database(self, size):
        if size not in self._databases:
            self.context.say(f"a database of {size:,} members")
            self._databases[size] = members.create(
                os.path.join(self.context.workdir, f"{size}.db"), size)
        return self._databases[size]

    def amount(self, case):
        """How many seconds, how often, and with how many pairs of servers:
        where a process's memory lies makes up to a hundredth."""
        if self.context.quick:
            return Amount(4, 1, 1)
        if case.variant in ("ours", "watched") and \
                case.members == self.largest:
            return Amount(4, 2, 3)
        return Amount(6, 1, 1)

    def start(self, case, callee, callgrind=False):
        self._count += 1
        return server.Server(
            os.path.join(self.context.workdir, f"run{self._count}"),
            case.variant, self.database(case.members), callee, callgrind)

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

    def profiles(self, case):
        """(instructions, private allocations) of one call of each kind."""
        def once():
            with talker.Talker(case.members) as talk, \
                    self.start(case, talk.callee_port, True) as running:
                talk.server = running.address
                talk.command("BENCH on")
                return [self._profile(talk, running, kind)
                        for kind in case.kinds]

        return self.again(once)

    def _profile(self, talk, running, kind):
        talk.be(kind)
        talk.run(self.few)  # warms up
        talk.command("BENCH dump warm " + kind)
        found = []
        for name, calls in (("few", self.few), ("many", self.many)):
            label = f"{name} {kind}"
            talk.run(calls, seed=calls)
            talk.command("BENCH dump " + label)
            with open(running.dumps(label), encoding="utf-8",
                      errors="replace") as file:
                found.append(measure.Profile(file.read()))

        def each(value):
            return measure.per_call(*map(value, found), self.few, self.many)

        return each(lambda p: p.total), each(
            lambda p: p.calls("fm_malloc") - p.calls("fm_shm_malloc"))

    # --- CPU time ----------------------------------------------------------

    def ratios(self, case):
        """CPU time of the case's worker by that of plain, which gets the same
        in the same second on the same core, for each second of each kind; and
        what its table takes (None: it has none).
        """
        found, held = [], None
        if case.variant in RELOAD and case.members == self.largest:
            # another server: behind a reload all its memory is to be touched
            # for the first time again
            with self.start(case, free_port()) as alone:
                held = reload(alone, RELOAD[case.variant])
        for kind in case.kinds:
            costs, private = self._beside_plain(case, kind)
            found.append(costs)
            if held and len(found) == 1:
                held = held._replace(private=private)
        return found, held

    def _beside_plain(self, case, kind):
        """([CPU time by plain's, of each second], the worker's own memory)"""
        amount, costs = self.amount(case), []
        for unused in range(amount.pairs):
            with pair.Pair(self.context, ("plain", case.variant),
                           self.database(case.members), case.members,
                           kind) as both:
                rows, thrown = pair.together(both, amount.seconds,
                                             amount.times)
                private = both.servers[1].private_memory()
            self.seconds_thrown += thrown
            if rows:
                costs += [1 / ratio for ratio in rates.ratios(
                    rows[1], rows[0], rates.rate_of_worker)]
        if not costs:
            raise talker.Failed(f"{case}: in every second something was "
                                "sent twice")
        return costs, private


def reload(running, command):
    """Held of a server that has not worked yet."""
    shared = running.rpc("core.shmmem")
    taken = []
    for unused in range(3):
        began = time.monotonic()
        running.rpc(*command)
        taken.append(time.monotonic() - began)
    table = None
    if command == RELOAD["ours"]:
        table = int(running.rpc("sipvpn.stats")["snapshot_bytes"])
    return Held(measure.spread(taken).middle, table, shared["real_used"],
                running.rpc("core.shmmem")["max_used"], None)


def lookup(size, count=200000, runs=3):
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


def line(row, spent, allocated, base, cpu=None):
    """Of the price list. base: instructions of plain relaying."""
    lead = ["plain relaying" + (", a phone call" if row.kind == "audio"
                                else ""), f"{spent:,.0f}", "1", "1", ""]
    if cpu:
        lead = [title(row), f"{spent:,.0f}", f"{spent / base:.3f}",
                f"{cpu.middle:.3f}", f"{cpu.low:.3f} to {cpu.high:.3f}"]
    return lead + [f"{allocated:.1f}"]


def price_list(bench):
    """Markdown; {row: (ratio of instructions, Spread of CPU time,
    more allocations)}; {variant: Held}
    """
    say, found, held = bench.context.say, {}, {}
    plain = Case("plain", 1000, ("vpn", "audio"))
    # all are divided by it, so it is the middle of several
    tries = [bench.profiles(plain) for unused in range(bench.baselines)]
    base = {kind: [measure.spread(values).middle for values in zip(*costs)]
            for kind, *costs in zip(plain.kinds, *tries)}
    lines = {kind: [line(Row("plain", 1000, kind), *base[kind], None)]
             for kind in plain.kinds}
    say(f"plain: {base['vpn'][0]:,.0f} instructions a call")
    for case in bench.cases:
        costs = bench.profiles(case)
        times, room = bench.again(lambda: bench.ratios(case))
        if room:
            held[case.variant] = room
        for kind, (spent, allocated), cpu in zip(case.kinds, costs, times):
            row, cpu = Row(*case[:2], kind), measure.spread(cpu)
            ratio = spent / base[kind][0]
            say(f"{title(row)}: instructions {ratio:.3f}, CPU time "
                f"{cpu.middle:.3f} ({cpu.low:.3f} to {cpu.high:.3f})")
            found[row] = ratio, cpu, allocated - base[kind][1]
            lines[kind].append(line(row, spent, allocated, base[kind][0],
                                    cpu))
    return measure.table(
        ["", "instructions a call", "/ plain", "CPU time / plain",
         "half of the seconds", "private allocations a call"],
        lines["vpn"] + lines["audio"]), found, held


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


def in_short(found):
    """The price list for the README: Markdown."""
    sizes = sorted({row.members for row in found})
    lines = []
    for kind in ("vpn", "audio"):
        for name in ALL:
            rows = [Row(name, size, kind) for size in sizes]
            if not any(row in found for row in rows):
                continue
            lines.append([variants.VARIANTS[name].title] + [
                f"{found[row][0]:.3f}" if row in found else ""
                for row in rows] + [
                f"{found[row][1].middle:.2f}" if row in found else ""
                for row in rows[-1:]])
            if kind == "audio":
                lines[-1][0] += ", a phone call"
    return measure.table(
        ["a VPN call; plain relaying is 1"] +
        [f"instructions, {size:,} members" if size == sizes[0] else
         f"{size:,}" for size in sizes] + [f"CPU time, {sizes[-1]:,}"], lines)


def curve(context):
    """Markdown; {members: (instructions, nanoseconds)}"""
    sizes = SIZES[:3] if context.quick else SIZES
    found = {}
    for size in sizes:
        found[size] = lookup(size)
        context.say(f"look-up among {size:,}: {found[size][0]:.0f} "
                    f"instructions, {found[size][1]:.0f} ns")
    names = plot.curve(context.folder, "lookup", "Judging a pair",
                       "members", "instructions",
                       [(size, one[0]) for size, one in found.items()])
    table = measure.table(
        ["members", "instructions", "ns"],
        [[f"{size:,}", f"{one[0]:.0f}", f"{one[1]:.0f}"]
         for size, one in found.items()])
    return f"{table}\n![instructions a look-up]({names[0]})\n", found


def held_text(size, held):
    """Markdown, and what of it is for the README."""
    lines = [[variants.VARIANTS[name].title, f"{one.seconds:.1f}",
              f"{one.table / 1e6:.0f}" if one.table else "",
              f"{one.shared / 1e6:.0f}", f"{one.most / 1e6:.0f}",
              f"{one.private / 1e6:.0f}"] for name, one in held.items()]
    return measure.table(
        [f"{size:,} members", "reload, s", "the table, MB",
         "all shared memory, MB", "at most, while it loads",
         "the worker's own, MB"], lines)


def brief(size, held, points):
    """Rows for the README: reload, memory, look-up."""
    ours, other = held["ours"], held.get("htable")
    beside = other and [f"`htable` {other.seconds:.1f} s",
                        f"`htable` {other.shared / 1e6:.0f} MB, "
                        f"{other.most / 1e6:.0f} MB while it loads"]
    few, many = min(points), max(points)
    return [
        [f"reload of {size:,} members", f"{ours.seconds:.1f} s",
         beside[0] if beside else "", ""],
        ["shared memory of a server with them",
         f"{ours.shared / 1e6:.0f} MB, {ours.most / 1e6:.0f} MB while it "
         "loads", beside[1] if beside else "", ""],
        [f"to judge a pair among {many:,}",
         f"{points[many][0]:,.0f} instructions, {points[many][1]:,.0f} ns",
         f"among {few:,}: {points[few][0]:,.0f}, {points[few][1]:,.0f} ns",
         ""]]


def run(context):
    proc.run(["make", "-s", "-C", os.path.dirname(os.path.dirname(
        os.path.abspath(__file__))), "bench-tools"], timeout=120,
        env={"BUILD": BUILD})
    bench = Bench(context)
    table, found, held = price_list(bench)
    look_up, points = curve(context)
    context.short.costs = in_short(found)
    context.short.rows += brief(bench.largest, held, points)
    offer = len(talker.body("vpn", 1, 1, "actpass"))
    return f"""## The module

One worker, tm and record-route, no dialog module; INVITE 200 ACK BYE 200, by
a talker on the same machine, {talker.WINDOW} calls at a time. The same body in
every row of VPN calls: an offer as `sipvpn-ua` makes it, {offer} bytes, with a
fingerprint and a named group; a phone call has
{len(talker.body("audio", 1, 1, "actpass"))} bytes of audio. Instructions are
callgrind's, of the worker, between two marks, {bench.few} and {bench.many}
calls, the difference divided (plain: the middle of {bench.baselines}). CPU
time is the worker's own by that of a worker that relays plainly, of the same
second on the same core: one sipp calls through both in turn, another answers
for both, {pair.WINDOW} calls are open all the time and the core is never idle;
the middle of 6 seconds (ours with most members: 24, of three pairs of
servers). Who calls is taken from From in all rows. A run in which a message
was lost, came twice or was refused is thrown away and made again,
{bench.thrown_away} here; a second in which one was sent twice is left out,
{bench.seconds_thrown} here.

{table}
{verdicts(found)}
The module itself allocates no private memory for a message. The targets are
for plain relaying. Where a module is loaded that may edit bodies, what is
forwarded is watched, to put a VPN section back: a row of its own, without a
target. tm makes two copies for whoever does that (for a branch_route, too), of
the request URI and the destination.

Why a server that has loaded the module and never calls it can cost less than
one without it: the allocator's free lists have another shape then, and plain
relaying makes some 160 allocations a call. What the module does itself is the
difference to that row.

What one would write instead does less: it looks the two up, but checks
neither the section nor the addresses in it, closes no late offer, and in a
dialog nothing.

The tables that are loaded, on a server that does nothing else meanwhile (the
worker's own memory after the calls above); members are in groups of ten:

{held_text(bench.largest, held)}
To judge a pair, with the group that it names, by the number of members:

{look_up}"""
