"""A bad path: a router of a test loses, delays and reorders what it forwards.

Rule: the packets take a way through this process, by a tun device of the
router's; so nothing is needed of the kernel but routing. What is lost follows
from the seed and the number of the packet in its flow, not from the time.
"""

import ctypes
import fcntl
import heapq
import itertools
import os
import random
import select
import struct
import threading
import time

from .peer import CLONE_NEWNET

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
MAX_PACKET = 65535
UDP = 17
SIP = 5060
TABLE = "100"
_libc = ctypes.CDLL(None, use_errno=True)


def tun_in(netns, name):
    """The descriptor of a new tun device of a namespace."""
    with open("/proc/thread-self/ns/net", encoding="ascii") as home, \
            open(f"/run/netns/{netns}", encoding="ascii") as there:
        if _libc.setns(there.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
        try:
            fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
            fcntl.ioctl(fd, TUNSETIFF, struct.pack(
                "16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
        finally:
            _libc.setns(home.fileno(), CLONE_NEWNET)
    return fd


def flow_of(packet):
    """(kind, source) of an IPv4 packet; kind is "sip", "vpn" or "other"."""
    source = packet[12:16]
    if packet[0] >> 4 != 4 or packet[9] != UDP:
        return "other", source
    head = 4 * (packet[0] & 15)
    ports = struct.unpack_from("!HH", packet, head)
    return ("sip" if SIP in ports else "vpn"), source


class Lossy:
    """router forwards what comes in by these interfaces through here.

    loss: the share of each kind that is lost, {"sip": 0.2}. delay: seconds
    that a packet is kept at most; as each is kept for another time, some
    overtake others.
    """

    DEVICE = "lossy0"

    def __init__(self, router, arriving, seed, loss, delay=0.0):
        self.router, self.seed, self.loss, self.delay = \
            router, seed, loss, delay
        self.passed, self.dropped = {}, {}
        self._random = {}
        self._kept = []  # heap of (when, number, packet)
        self._count = itertools.count()
        self._fd = tun_in(router.name, self.DEVICE)
        self._end, self._closing = os.pipe()
        router.run("ip", "link", "set", self.DEVICE, "up")
        for conf in ("all", self.DEVICE):
            # it comes back from where nobody would answer to
            router.write(f"/proc/sys/net/ipv4/conf/{conf}/rp_filter", 0)
        router.run("ip", "route", "add", "default", "dev", self.DEVICE,
                   "table", TABLE)
        self._rules = [("iif", name, "lookup", TABLE) for name in arriving]
        for rule in self._rules:
            router.run("ip", "rule", "add", *rule)
        self._thread = threading.Thread(target=self._forward, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        os.close(self._closing)
        self._thread.join(2.0)
        for rule in self._rules:
            self.router.run("ip", "rule", "del", *rule, check=False)
        os.close(self._fd)
        os.close(self._end)

    def _forward(self):
        while True:
            wait = None
            if self._kept:
                wait = max(0.0, self._kept[0][0] - time.monotonic())
            ready = select.select([self._fd, self._end], [], [], wait)[0]
            if self._end in ready:
                return
            if self._fd in ready:
                self._take(os.read(self._fd, MAX_PACKET))
            while self._kept and self._kept[0][0] <= time.monotonic():
                self._send(heapq.heappop(self._kept)[2])

    def _send(self, packet):
        try:
            os.write(self._fd, packet)
        except OSError:  # the router has no room or no way: lost, too
            pass

    def _take(self, packet):
        flow = flow_of(packet)
        kind = flow[0]
        if flow not in self._random:
            self._random[flow] = random.Random(f"{self.seed} {flow}")
        dice = self._random[flow]
        # both are thrown each time: the one does not move the other
        lost, late = dice.random(), dice.random()
        if lost < self.loss.get(kind, 0.0):
            self.dropped[kind] = self.dropped.get(kind, 0) + 1
            return
        self.passed[kind] = self.passed.get(kind, 0) + 1
        heapq.heappush(self._kept, (time.monotonic() + late * self.delay,
                                    next(self._count), packet))
