"""Messages that were good once, thrown at a running sipvpn-ua: what the
fuzzers do to its own parsers, done to all of it, libosip2 included.
"""

import random

import pytest

from testlib import ua
from testlib.lab import USER

MESSAGES = 300
AT_ONCE = 25  # what the socket's buffer surely holds
METHODS = ["INVITE", "INVITE", "UPDATE", "ACK", "OPTIONS", "BYE", "CANCEL",
           "REGISTER", "PRACK"]
PIECES = [b"\0", b"\r\n", b"\n", b" ", b":", b";", b"<", b">", b'"', b"\\",
          b"%00", b"@", b"[", b",", b"=", b"\xff", b"A" * 300, b"9" * 30,
          b"-1", b"4294967296", b"\r\n\r\n", b"\r\nContent-Length: 5",
          b"\r\nVia: SIP/2.0/UDP x", b"\r\nRoute: <sip:a;lr>",
          b"\r\nRequire: x", b"\r\nSession-Expires: 1", b"\r\nContact: *",
          b"\r\nA: b" * 300, b"X" * 20000,
          b"\r\nm=application/vpn 1 OpenVPN 0"]


def mutated(dice, raw):
    """raw with one to eight changes."""
    for unused in range(dice.choice((1, 1, 1, 2, 3, 8))):
        at = dice.randrange(len(raw) + 1)
        how = dice.randrange(5)
        if how == 0:
            raw = raw[:at] + dice.choice(PIECES) + raw[at:]
        elif how == 1:
            raw = raw[:at] + raw[at + dice.choice((1, 2, 5, 40, 300)):]
        elif how == 2:
            raw = raw[:at] + bytes([dice.randrange(256)]) + raw[at + 1:]
        elif how == 3:
            lines = raw.split(b"\r\n")
            lines.insert(dice.randrange(len(lines)), dice.choice(lines))
            raw = b"\r\n".join(lines)
        else:
            raw = raw[:at] or raw
    return raw[:60000]


def options(lab):
    """It still answers."""
    call = lab.dial()
    call.send("OPTIONS")
    while lab.peer.take(200).get("call-id") != call.call_id:
        pass


@pytest.mark.parametrize("seed", range(3))
def test_mutated_messages(lab, seed):
    dice = random.Random(seed)
    program = lab.waiting()
    for number in range(MESSAGES):
        method = dice.choice(METHODS)
        has_body = method in ("INVITE", "UPDATE", "ACK")
        raw = lab.dial().build(method, lab.good() if has_body else b"")
        if dice.random() < 0.1:
            code = dice.choice((100, 180, 200, 302, 401, 407, 488, 500, 603))
            raw = raw.replace(f"{method} sip:{USER}@{lab.PC}:5060 SIP/2.0"
                              .encode(), f"SIP/2.0 {code} Well".encode())
        lab.peer.send(mutated(dice, raw), (lab.PC, 5060))
        if number % AT_ONCE == 0:
            options(lab)
    options(lab)
    assert program.stop() == ua.OK
