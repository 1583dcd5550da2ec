"""What sipp writes down while it calls, made into numbers. No I/O.

Rule: a number is of what sipp has seen itself; nothing is estimated.
"""

from collections import namedtuple

Totals = namedtuple("Totals", "attempted passed failed again")
NOTHING = Totals(0, 0, 0, 0)

# columns of sipp's statistics: since the start
COLUMNS = ("TotalCallCreated", "SuccessfulCall(C)", "FailedCall(C)",
           "Retransmissions(C)")
# "the second INVITE": the one that carries the password
INVITE = "CSeq:2 INVITE"


class Mistake(Exception):
    """What the user asked for makes no sense; says why."""


def mix(text, kinds):
    """"members=6,phones=4": {kind: its share of the calls, of 1}."""
    found = {}
    for part in text.split(","):
        kind, unused, weight = part.strip().partition("=")
        if kind not in kinds or kind in found or not weight.isdecimal():
            raise Mistake(f"MIX={text}: '{part}' is not NAME=NUMBER, each "
                          f"once, with a name of {', '.join(kinds)}")
        found[kind] = int(weight)
    whole = sum(found.values())
    if not whole:
        raise Mistake(f"MIX={text}: all are 0")
    return {kind: weight / whole for kind, weight in found.items() if weight}


def split(calls, shares):
    """Whole calls for each kind, together as many as calls."""
    found = {kind: int(calls * part) for kind, part in shares.items()}
    for kind in sorted(shares, key=shares.get, reverse=True):
        if sum(found.values()) < calls:
            found[kind] += 1
    return found


def totals(text):
    """Of the last whole line of a file of statistics."""
    lines = text.split("\n")[:-1]
    if len(lines) < 2:
        return NOTHING
    last = dict(zip(lines[0].split(";"), lines[-1].split(";")))
    return Totals(*(int(last[name]) for name in COLUMNS))


def add(several):
    return Totals(*map(sum, zip(NOTHING, *several)))


def set_up(lines):
    """[(when, seconds)] from the INVITE with the password to its final
    answer, for each call in a file of short messages.
    """
    asked, found = {}, []
    for line in lines:
        # date, time, seconds since 1970, S or R, Call-ID, CSeq, first line
        fields = line.rstrip("\n").split("\t")
        if len(fields) != 7 or fields[5] != INVITE:
            continue
        when, way, call, first = float(fields[2]), fields[3], fields[4], \
            fields[6]
        if way == "S":
            asked.setdefault(call, when)
        elif asked.get(call) and first.split(" ")[1] >= "200":
            found.append((asked[call], when - asked[call]))
            asked[call] = None
    return found


def percentile(values, part):
    """The least value that is not below part (of 1) of them; None."""
    values = sorted(values)
    if not values:
        return None
    return values[max(0, -int(-len(values) * part // 1) - 1)]


def per_second(found, began):
    """[(second, calls, the middle, 99 %)] of what set_up() gives."""
    bins = {}
    for when, took in found:
        bins.setdefault(int(when - began), []).append(took)
    return [(second, len(took), percentile(took, 0.5),
             percentile(took, 0.99)) for second, took in sorted(bins.items())]


def milliseconds(value):
    return "-" if value is None else f"{value * 1000:.1f}"
