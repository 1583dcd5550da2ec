"""Networks of a test: namespaces, the links between them, and a ping.

Rule: names are this process's own, and close() (also at exit) leaves
nothing of them behind.
"""

import atexit
import itertools
import json
import os
import re
import signal

from . import proc, reaper

_nets = []
_count = itertools.count(1)


class Host:
    """One namespace; str(host) is its name."""

    def __init__(self, name, label):
        self.name = name
        self.label = label

    def __str__(self):
        return self.name

    def run(self, *argv, **options):
        """Run a command in here to its end; see proc.run()."""
        return proc.run(argv, netns=self.name, **options)

    def start(self, *argv, **options):
        """Start a command in here; a proc.Proc."""
        return proc.Proc(argv, netns=self.name, **options)

    def write(self, path, value):
        """Write a file of /proc/sys/net as this namespace sees it."""
        self.run("sh", "-c", f"echo {value} > {path}")

    def links(self):
        """Names of the interfaces, lo left out."""
        found = json.loads(self.run("ip", "-j", "link").stdout)
        return [link["ifname"] for link in found if link["ifname"] != "lo"]

    def counters(self, ifname="eth0"):
        """Bytes and packets both ways: rx_bytes, tx_bytes, ..."""
        link, = json.loads(
            self.run("ip", "-j", "-s", "link", "show", ifname).stdout)
        return {f"{way}_{what}": link["stats64"][way][what]
                for way in ("rx", "tx") for what in ("bytes", "packets")}

    def ping(self, address, count=1, interval=0.2, wait=1):
        """What `ping` says: a Ping."""
        done = self.run("ping", "-n", "-q", "-c", count, "-i", interval,
                        "-W", wait, address, check=False)
        return Ping(done.stdout)

    def reach(self, address, seconds=5):
        """Whether an answer comes. The two ends of a tunnel have their keys a
        moment apart, so the first packet behind "connected" may be lost."""
        done = self.run("ping", "-n", "-q", "-c", 1, "-i", 0.2, "-w", seconds,
                        address, check=False)
        return Ping(done.stdout).received == 1

    def pids(self):
        """Processes that live in this namespace."""
        done = proc.run(["ip", "netns", "pids", self.name], check=False)
        return [int(pid) for pid in done.stdout.split() if pid.isdigit()]


class Ping:
    """The closing lines of ping: sent, received, loss, rtt."""

    def __init__(self, text):
        self.text = text
        found = re.search(r"(\d+) packets transmitted, (\d+) received", text)
        self.sent, self.received = map(int, found.groups()) if found \
            else (0, 0)
        found = re.search(r"= ([\d.]+)/([\d.]+)/([\d.]+)/", text)
        self.rtt_min, self.rtt_avg, self.rtt_max = \
            map(float, found.groups()) if found else (None, None, None)

    @property
    def ok(self):
        """Every packet came back."""
        return self.sent > 0 and self.sent == self.received

    @property
    def lost(self):
        return self.sent - self.received


class Net:
    """Some hosts and what joins them; close() takes all of it away."""

    def __init__(self, ipv6=False):
        self.prefix = f"{reaper.name()}{next(_count)}"
        self.ipv6 = ipv6
        self.hosts = []
        _nets.append(self)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def host(self, label, forward=False):
        """A new namespace with its lo up; forward makes it a router."""
        host = Host(f"{self.prefix}-{label}", label)
        proc.run(["ip", "netns", "add", host.name])
        self.hosts.append(host)
        if not self.ipv6:
            # else: neighbour discovery in the middle of the counters
            host.write("/proc/sys/net/ipv6/conf/all/disable_ipv6", 1)
        host.run("ip", "link", "set", "lo", "up")
        if forward:
            host.write("/proc/sys/net/ipv4/ip_forward", 1)
            if self.ipv6:
                host.write("/proc/sys/net/ipv6/conf/all/forwarding", 1)
        return host

    def link(self, one, one_if, one_addr, two, two_if, two_addr):
        """A cable between two hosts; addresses as 192.0.2.1/24 or None."""
        proc.run(["ip", "link", "add", one_if, "netns", one.name, "type",
                  "veth", "peer", "name", two_if, "netns", two.name])
        for host, ifname, addr in ((one, one_if, one_addr),
                                   (two, two_if, two_addr)):
            if addr:
                self.address(host, ifname, addr)
            host.run("ip", "link", "set", ifname, "up")

    def address(self, host, ifname, addr):
        # nodad: an IPv6 address is usable at once
        nodad = ["nodad"] if ":" in addr else []
        host.run("ip", "addr", "add", addr, "dev", ifname, *nodad)

    def switch(self, host, ifname, addr=None):
        """A bridge in host, where join() plugs others in."""
        host.run("ip", "link", "add", ifname, "type", "bridge")
        if addr:
            self.address(host, ifname, addr)
        host.run("ip", "link", "set", ifname, "up")

    def join(self, host, addr, router, switch, gateway=None):
        """Plug host's eth0 into a switch of router."""
        port = f"{switch}-{len(self.hosts)}-{len(router.links())}"[-15:]
        self.link(host, "eth0", addr, router, port, None)
        router.run("ip", "link", "set", port, "master", switch)
        if gateway:
            self.route(host, "default", gateway)

    def route(self, host, to, via):
        host.run("ip", "route", "add", to, "via", via)

    def close(self):
        """Kill what lives in the namespaces and remove them."""
        for host in self.hosts:
            for pid in host.pids():
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
        for host in self.hosts:
            proc.run(["ip", "netns", "del", host.name], check=False)
        self.hosts = []
        if self in _nets:
            _nets.remove(self)


def leftover():
    """Namespaces of this process that still exist."""
    done = proc.run(["ip", "netns", "list"], check=False)
    mine = reaper.name()
    return [line.split()[0] for line in done.stdout.splitlines()
            if line.startswith(mine)]


def exit_on_signals():
    """SIGTERM and SIGHUP do what Ctrl-C does, so the clean-up runs. Ctrl-C
    does so, too, where a shell has started us in the background: it is
    ignored there, by us and by whatever we start.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)


@atexit.register
def close_all():
    proc.close_all()
    for net in list(reversed(_nets)):
        net.close()
