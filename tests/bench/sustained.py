"""The highest rate of calls without a retransmission: plain relaying and
ours, at the same time on one core (pair.py), which is never idle. So what a
second of the core brings through is the highest rate.
"""

import os
from collections import namedtuple

from . import measure, members, rates
from .pair import WINDOW, Pair, together

LIMIT = 0.97  # of plain: what ours may not fall below
# Who does more cannot be faster: beyond this it was not measured.
NOISE = 1.01
RATE = "highest rate without a retransmission, server and sipp on one core"
MEMBERS = 1000
# seconds; how many times ours beside plain, plain beside plain
Amount = namedtuple("Amount", "seconds ours plain")
FULL, QUICK = Amount(10, 4, 2), Amount(5, 2, 1)


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
    with Pair(context, ("plain", "plain"), db, MEMBERS) as pair:
        found, unused = together(pair, amount.seconds, amount.plain)
        same = rates.ratios(*found) if found else []
    with Pair(context, ("plain", "ours"), db, MEMBERS) as pair:
        found, thrown = together(pair, amount.seconds, amount.ours)
    if not found:
        context.short.rows.append([RATE, "not measured", "", ""])
        return "## The highest rate\n\nNot measured: in every second " \
            "something was sent twice, the machine was busy.\n"
    context.say("sustained: plain {:,.0f} calls a second of a core, "
                "ours {:,.0f}".format(*map(rates.rate_of_all, found)))
    context.short.rows.append(brief(*found))
    return text(*found, thrown, same)
