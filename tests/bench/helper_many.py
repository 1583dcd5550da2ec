"""One helper with many calls: what it takes of the machine, how fast they
are set up, and what it gives back.

A gateway calls a hundred endpoints. They are one daemon with an account each,
in one namespace, so that the other side is no bottleneck of its own kind.
"""

import os
import re
import time
from collections import namedtuple

from testlib import proc, ua
from testlib.uad import Control

from . import ground, measure
from .ground import CALLEE, CALLER

MANY = 100
FIRST = 3000  # user of the first endpoint
PATIENCE = 120.0  # seconds, for all of them together
TRANSACTION = 33  # seconds: timers H and J of RFC 3261, 64 times T1, and a bit

Use = namedtuple("Use", "calls pss rss openvpn cpu wakeups")
# seconds: until all are up, and CPU time a call
Hundred = namedtuple("Hundred", "taken own ends server tunnels")


def threads(pid, name, pattern):
    """The sum of a number over a process's threads."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/{name}",
                  encoding="ascii", errors="replace") as file:
            total += int(re.search(pattern, file.read(), re.M).group(1))
    return total


def cpu(pid):
    """Seconds of all its threads that still live."""
    return threads(pid, "schedstat", r"^(\d+)") / 1e9


def spent(pid):
    """Seconds so far, threads that have ended included; in ticks."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid):
    """Proportional and resident bytes."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        text = file.read()
    return [int(re.search(rf"^{name}: +(\d+)", text, re.M).group(1)) * 1024
            for name in ("Pss", "Rss")]


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


class Gateway:
    """The daemon that calls, and the one with all the endpoints."""

    def __init__(self, place, many=MANY):
        self.place = place
        self.users = [str(FIRST + i) for i in range(many)]
        place.add_users(self.users)
        self.ends = place.daemon(CALLEE, "".join(map(self.account,
                                                     self.users)))
        self.daemon = place.daemon(CALLER, place.account(CALLER))
        self.daemon.wait_for(ua.REGISTERED)
        for user in self.users:
            self.ends.wait_for(f"^registered sip:{user}@", PATIENCE)
        self.control = Control(self.daemon.config + ".sock", PATIENCE)
        self.up = {}  # id: the call, as the daemon tells it
        self.failed = []  # why calls did not come up

    def account(self, user):
        path = os.path.join(self.place.workdir, f"password-{user}")
        with open(path, "w", encoding="ascii",
                  opener=lambda p, f: os.open(p, f, 0o600)) as out:
            out.write(f"secret-{user}\n")
        return (f"[account a{user}]\nuser = {user}\ndomain = "
                f"{ground.SERVER}\npassword_file = {path}\n")

    def call(self, users):
        """Call them all at once; seconds from the first request until the
        last one is up."""
        began = time.monotonic()
        for user in users:
            self.control.request("call", user=user, background=True)
        left = len(users)
        while left > 0:
            got = self.control.line()
            event = (got or {}).get("event", {})
            if got is None or "error" in got:
                raise proc.ProcError(f"{got}\n{self.daemon.tail()}")
            if event.get("step") == "over":
                self.failed.append(event["text"])
                left -= 1
            if event.get("step") == "up":
                self.up[event["call"]["id"]] = event["call"]
                left -= 1
        return time.monotonic() - began

    def hang_up(self):
        """All of them; seconds until nothing of them is left."""
        began = time.monotonic()
        left = len(self.up)
        self.control.request("hangup", call="all")
        while left > 0:
            got = self.control.line()
            if got is None or "error" in got:
                raise proc.ProcError(f"{got}\n{self.daemon.tail()}")
            left -= got.get("event", {}).get("step") == "over"
        self.up = {}
        self.place.ended()
        return time.monotonic() - began

    def answering(self):
        """How many of the tunnels answer a ping."""
        host = self.place.pcs[CALLER]
        return sum(host.ping(call["remote"]).ok
                   for call in self.up.values())

    def use(self, seconds):
        """What the daemon takes while nothing happens."""
        pid = self.daemon.pid
        pss, rss = memory(pid)
        tunnels = [memory(child)[0] for child in self.daemon.openvpn()]
        before = cpu(pid), threads(pid, "status",
                                   r"^voluntary_ctxt_switches:\s+(\d+)")
        time.sleep(seconds)
        after = cpu(pid), threads(pid, "status",
                                  r"^voluntary_ctxt_switches:\s+(\d+)")
        return Use(len(self.up), pss, rss, sum(tunnels),
                   (after[0] - before[0]) / seconds,
                   (after[1] - before[1]) / seconds)

    def close(self):
        self.control.close()
        for program in (self.daemon, self.ends):
            program.stop(PATIENCE)


def room(use):
    """A line of the table."""
    each = use.openvpn / use.calls if use.calls else 0
    return [f"{use.calls}", f"{use.pss / 1e6:.1f}", f"{use.rss / 1e6:.1f}",
            f"{each / 1e6:.1f}", f"{use.cpu * 100:.2f}",
            f"{use.wakeups:.1f}"]


def hundred(gateway):
    """All users at once, for the first time: a Hundred, calls standing."""
    daemons = gateway.daemon, gateway.ends
    server = [one["pid"] for one in gateway.place.kamailio.rpc("core.psa")]
    before = [spent(program.pid) for program in daemons]
    worked = sum(map(spent, server))
    taken = gateway.call(gateway.users)
    own, ends = [(spent(program.pid) - was) / MANY
                 for program, was in zip(daemons, before)]
    return Hundred(taken, own, ends, (sum(map(spent, server)) - worked) / MANY,
                   sum(spent(pid) for program in daemons
                       for pid in program.openvpn()) / MANY)


def measured(context, gateway):
    """(uses, the first Hundred, seconds of each, sentences about the end)"""
    seconds = 2 if context.quick else 10
    uses = [gateway.use(seconds)]
    fds = descriptors(gateway.daemon.pid)
    gateway.call(gateway.users[:10])
    uses.append(gateway.use(seconds))
    gateway.hang_up()
    first = hundred(gateway)
    taken = [first.taken]
    uses.append(gateway.use(seconds))
    answering = gateway.answering()
    ended = gateway.hang_up()
    after = memory(gateway.daemon.pid)[0]
    for unused in range(1 if context.quick else 3):
        # what the SIP transactions of the round before hold goes first
        time.sleep(0 if context.quick else TRANSACTION)
        taken.append(gateway.call(gateway.users))
        gateway.hang_up()
    last = memory(gateway.daemon.pid)[0]
    left = descriptors(gateway.daemon.pid)
    return uses, first, taken, f"""\
{answering} of {MANY} answer a ping, {len(gateway.failed)} calls of all
rounds failed; ended and cleared away in {ended:.1f} s.
When the first {MANY} have ended the helper that calls has {after / 1e6:.1f} MB,
after {len(taken)} times as many {last / 1e6:.1f} MB (SIP keeps what it needs to
repeat an answer for 32 seconds), and {left} open descriptors ({fds} before)."""


def run(context, place):
    """Markdown."""
    gateway = Gateway(place)
    uses, first, taken, end = measured(context, gateway)
    gateway.close()
    middle = measure.spread(taken).middle
    context.say(f"{MANY} calls in {middle:.1f} s "
                f"({min(taken):.1f} to {max(taken):.1f})")
    context.short.rows += [
        [f"memory of one helper with {MANY} calls",
         f"{uses[-1].pss / 1e6:.1f} MB", "each of its OpenVPNs "
         f"{room(uses[-1])[3]} MB", ""],
        ["calls that one helper sets up in a second, OpenVPN included",
         f"{MANY / middle:.0f}", "the helper's own CPU time: "
         f"{first.own * 1000:.1f} ms a call", ""]]
    table = measure.table(
        ["calls", "helper, MB (PSS)", "helper, MB (RSS)",
         "each OpenVPN, MB (PSS)", "CPU of the idle helper, %",
         "wake-ups a second"], [room(use) for use in uses])
    each = f"{1 / first.own:.0f}" if first.own else "any number of"
    return f"""{table}
{MANY} calls at once between two helpers, {len(taken)} times: all tunnels up
after {middle:.1f} s ({min(taken):.1f} to {max(taken):.1f}), {MANY / middle:.0f}
calls a second. Two OpenVPNs a call, two helpers and the server share this
machine's {os.cpu_count()} cores; CPU time a call: {first.own * 1000:.1f} ms in
the helper that calls (so {each} calls a second would fill a core of its own),
{first.ends * 1000:.1f} ms in the one that is called, {first.server * 1000:.1f} ms
in Kamailio, {first.tunnels * 1000:.1f} ms in the two OpenVPNs.
{end}
"""
