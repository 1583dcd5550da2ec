"""When does an address begin to answer? Run as a program in a namespace.

usage: firstping.py ADDRESS SECONDS

Sends an ICMP echo every two milliseconds, prints "ready" with the first
and "first REPLY_TIME" (CLOCK_MONOTONIC, seconds) when the first reply comes.
Exit code 1 when none came in SECONDS.
"""

import os
import select
import socket
import struct
import sys
import time

INTERVAL = 0.002
ECHO, ECHO_REPLY = 8, 0  # RFC 792
IP_HEADER = 20  # a raw socket delivers it too; ping replies carry no options


def checksum(packet):
    """The Internet checksum (RFC 1071) of an even number of bytes."""
    total = sum(struct.unpack(f"!{len(packet) // 2}H", packet))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def echo(ident, sequence):
    fields = (ident, sequence & 0xffff)
    total = checksum(struct.pack("!BBHHH", ECHO, 0, 0, *fields))
    return struct.pack("!BBHHH", ECHO, 0, total, *fields)


def is_reply(packet, sender, address, ident):
    if sender[0] != address or len(packet) < IP_HEADER + 8:
        return False
    kind, unused, unused, got = struct.unpack_from("!BBHH", packet, IP_HEADER)
    return kind == ECHO_REPLY and got == ident


def main(address, seconds):
    ident = os.getpid() & 0xffff
    deadline = time.monotonic() + seconds
    with socket.socket(socket.AF_INET, socket.SOCK_RAW,
                       socket.IPPROTO_ICMP) as raw:
        sequence = 0
        while time.monotonic() < deadline:
            try:
                raw.sendto(echo(ident, sequence), (address, 0))
            except OSError:
                pass  # no way there yet: that is what we wait for
            if sequence == 0:
                print("ready", flush=True)
            sequence += 1
            until = time.monotonic() + INTERVAL
            while True:
                left = until - time.monotonic()
                if left <= 0 or not select.select([raw], [], [], left)[0]:
                    break
                packet, sender = raw.recvfrom(2048)
                now = time.monotonic()
                if is_reply(packet, sender, address, ident):
                    print(f"first {now:.6f}", flush=True)
                    return 0
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], float(sys.argv[2])))
