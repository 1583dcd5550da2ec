"""What a Kamailio holds in memory, measured when it has nothing to do.

Rule: a leak is what is there twice: the same traffic again must leave shared
and private memory where it was. Of our own memory blocks are counted, since
f_malloc may give more bytes than were asked for, kilobytes for a large block.
"""

import re
import threading
import time

SHM_SLACK = 48 * 1024  # bytes: hash tables that fill, a connection more
OWN_SLACK = 4  # blocks of ours
OURS = "sipvpn:"
PKG_SLACK = 12 * 1024  # a process that sees something for the first time
RSS_SLACK = 2048 * 1024  # what libraries take beside that, and pages it is on
# What is begun before the script, for a message that gets no transaction, tm
# gives back when the process has the next such message: one a worker.
HELD, WORKERS = "sipvpn_watched_new", 8
IDLE = 120.0  # seconds within which all transactions have ended, timer B twice
STEADY = 7  # looks, one a second; what is retired is gone after five seconds


def shm(server):
    return server.rpc("core.shmmem")["used"]


def pkg(server):
    """{process: (what it is, bytes)}"""
    return {one["entry"]: (one["desc"].split(" sock=")[0], one["used"])
            for one in server.rpc("pkg.stats")}


def rss(server):
    """{process: bytes of its own that are in memory}, shared ones left out"""
    found = {}
    for one in server.rpc("core.psa"):
        with open(f"/proc/{one['pid']}/status", encoding="ascii") as status:
            found[one["index"]] = 1024 * int(
                re.search(r"RssAnon:\s*(\d+)", status.read())[1])
    return found


def owners(server):
    """{"module: function": (bytes, blocks)} of shared memory."""
    found, module = {}, None
    for part in server.rpc("mod.mem_statsx", "all", "shm"):
        if isinstance(part, str):
            module = part.removeprefix("Module: ") or module
            continue
        for name, text in part.items():
            if name != "Total":
                name = f"{module}: {re.sub(r'[(].*', '', name)}()"
                size, blocks = map(int, re.findall(r"\d+", text))
                before = found.get(name, (0, 0))
                found[name] = before[0] + size, before[1] + blocks
    return found


class Measure:
    """All of the above. Taken when nothing moves any more."""

    def __init__(self, server):
        _settle(server)
        self.shm, self.pkg = shm(server), pkg(server)
        self.rss = rss(server)
        self.owners = owners(server)
        self.others = self.shm - sum(
            size for name, (size, unused) in self.owners.items()
            if name.startswith(OURS))

    def findings(self, later):
        """What of a later measure is a leak: texts."""
        found = []
        if later.others > self.others + SHM_SLACK:
            found.append(f"shared memory grew from {self.others} to "
                         f"{later.others}: {', '.join(self._most(later))}")
        for entry, (what, used) in later.pkg.items():
            before = self.pkg[entry][1]
            if used > before + PKG_SLACK:
                found.append(f"private memory of {what} grew from {before} "
                             f"to {used}")
        for index, used in later.rss.items():
            if used > self.rss[index] + RSS_SLACK:
                found.append(f"process {index} grew from {self.rss[index]} "
                             f"to {used}")
        for name, (unused, blocks) in later.owners.items():
            before = self.owners.get(name, (0, 0))[1]
            if name.startswith(OURS) and blocks > before + OWN_SLACK:
                found.append(f"{name} holds {blocks} blocks of shared memory, "
                             f"before {before}")
        return found

    def _most(self, later):
        """Who holds more than before, the three that do most."""
        more = sorted(((size - self.owners.get(name, (0, 0))[0], name)
                       for name, (size, unused) in later.owners.items()),
                      reverse=True)
        return [f"{name} +{size}" for size, name in more[:3] if size > 0]

    def drift(self, later):
        """(bytes of shared memory that others than we hold, blocks of ours,
        most bytes of any process's own heap of Kamailio's, most of all it
        has)
        """
        def own(measure):
            return sum(blocks for name, (unused, blocks)
                       in measure.owners.items() if name.startswith(OURS))
        return (later.others - self.others, own(later) - own(self), max(
            used - self.pkg[entry][1]
            for entry, (unused, used) in later.pkg.items()), max(
            used - self.rss[index] for index, used in later.rss.items()))


def _settle(server):
    """Until no transaction is left and what is used stays the same."""
    deadline = time.monotonic() + IDLE
    pause = threading.Event()
    same, last = 0, None
    while same < STEADY:
        if time.monotonic() > deadline:
            raise AssertionError(f"after {IDLE} s without calls still "
                                 f"{server.rpc('tm.stats')}")
        pause.wait(1.0)
        if server.rpc("tm.stats")["current"] != 0:
            continue
        used = shm(server)
        same, last = same + 1 if used == last else 0, used


def left_at_the_end(log):
    """Lines of the summary at the exit that name what is ours, but for what
    workers hold for their last message.
    """
    found = []
    for line in log:
        if not re.search(r"_sums\(\):.* from sipvpn:", line):
            continue
        held = re.search(rf"count=\s*(\d+) .* {HELD}\(", line)
        if not held or int(held[1]) > WORKERS:
            found.append(line)
    return found
