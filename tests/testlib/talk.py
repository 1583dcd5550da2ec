"""A phone that stays in its calls: it answers with a body, acknowledges, and
sends and gets requests within a dialog, byte for byte as the test wants.

Rule: what a test does not wait for is kept, in order; repetitions are not.
"""

import itertools
import re
import time
from concurrent.futures import ThreadPoolExecutor

from . import bed
from .peer import socket_in, tag_of, uri_of
from .sip import Phone, credentials

_count = itertools.count(1)


class Talker(Phone):
    """netns: where its address ip is, if not here."""

    def __init__(self, server, user, password=None, domain="example.org",
                 netns=None, ip="127.0.0.1"):
        super().__init__(server, user, password, domain=domain)
        if netns:
            self._sock.close()
            self._sock = socket_in(netns, ip)
            self.ip, self.port = self._sock.getsockname()
        self._kept = []
        self._known = set()

    def take(self, what, timeout=5.0, call_id=None):
        """The next request of this method or reply with this code; of the
        call with call_id, if one is given.
        """
        deadline = time.monotonic() + timeout
        while True:
            for message in self._kept:
                if what in (message.method, message.code) and \
                        call_id in (None, message.get("call-id")):
                    self._kept.remove(message)
                    return message
            got = self.receive(deadline - time.monotonic())
            assert got, f"{self.user}: no {what}, but " + ", ".join(
                message.first for message in self._kept)
            if got.raw not in self._known:
                self._known.add(got.raw)
                self._kept.append(got)

    def take_and_answer(self, method, code=200, timeout=10.0, call_id=None):
        """The next request of this method, answered in the same breath."""
        request = self.take(method, timeout, call_id)
        self.answer(request, code)
        return request

    def answer(self, request, code=200, body=b"", kind="application/sdp",
               headers=()):
        """Answer a request; the bytes, to be sent again."""
        lines = [f"SIP/2.0 {code} Fine"]
        for name, value in request.headers:
            if name in ("via", "from", "call-id", "cseq", "record-route"):
                lines.append(f"{name}: {value}")
            elif name == "to":
                tag = "" if tag_of(value) else f";tag=b{self.port}"
                lines.append(f"to: {value}{tag}")
        lines += [f"Contact: <sip:{self.user}@{self.ip}:{self.port}>",
                  *headers]
        if body:
            lines.append(f"Content-Type: {kind}")
        lines.append(f"Content-Length: {len(body)}")
        raw = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
        self.send(raw, request.source)
        return raw


class Leg:
    """A dialog as one of its ends sees it."""

    def __init__(self, phone, call_id, local, remote, target, routes, cseq):
        self.phone, self.call_id = phone, call_id
        self.local, self.remote, self.target = local, remote, target
        self.routes, self.cseq = routes, cseq

    @classmethod
    def of_caller(cls, phone, reply):
        return cls(phone, reply.get("call-id"), reply.get("from"),
                   reply.get("to"), uri_of(reply.get("contact")),
                   reply.all("record-route")[::-1],
                   int(reply.get("cseq").split()[0]))

    @classmethod
    def of_callee(cls, phone, request):
        to = f"{request.get('to')};tag=b{phone.port}"
        return cls(phone, request.get("call-id"), to, request.get("from"),
                   uri_of(request.get("contact")),
                   request.all("record-route"), 0)

    def build(self, method, body=b"", cseq=None, kind="application/sdp",
              headers=()):
        if cseq is None:
            self.cseq += 1
            cseq = self.cseq
        here = f"{self.phone.ip}:{self.phone.port}"
        lines = [
            f"{method} {self.target} SIP/2.0",
            f"Via: SIP/2.0/UDP {here};rport;branch=z9hG4bKt{next(_count)}"
            f"{self.phone.port}",
            "Max-Forwards: 70", f"From: {self.local}", f"To: {self.remote}",
            f"Call-ID: {self.call_id}", f"CSeq: {cseq} {method}",
            f"Contact: <sip:{self.phone.user}@{here}>",
            *(f"Route: {route}" for route in self.routes), *headers]
        if body:
            lines.append(f"Content-Type: {kind}")
        lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    def request(self, method, body=b"", **fields):
        """The final reply. An INVITE's 2xx is for ack(), a refusal is
        acknowledged here.
        """
        raw = self.build(method, body, **fields)
        reply = self.phone._exchange(raw, self.cseq, self.call_id, 10.0)
        if method == "INVITE" and reply.code >= 300:
            raw = raw.replace(b"INVITE", b"ACK")
            to = f"To: {reply.get('to')}".encode()
            raw = re.sub(rb"To: [^\r]*", lambda unused: to, raw, count=1)
            head = raw.partition(b"\r\n\r\n")[0]
            head = re.sub(rb"Content-Type: [^\r]*\r\n", b"", head)
            self.phone.send(re.sub(rb"Content-Length: .*",
                                   b"Content-Length: 0", head)
                            + b"\r\n\r\n")
        return reply

    def ack(self, body=b"", **fields):
        self.phone.send(self.build("ACK", body, cseq=self.cseq, **fields))


def talker(server, user, **options):
    return Talker((server.ip, server.port), user, bed.PASSWORD + user,
                  domain=server.domain, **options)


def together(first, second):
    """Two things at once; their results."""
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(second)
        return first(), other.result(30)


def call(one, two, offer=b"", answer=b"", kind="application/sdp", early=(),
         **fields):
    """one calls two, who answers 200; nobody has acknowledged yet.

    The two legs, the INVITE that two got, the 200 that one got. early: codes
    of replies that come before, with the same body.
    """
    def answered():
        request = two.take("INVITE", 10.0)
        for code in early:
            two.answer(request, code, answer, kind)
        two.answer(request, 200, answer, kind)
        return request

    reply, request = together(
        lambda: one.invite(two.user, offer, timeout=10.0, **fields), answered)
    assert reply.code == 200, reply.first
    return (Leg.of_caller(one, reply), Leg.of_callee(two, request), request,
            reply)


def dial(one, two, offer=b"", call_id=None, cseq=2):
    """The INVITE of one that two has got; all else is for take()."""
    uri = f"sip:{two.user}@{one.domain}"
    call_id = call_id or f"{one.port}-{next(_count)}-dial"
    asked = one.request("INVITE", uri, authenticate=False, body=offer,
                        call_id=call_id)
    value = credentials(asked.get("proxy-authenticate"), one.user,
                        one.password, "INVITE", uri)
    one.send(one.build("INVITE", uri, cseq, call_id,
                       f"z9hG4bKd{next(_count)}{one.port}", body=offer,
                       headers=["Proxy-Authorization: " + value]))
    return two.take("INVITE")


def reliably(one, two, invite, body=b"", rseq=1, code=183):
    """two answers with a reply that wants a PRACK: one's early dialog."""
    two.answer(invite, code, body, headers=["Require: foo, 100REL",
                                            f"RSeq: {rseq}"])
    got = one.take(code)
    return Leg.of_caller(one, got), got


def within(leg, other, method, body=b"", answer=b"", **fields):
    """A request of leg's, answered 200 by other: what each of them got. Of
    another call there may be a second BYE: from 5.7 on it is not known whether
    the callee of a call that is ended from here has got the first.
    """
    def answered():
        request = other.take(method, 10.0, leg.call_id)
        other.answer(request, 200, answer)
        return request

    reply, request = together(lambda: leg.request(method, body, **fields),
                              answered)
    return request, reply
