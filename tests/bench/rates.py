"""What sipps wrote down and what processes used, second by second, made into
rates. No I/O.

Rule: a ratio is of two servers that the same sipps called through in turn, in
the same second on the same core.
"""

import bisect
import random
import statistics
from collections import namedtuple

# when: seconds since 1970; the others since the start: calls that passed,
# messages sent twice and calls that failed
Line = namedtuple("Line", "when passed wrong")
# CPU time since the start, in seconds: of each server's worker, of the sipps
Sample = namedtuple("Sample", "when workers sipps")
# of one server and about a second: CPU time of its worker, and with its part
# of what the sipps took; clean: nothing was sent twice
Block = namedtuple("Block", "calls worker whole clean")

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
    """[[Block of each server]], one row between each two samples. here, there:
    what the caller and the callee wrote."""
    found = []
    for one, two in zip(samples, samples[1:]):
        wrong = sum(around(lines, two.when)[1].wrong -
                    around(lines, one.when)[0].wrong
                    for lines in (here, there))
        share = 1 / len(one.workers)
        calls = passed(here, two.when) - passed(here, one.when)
        sipps = two.sipps - one.sipps
        found.append([
            Block(calls * share, end - begin, end - begin + sipps * share,
                  not wrong)
            for begin, end in zip(one.workers, two.workers)])
    return found


def good(rows):
    """Those of several rows of blocks in which all are clean, as a list for
    each server; and how many are none of them."""
    whole = [row for row in rows
             if all(block.clean and block.calls > 0 for block in row)]
    return [list(one) for one in zip(*whole)], len(rows) - len(whole)


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
