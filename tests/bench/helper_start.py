"""From the command to the first ping reply: the helper in its three ways,
beside the same OpenVPN started by hand.

Rule: one run of every row in turn, so that what else the machine does falls
on all of them alike.
"""

import os
from collections import namedtuple

from testlib import proc, ua

from . import ground, measure, plot
from .ground import CALLEE, CALLER, FRESH, HAND, PAIR

# aim: milliseconds; None: there to compare with
Way = namedtuple("Way", "name short aim run")


class Starts:
    def __init__(self, place):
        self.place = place
        self.callee = place.callee()
        self.caller = place.daemon(CALLER, place.calling(CALLER))
        self.caller.wait_for(ua.REGISTERED)
        self.config = os.path.join(place.workdir, "fresh.conf")
        with open(self.config, "w", encoding="ascii") as out:
            out.write(place.calling(FRESH))

    def command(self, number, *words):
        return self.place.pcs[number].start(
            ua.PROGRAM, *words,
            env={"SIPVPN_PASSWORD": f"secret-{2500 + number}"})

    def call(self, number, *words):
        """Milliseconds of one call by this command line."""
        seen = self.callee.mark()
        took, (program,) = self.place.first_ping(
            number, PAIR[0], lambda: [self.command(number, *words)])
        code = program.stop(ground.LONG)
        self.callee.wait_for("call ended", since=seen)
        program.close()
        self.place.ended()
        if code != ua.OK:
            raise proc.ProcError(program.tail())
        return took

    def daemon(self):
        return self.call(CALLER, "call", "--socket",
                         self.caller.config + ".sock", "callee")

    def fresh(self):
        return self.call(FRESH, "call", "--config", self.config, "callee")

    def thesis(self):
        return self.call(FRESH, "-s", ground.SERVER, "-u",
                         str(2500 + FRESH), "-t", str(2500 + CALLEE),
                         "-l", PAIR[1], "-r", PAIR[0])

    def hand(self, start):
        took, programs = self.place.first_ping(CALLER, HAND[0], start)
        for program in reversed(programs):
            program.close()
        return took

    def ready(self):
        """The client alone: the listener has been there before."""
        listener = self.place.listen()
        took = self.hand(lambda: [self.place.connect()])
        listener.close()
        self.place.ended()
        return took

    def in_turn(self):
        """The listener, and when it listens, the client."""
        took = self.hand(lambda: [self.place.listen(), self.place.connect()])
        self.place.ended()
        return took

    def script(self):
        """Both at once, as a script does that knows nothing of the other."""
        took = self.hand(
            lambda: [self.place.listen(wait=False), self.place.connect()])
        self.place.ended()
        return took

    def close(self):
        for program in (self.caller, self.callee):
            program.stop(ground.LONG)


def ways(starts):
    return (
        Way("`sipvpn-ua call`, the daemon runs", "daemon", 40, starts.daemon),
        Way("`sipvpn-ua call` without one: registers first", "fresh", 60,
            starts.fresh),
        Way("the thesis's command line: registers first", "thesis", 60,
            starts.thesis),
        Way("OpenVPN by hand, listener ready before", "by hand, ready", None,
            starts.ready),
        Way("OpenVPN by hand, listener, then client", "by hand, in turn",
            None, starts.in_turn),
        Way("OpenVPN by hand, both at once", "by hand, at once", None,
            starts.script),
    )


def run(context, place):
    """Markdown."""
    rounds = 5 if context.quick else 25
    starts = Starts(place)
    rows = ways(starts)
    found = {row.short: [] for row in rows}
    for number in range(rounds + 1):
        for row in rows:
            # those that lose a packet wait for seconds
            if row.short == "by hand, at once" and number > rounds // 3 + 1:
                continue
            took = row.run()
            if number > 0:  # the first one warms up
                found[row.short].append(took)
    starts.close()
    lines, bars = [], []
    for row in rows:
        took = found[row.short]
        middle = measure.spread(took)
        verdict = measure.verdict(middle.middle, row.aim) if row.aim else ""
        context.say(f"first ping, {row.short}: {middle.middle:.0f} ms "
                    f"({min(took):.0f} to {max(took):.0f})")
        lines.append([row.name, f"{middle.middle:.0f}",
                      f"{middle.low:.0f} to {middle.high:.0f}",
                      f"{min(took):.0f}", len(took), row.aim or "", verdict])
        if row.short != "by hand, at once":
            bars.append((row.short, middle))
    middle = {name: measure.spread(took).middle
              for name, took in found.items()}
    context.short.rows.append(
        ["from `sipvpn-ua call` to the first ping's reply",
         f"{middle['daemon']:.0f} ms", "OpenVPN by hand, listener, then "
         f"client: {middle['by hand, in turn']:.0f} ms",
         f"at most {rows[0].aim}: "
         f"{measure.verdict(middle['daemon'], rows[0].aim)}"])
    names = plot.bars(context.folder, "first-ping",
                      "From the command to the first ping reply",
                      "milliseconds", bars)
    table = measure.table(["from the command to the first ping reply", "ms",
                           "half of the runs", "fastest", "runs", "at most",
                           ""], lines)
    return f"{table}\n![milliseconds to the first ping]({names[0]})\n"
