"""What passes through a call's tunnel, beside the same OpenVPN by hand and
a hub that both sides connect to; and what the server carries of it.

Rule: a round is one transfer of each, in turn.
"""

import json

from testlib import proc

from . import ground, measure
from .ground import CALLEE, CALLER, HAND, PAIR
from .helper_start import Starts


def transfer(place, target, seconds):
    """Through which address, how long: (Mbit/s, bytes, bytes that passed
    the server's interface meanwhile)."""
    with place.pcs[CALLEE].start("iperf3", "-s", "-1", "--forceflush", "-B",
                                 target) as server:
        server.wait_for("^Server listening")
        before = place.server.counters()
        done = place.pcs[CALLER].run("iperf3", "-J", "-c", target, "-t",
                                     seconds, timeout=seconds + ground.LONG)
        after = place.server.counters()
        server.wait()
    result = json.loads(done.stdout)["end"]["sum_received"]
    passed = sum(after[way] - before[way] for way in ("rx_bytes",
                                                      "tx_bytes"))
    return result["bits_per_second"] / 1e6, result["bytes"], passed


def row(name, runs, base):
    speed = measure.spread([one[0] for one in runs])
    ratio = measure.spread([one[0] / other[0]
                            for one, other in zip(runs, base)])
    carried = sum(one[2] for one in runs) / sum(one[1] for one in runs)
    return [name, f"{speed.middle:.0f}",
            f"{speed.low:.0f} to {speed.high:.0f}", f"{ratio.middle:.2f}",
            f"{carried * 1e9:,.0f}"]


def run(context, place):
    """Markdown."""
    rounds, seconds = (2, 1) if context.quick else (5, 3)
    starts = Starts(place)
    call = starts.command(CALLER, "call", "--socket",
                          starts.caller.config + ".sock", "callee")
    call.wait_for("tunnel up")
    by_hand = [place.listen(), place.connect()]
    by_hand[1].wait_for("Initialization Sequence Completed")
    ours, hand, hub = [], [], []
    for unused in range(rounds):
        hand.append(transfer(place, HAND[0], seconds))
        ours.append(transfer(place, PAIR[0], seconds))
    for program in by_hand:
        program.close()
    if call.stop(ground.LONG) != 0:
        raise proc.ProcError(call.tail())
    place.ended()
    programs, target = place.hub()
    for unused in range(rounds):
        hub.append(transfer(place, target, seconds))
    for program in programs:
        program.close()
    starts.close()
    for name, runs in (("by hand", hand), ("a call", ours), ("a hub", hub)):
        context.say(f"{name}: "
                    f"{measure.spread([one[0] for one in runs]).middle:.0f} "
                    "Mbit/s")
    rows = [row("OpenVPN by hand, directly", hand, hand),
            row("a call of `sipvpn-ua`", ours, hand),
            row("an OpenVPN hub on the server", hub, hand)]
    context.short.rows += [
        ["one TCP connection through a call", f"{rows[1][1]} Mbit/s",
         f"OpenVPN by hand {rows[0][1]}, a hub {rows[2][1]}", ""],
        ["bytes that the server carries of a gigabyte", rows[1][4],
         f"a hub {rows[2][4]}", ""]]
    return measure.table(
        ["one TCP connection through", "Mbit/s", "half of the runs",
         "/ by hand", "bytes at the server for each GB"],
        rows)
