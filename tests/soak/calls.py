"""What a soak does to a server: users who call each other in every way there
is, some of them wrong, until they are told to stop.

Rule: a driver is excused for what goes wrong while the server is restarted,
and for nothing else.
"""

import glob
import os
import random
import re
import select
import threading
import time

from testlib import bed, keepbed
from testlib.kamailio import TOP
from testlib.rtpengine import IP as RELAY_IP
from testlib.sip import T1
from testlib.talk import Talker, call, within

GROUP = "soak"
SECTION = bed.vpn(GROUP)
VPN = bed.sdp(SECTION)
AUDIO = bed.sdp(bed.AUDIO)
MIXED = bed.sdp(bed.AUDIO, SECTION)
KEPT = SECTION.replace("\r\n", "\r\nc=IN IP4 127.0.0.1\r\n", 1).encode() \
    + b"\r\n"
CORPUS = os.path.join(TOP, "tests", "fuzz", "corpus", "vpnsdp", "*")
MAX_BODY = 8000  # bytes; the message fits one datagram with room
# how often each is done, of their sum
SHARES = {"vpn_call": 8, "voice_call": 4, "mixed_call": 4, "late_call": 4,
          "strangers_late_call": 3, "refused_call": 4, "malformed_offer": 8,
          "malformed_answer": 4, "malformed_ack": 2, "revoked_call": 2,
          "register_again": 1}


def corpus():
    found = [VPN, MIXED]
    for path in glob.glob(CORPUS):
        with open(path, "rb") as file:
            found.append(file.read()[:MAX_BODY])
    return found


def spoil(dice, body):
    """body with one to four things done to it that nobody should do."""
    for unused in range(dice.randint(1, 4)):
        lines = body.splitlines(keepends=True) or [b"\r\n"]
        at = dice.randrange(len(lines))
        kind = dice.randrange(8)
        if kind == 0:
            del lines[at]
        elif kind == 1:
            lines.insert(at, dice.choice(lines))
        elif kind == 2:
            dice.shuffle(lines)
        elif kind == 3:
            lines[at] = lines[at][:dice.randrange(len(lines[at]) + 1)]
        elif kind == 4:
            lines[at] = re.sub(rb"\d+", b"9" * dice.randint(1, 30), lines[at])
        elif kind == 5:
            lines.insert(at, dice.randbytes(dice.randint(1, 200)))
        elif kind == 6:
            lines[at] = lines[at].replace(b" ", b"  ").rstrip(b"\r\n") + b"\n"
        else:
            lines.insert(at, SECTION.encode() + b"\r\n")
        body = b"".join(lines)[:MAX_BODY]
    return body


class Refuser(threading.Thread):
    """Answers every call to a user with 486, and all else with 200."""

    def __init__(self, phone):
        super().__init__(daemon=True)
        self.phone, self.over = phone, threading.Event()

    def run(self):
        while not self.over.is_set():
            got = self.phone.receive(0.2)
            if got and got.method not in (None, "ACK"):
                self.phone.answer(got, 486 if got.method == "INVITE" else 200)


class Driver(threading.Thread):
    """Three users: two members who call each other, and a stranger."""

    def __init__(self, soak, number):
        super().__init__(daemon=True, name=f"driver {number}")
        self.soak, self.dice = soak, random.Random(f"{soak.seed} {number}")
        self.done = dict.fromkeys(SHARES, 0)
        self.cut = 0  # calls that a restart came into
        self.idle = True
        self._known = None  # the server that the phones registered at
        self.users = [f"{kind}{number}" for kind in ("one", "two", "not")]
        self.bodies = corpus()

    def _phone(self, user):
        server = self.soak.server
        return Talker((server.ip, server.port), user, bed.PASSWORD + user,
                      domain=server.domain)

    def run(self):
        one, two, stranger = map(self._phone, self.users)
        refuser = Talker(one.server, "no" + self.users[0],
                         bed.PASSWORD + "no" + self.users[0],
                         domain=one.domain)
        with one, two, stranger, refuser:
            self.one, self.two, self.stranger = one, two, stranger
            self.refuser = refuser
            self._work()

    def _work(self):
        names, weights = list(SHARES), list(SHARES.values())
        while self.soak.may_go_on(self):
            shake = self.soak.shake
            name = self.dice.choices(names, weights)[0]
            try:
                if self._known != shake:
                    self.register_again()
                    self._known = shake
                if getattr(self, name)() is not False:
                    self.done[name] += 1
            except Exception as error:  # whatever it is, it is a finding
                if shake % 2 or shake != self.soak.shake:
                    self.cut += 1
                else:
                    self.soak.find(f"{self.name}, {name}: "
                                   f"{type(error).__name__}: {error}")
                self._known = None
            self._tidy()

    def _tidy(self):
        """Answer what is still to come of a call, and forget it."""
        for phone in (self.one, self.two, self.stranger):
            waiting = phone._kept
            phone._kept = []
            got = phone.receive(0)
            while got:
                waiting.append(got)
                got = phone.receive(0)
            for message in waiting:
                if message.method not in (None, "ACK"):
                    phone.answer(message)
            if len(phone._known) > 5000:
                phone._known.clear()

    # --- what can be done --------------------------------------------------

    def register_again(self):
        """The refuser's socket is read by its thread, so not while that
        runs.
        """
        for phone in (self.one, self.two, self.stranger, self.refuser):
            phone.register()

    def _end(self, leg, other):
        """BYE. The server may have ended the call by itself (481), and what
        it sends for that is answered, too.
        """
        raw, deadline = leg.build("BYE"), time.monotonic() + 10
        phones = {phone._sock: phone for phone in (leg.phone, other)}
        sent = 0.0
        while time.monotonic() < deadline:
            if time.monotonic() - sent > T1:
                leg.phone.send(raw)
                sent = time.monotonic()
            for ready in select.select(list(phones), [], [], T1)[0]:
                got = phones[ready].receive()
                if got.method not in (None, "ACK"):
                    phones[ready].answer(got)
                elif got.code and got.code >= 200 and \
                        got.get("call-id") == leg.call_id and \
                        got.get("cseq") == f"{leg.cseq} BYE":
                    assert got.code in (200, 481), got.first
                    return
        raise AssertionError("no answer to BYE")

    def vpn_call(self):
        one, two, request, reply = call(self.one, self.two, VPN, VPN)
        one.ack()
        assert (request.body, reply.body) == (VPN, VPN)
        if self.dice.random() < 0.3:
            request, reply = within(two, self.one, "INVITE", VPN, VPN)
            two.ack()
            assert (request.body, reply.body) == (VPN, VPN)
        self._end(*((one, self.two) if self.dice.random() < 0.5
                    else (two, self.one)))

    def voice_call(self):
        one, unused, request, reply = call(self.stranger, self.two, AUDIO,
                                           AUDIO)
        one.ack()
        assert keepbed.address(request.body)[0] == RELAY_IP, request.raw
        assert keepbed.address(reply.body)[0] == RELAY_IP, reply.raw
        self._end(one, self.two)

    def mixed_call(self):
        one, unused, request, reply = call(self.one, self.two, MIXED, MIXED)
        one.ack()
        for message in (request, reply):
            assert keepbed.address(message.body)[0] == RELAY_IP, message.raw
            assert keepbed.vpn(message.body) == KEPT, message.raw
        self._end(one, self.two)

    def late_call(self):
        one, unused, unused, reply = call(self.one, self.two, b"", VPN)
        one.ack(VPN)
        assert reply.body == VPN
        self._end(one, self.two)

    def strangers_late_call(self):
        one, unused, unused, reply = call(self.stranger, self.two, b"", VPN)
        one.ack(VPN)
        assert b"m=application/vpn 0 " in reply.body, reply.raw
        self._end(one, self.two)

    def refused_call(self):
        reply = self.stranger.invite(self.two.user, VPN)
        assert reply.code == 403, reply.first

    def malformed_offer(self):
        """To somebody who declines it, should it get there."""
        body = spoil(self.dice, self.dice.choice(self.bodies))
        kind = "application/sdp"
        if self.dice.random() < 0.2:
            body, kind = keepbed.multipart(body)
        answering = Refuser(self.refuser)
        answering.start()
        try:
            caller = self.dice.choice((self.one, self.stranger))
            reply = caller.invite(self.refuser.user, body, timeout=10.0,
                                  content_type=kind)
        finally:
            answering.over.set()
            answering.join()
        assert reply.code in (400, 403, 486, 488), reply.first

    def malformed_answer(self):
        offer = self.dice.choice((VPN, MIXED, b""))
        body = spoil(self.dice, self.dice.choice(self.bodies))
        one, unused, unused, unused = call(self.one, self.two, offer, body)
        one.ack(b"" if offer else VPN)
        self._end(one, self.two)

    def malformed_ack(self):
        one, unused, unused, unused = call(self.one, self.two, b"", VPN)
        one.ack(spoil(self.dice, VPN))
        self._end(one, self.two)

    def revoked_call(self):
        """False where the server cannot do it."""
        if not self.soak.can_revoke:
            return False
        one, two, unused, unused = call(self.one, self.two, VPN, VPN)
        one.ack()
        self.two.take("ACK")
        self.soak.rpc("sipvpn.revoke", self.one.user)
        for phone in (self.one, self.two):
            phone.answer(phone.take("BYE"))
        return True
