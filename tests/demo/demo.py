"""`make demo`: one call, one tunnel, told in a handful of lines.

Every line that is printed was measured or checked just before; the first
thing that is not as it should be ends the demo with one sentence, the last
lines of the logs and exit code 1.

usage: demo.py [--keep | --hold | --down]
    --keep  stop before the hang-up and leave it standing in the background
    --hold  what --keep runs in the background
    --down  take that down
"""

import json
import os
import shutil
import sys
import tempfile
import time

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, TESTS)

import standing  # noqa: E402 (the path comes first)
from testlib import netns, proc, ua  # noqa: E402
from testlib.site import Site  # noqa: E402

PINGS = 200
TRANSFER_SECONDS = 3
# Meanwhile the server may see ARP and a registration refreshed, no more.
SERVER_MAY_CARRY = 20000


class Failed(Exception):
    """Something is not as it should be; the sentence says what."""


def say(title, text):
    print(f"{title:<12}{text}", flush=True)


def check(condition, sentence):
    if not condition:
        raise Failed(sentence)


def ms(seconds):
    return f"{seconds * 1000:.0f} ms"


class Demo:
    """The play: one method an act."""

    def __init__(self, site):
        self.site = site
        self.callee = self.caller = None
        self.tunnel = None
        self.contacts = []  # before guests of a standing demo add theirs

    def play(self):
        """All but the hang-up."""
        self.introduce()
        self.register()
        self.nothing_there_yet()
        self.call()
        self.ping()
        self.transfer()
        self.refuse()
        self.contacts = self.site.contacts()

    def introduce(self):
        site = self.site
        say("network", f"{site.NET_A} with server {site.SERVER} and PC1 "
            f"{site.PC1} - router - {site.NET_B} with PC2 {site.PC2}")
        say("server", "Kamailio with sipvpn.so; 2500 and 2501 are in the "
            f"group {site.GROUP}, 2502 is in none")

    def register(self):
        self.callee = self.site.ua(self.site.pc1, "2500")
        got = self.callee.registered()
        self.callee.waiting()
        say("PC1", f"registered {got['aor']}, waits for calls")

    def nothing_there_yet(self):
        address = self.site.TUNNEL["2500"]
        check(not self.site.pc2.ping(address).received,
              f"{address} answers before there is a tunnel")
        say("before", f"PC2 pings {address}: no answer, nothing is there yet")

    def call(self):
        pinger = self.site.first_ping(self.site.pc2, self.site.TUNNEL["2500"])
        pinger.wait_for("^ready")
        self.caller = self.site.ua(self.site.pc2, "2501", to="2500")
        self.tunnel = self.caller.connected()
        got = self.tunnel
        first = float(pinger.wait_for(r"^first ([\d.]+)")[1])
        pinger.close()
        check(got["remote"] == self.site.TUNNEL["2500"],
              f"the tunnel leads to {got['remote']}")
        say("PC2", f"registers as 2501 and calls 2500: tunnel {got['local']} "
            f"-> {got['remote']} on {got['tun']}, straight to "
            f"{got['endpoint']}")
        say("first ping", "answered through the tunnel "
            f"{ms(first - self.caller.started)} after the command was "
            "started")

    def ping(self):
        got = self.site.pc2.ping(self.tunnel["remote"], PINGS, 0.005)
        check(got.ok, f"{got.lost} of {got.sent} pings through the tunnel "
              "were lost")
        say("ping", f"{got.sent} sent, none lost, {got.rtt_avg:.2f} ms on "
            f"average ({got.rtt_min:.2f} to {got.rtt_max:.2f})")

    def transfer(self):
        local, remote = self.tunnel["local"], self.tunnel["remote"]
        before = self.site.server.counters()
        with self.site.pc1.start("iperf3", "-s", "-1", "-B", remote,
                                 "--forceflush") as server:
            server.wait_for("listening")
            done = self.site.pc2.run(
                "iperf3", "-c", remote, "-B", local, "-J", "-t",
                TRANSFER_SECONDS, timeout=TRANSFER_SECONDS + 15)
        after = self.site.server.counters()
        got = json.loads(done.stdout)["end"]["sum_received"]
        carried = sum(after[way] - before[way]
                      for way in ("rx_bytes", "tx_bytes"))
        check(got["bytes"] > 1e6, f"only {got['bytes']} bytes got through")
        check(carried < SERVER_MAY_CARRY,
              f"the server carried {carried:,} bytes during the transfer")
        say("transfer", f"{got['bytes'] / 1e6:.0f} MB through the tunnel in "
            f"{got['seconds']:.1f} s: {got['bits_per_second'] / 1e6:.0f} "
            "Mbit/s")
        total = after["rx_bytes"] + after["tx_bytes"]
        say("server", f"{carried:,} bytes passed its interface meanwhile; "
            f"since the start {total:,}, all of them signalling")

    def refuse(self):
        with self.site.ua(self.site.pc2, "2502", to="2500") as stranger:
            got = stranger.wait_for(ua.REFUSED)
            code = stranger.wait()
        check(code == ua.REFUSED_CALL, f"2502's call ended with code {code}")
        check(got["code"] == "403", f"2502 was refused with {got['code']}")
        say("2502", f"calls 2500 too and is refused: {got['code']} "
            f"{got['phrase']}")
        check(self.site.pc2.ping(self.tunnel["remote"]).ok,
              "the tunnel is gone after 2502's call")

    def hang_up(self):
        code = self.caller.stop()
        check(code == ua.OK, f"the caller ended with exit code {code}")
        reason = self.callee.ended()
        check(not self.site.pc2.ping(self.tunnel["remote"]).received,
              "the tunnel answers after the hang-up")
        say("hang-up", f"PC2 ends the call (PC1: {reason}); the tunnel "
            "answers no more")
        code = self.callee.stop()
        check(code == ua.OK, f"the callee ended with exit code {code}")
        for host in (self.site.pc1, self.site.pc2):
            check(not host.pids(), f"a process is left on {host.label}")
            check(host.links() == ["eth0"],
                  f"a tunnel device is left on {host.label}")
        left = [one for one in self.site.contacts() if one in self.contacts]
        check(not left, f"still registered: {', '.join(left)}")


def tails(site):
    """The last lines of everything that still runs or ran."""
    for program in site.programs:
        print(program.tail(12), file=sys.stderr)


def look_around(site):
    """How to look at the standing demo."""
    address = site.TUNNEL["2500"]
    rows = [
        ("in PC2", f"ip netns exec {site.pc2} bash"),
        ("the tunnel", f"ip netns exec {site.pc2} ping {address}"),
        ("who is there", f"kamcmd -s {site.kamailio.ctl} ul.dump"),
        ("may they talk", f"kamcmd -s {site.kamailio.ctl} sipvpn.check "
         f"2502@{site.SERVER} 2500@{site.SERVER}"),
        ("passwords", ", ".join(site.USERS.values())),
        ("take it down", "make demo-down"),
    ]
    print("\nIt stands. To look around:")
    for title, command in rows:
        print(f"  {title:<16}{command}")
    sys.stdout.flush()


def perform(hold=False):
    """Play it; the exit code. hold: it stands until standing.wait() ends."""
    netns.exit_on_signals()
    began = time.monotonic()
    workdir = tempfile.mkdtemp(prefix="sipvpn-demo-")
    try:
        with Site(workdir) as site:
            demo = Demo(site)
            try:
                demo.play()
                if hold:
                    look_around(site)
                    standing.wait()
                demo.hang_up()
            except (Failed, proc.ProcError):
                tails(site)
                raise
        check(not proc.leftover(), "a process is left")
        check(not netns.leftover(), "a namespace is left")
        say("clean-up", "registrations, processes, tunnels and namespaces "
            "are gone" + ("" if hold else
                          f" ({time.monotonic() - began:.0f} s in all)"))
        return 0
    except (Failed, proc.ProcError) as error:
        print(f"demo: FAILED: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("demo: interrupted; all of it was taken down", file=sys.stderr)
        return 130
    finally:
        shutil.rmtree(workdir, ignore_errors=True)


def main(option=""):
    if option == "--keep":
        return standing.start([sys.executable, __file__, "--hold"])
    if option == "--down":
        return standing.end()
    return perform(hold=option == "--hold")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
