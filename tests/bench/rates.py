"""What sipps wrote down and what processes used, second by second, made into
rates. No I/O.

Rule: a ratio is of two that ran in the same second on the same core.
"""

import bisect
import random
import statistics
from collections import namedtuple

# when: seconds since 1970; the others since the start: calls that passed,
# messages sent twice and calls that failed
Line = namedtuple("Line", "when passed wrong")
# CPU time since the start, in seconds: of the worker, of all that a call needs
Sample = namedtuple("Sample", "when worker whole")
# of about a second; clean: nothing was sent twice
Block = namedtuple("Block", "seconds calls worker whole clean")

RESAMPLED = 1000


def history(text):
    """A file of sipp's statistics: [Line]."""
    lines = text.split("\n")[:-1]  # the last one may not be whole
    names = {name: at for at, name in enumerate(lines[0].split(";"))} \
        if lines else {}
    found = []
    for line in lines[1:]:
        fields = line.split(";")
        found.append(Line(
            float(fields[names["CurrentTime"]].split("\t")[2]),
            int(fields[names["SuccessfulCall(C)"]]),
            int(fields[names["FailedCall(C)"]]) +
            int(fields[names["Retransmissions(C)"]])))
    return found


def around(lines, when):
    """The last line until then and the first from then on; where there is
    none, the one that is nearest."""
    until = bisect.bisect_right(lines, (when, float("inf"))) - 1
    since = bisect.bisect_left(lines, (when,))
    return lines[max(until, 0)], lines[min(since, len(lines) - 1)]


def passed(lines, when):
    """Calls at that time, between two lines evenly."""
    before, behind = around(lines, when)
    if behind.when == before.when:
        return before.passed
    return before.passed + (behind.passed - before.passed) * \
        (when - before.when) / (behind.when - before.when)


def blocks(samples, here, there):
    """[Block], one between each two samples. here, there: what the caller
    and the callee wrote."""
    found = []
    for one, two in zip(samples, samples[1:]):
        wrong = sum(around(lines, two.when)[1].wrong -
                    around(lines, one.when)[0].wrong
                    for lines in (here, there))
        found.append(Block(two.when - one.when,
                           passed(here, two.when) - passed(here, one.when),
                           two.worker - one.worker, two.whole - one.whole,
                           not wrong))
    return found


def good(several):
    """Those of several lists of blocks in which all are clean, as lists;
    and how many are none of them."""
    whole = [row for row in zip(*several)
             if all(block.clean and block.calls > 0 for block in row)]
    return [list(one) for one in zip(*whole)], len(several[0]) - len(whole)


def rate(block):
    """Calls a second of CPU time of all that a call needs."""
    return block.calls / block.whole


def rate_of_all(several):
    """The same, of several: what was slow for one second was slow for both,
    so two such rates are of the same seconds."""
    return sum(block.calls for block in several) / \
        sum(block.whole for block in several)


def rate_of_worker(block):
    """Calls a second if the worker had a core to itself."""
    return block.calls / block.worker


def rate_by_clock(several):
    """Calls a second of what all of the blocks took."""
    return sum(block.calls for block in several) / \
        sum(block.seconds for block in several)


def ratios(ours, plain, each=rate):
    return [each(one) / each(other) for one, other in zip(ours, plain)]


def interval(values):
    """Where the middle of such values lies in 95 of 100 such measurements
    (bootstrap)."""
    chance = random.Random(1)
    found = sorted(
        statistics.median(chance.choices(values, k=len(values)))
        for unused in range(RESAMPLED))
    return found[RESAMPLED // 40], found[-1 - RESAMPLED // 40]
