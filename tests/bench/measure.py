"""Numbers of runs, made into the numbers of a report. No I/O but reading
callgrind's files.

Rule: a ratio is of two runs made one right after the other; what is reported
is the middle of several, with the quarters beside it.
"""

import re
import statistics
from collections import namedtuple

# the middle, and what half of the values lie between
Spread = namedtuple("Spread", "middle low high")


def spread(values):
    """Of at least one value."""
    values = sorted(values)
    if len(values) < 2:
        return Spread(values[0], values[0], values[0])
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return Spread(middle, low, high)


def per_call(few, many, calls_few, calls_many):
    """What one call costs: what is spent once drops out."""
    return (many - few) / (calls_many - calls_few)


class Profile:
    """A file of callgrind: total, and how often a function was called."""

    def __init__(self, text):
        self.total = int(re.search(r"^totals: (\d+)", text, re.M).group(1))
        self._names = dict(re.findall(r"^c?fn=\((\d+)\) (.+)$", text, re.M))
        self._calls = {}
        called = None
        for line in text.splitlines():
            if line.startswith("cfn=("):
                called = line[5:line.index(")")]
            elif line.startswith("calls="):
                times = int(line[6:].split()[0])
                self._calls[called] = self._calls.get(called, 0) + times

    def calls(self, name):
        """name: of a function, as callgrind writes it."""
        return sum(self._calls.get(number, 0) for number, known in
                   self._names.items() if known.split("'")[0] == name)


def verdict(value, limit):
    return "met" if value <= limit else "MISSED"


def table(head, rows):
    """Markdown; the first column is text, the others are numbers."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |"
                     for line in lines) + "\n"
