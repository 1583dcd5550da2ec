"""What sipp writes down while it calls, made into numbers. No I/O.

Rule: a number is of what sipp has seen itself; nothing is estimated.
"""

import re
from collections import Counter, namedtuple

Totals = namedtuple("Totals", "attempted passed failed again")
NOTHING = Totals(0, 0, 0, 0)

# columns of sipp's statistics: since the start
COLUMNS = ("TotalCallCreated", "SuccessfulCall(C)", "FailedCall(C)",
           "Retransmissions(C)")
# "the second INVITE": the one that carries the password
INVITE = "CSeq:2 INVITE"
# what begins an error of sipp's: date, time, seconds since 1970
STAMP = re.compile(r"\d{4}-\d\d-\d\d\t[\d:.]+\t[\d.]+: ")
# what sipp writes among its errors that is none
HARMLESS = ("Dead call", "Maximum number of open sockets", "Failed to delete "
            "FD", "Overload warning")
# sipp's words, ours
CLEARER = [
    (r".*while expecting '(.*?)' .*, received '(.*?)[\r\n].*",
     r"\2 came in place of \1"),
    (r".*receive timeout on message [^:]*:(\d+) .*",
     r"nothing came in time at its step \1 (the first is 0)"),
    (r".*Failed regexp match.*with regexp '(.*)'.*", r"no /\1/ in what came"),
    (r".*Aborting call on UDP retransmission timeout.*",
     "nothing came, however often it was sent"),
]
SHOWN = 3  # kinds of errors
LATE = 1.2  # times the time that the calls were to take


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


def errors(text):
    """The most frequent in a file of sipp's errors, "12 times: ..."."""
    return counted(clearer(error) for error in STAMP.split(text)[1:]
                   if not error.startswith(HARMLESS))


def clearer(error):
    for theirs, ours in CLEARER:
        found = re.fullmatch(theirs, error, re.S)
        if found:
            return found.expand(ours)
    return " ".join(error.split())


def counted(texts):
    """The most frequent of them, each with its number."""
    return [f"{times:,} times: {text}" if times > 1 else text
            for text, times in Counter(texts).most_common(SHOWN)]


def complaints(log):
    """What a Kamailio's log has of errors, without whose they were."""
    return counted(re.sub(r"^\{.*?\} ", "", text) for text in
                   re.findall(r"(?:ERROR|CRITICAL|ALERT|BUG): (.*)", log))


def late(calls, rate, took):
    """Seconds that they took: what to say of it, if it is too long."""
    asked = calls / rate
    if took <= LATE * asked + 1:
        return []
    return [f"the calls took {took:.0f} s, not {asked:.0f}: some got no "
            f"answer, or RATE={rate} is more than the server, or this "
            "machine, can do"]


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
