"""What a Kamailio holds in memory, measured when it has nothing to do.

Rule: a leak is what is there twice: the same traffic again must leave shared
and private memory where it was.
"""

import re
import threading
import time

SHM_SLACK = 48 * 1024  # bytes: hash tables that fill, a connection more
PKG_SLACK = 12 * 1024  # a process that sees something for the first time
IDLE = 120.0  # seconds within which all transactions have ended, timer B twice
STEADY = 4  # looks, one a second, that must give the same


def shm(server):
    return server.rpc("core.shmmem")["used"]


def pkg(server):
    """{process: (what it is, bytes)}"""
    return {one["entry"]: (one["desc"].split(" sock=")[0], one["used"])
            for one in server.rpc("pkg.stats")}


def module(server):
    """Bytes in shared memory by the function of ours that took them."""
    shared = server.rpc("mod.stats", "sipvpn", "shm")
    found = {}
    for part in shared:
        if isinstance(part, dict):
            for name, size in part.items():
                name = re.sub(r"\(\d+\)$", "", name)
                found[name] = found.get(name, 0) + size
    found.pop("Total", None)
    return found


class Measure:
    """All of the above. Taken when nothing moves any more."""

    def __init__(self, server):
        _settle(server)
        self.shm, self.pkg = shm(server), pkg(server)
        self.module = module(server)

    def findings(self, later):
        """What of a later measure is a leak: texts."""
        found = []
        if later.shm > self.shm + SHM_SLACK:
            found.append(f"shared memory grew from {self.shm} to {later.shm}")
        for entry, (what, used) in later.pkg.items():
            before = self.pkg[entry][1]
            if used > before + PKG_SLACK:
                found.append(f"private memory of {what} grew from {before} "
                             f"to {used}")
        for name, size in later.module.items():
            before = self.module.get(name, 0)
            if size > before * 1.05 + 4096:
                found.append(f"{name}() holds {size} bytes of shared memory, "
                             f"before {before}")
        return found

    def drift(self, later):
        """(bytes of shared memory, most bytes of any process's own)"""
        return (later.shm - self.shm, max(
            used - self.pkg[entry][1]
            for entry, (unused, used) in later.pkg.items()))


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
    """Lines of the summary at the exit that name what is ours."""
    return [line for line in log if re.search(r"_sums\(\):.* from sipvpn:",
                                              line)]
