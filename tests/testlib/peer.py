"""The SIP side of sipvpn-ua as a test wants it, byte by byte: the server
that it registers at, and whoever is behind that server.

Rule: requests that begin or end something for the UA (REGISTER, BYE,
CANCEL) are answered by the peer itself, all else by the test. UDP; see
streampeer.py for TCP.
"""

import ctypes
import itertools
import re
import select
import socket
import threading
import time

from .sip import Message

CLONE_NEWNET = 0x40000000  # sched.h
TAG = "there"
_libc = ctypes.CDLL(None, use_errno=True)
_count = itertools.count(1)


def socket_in(netns, ip, port=0, kind=socket.SOCK_DGRAM):
    """A socket of a namespace: it stays there, this thread does not."""
    with open("/proc/thread-self/ns/net", encoding="ascii") as home, \
            open(f"/run/netns/{netns}", encoding="ascii") as there:
        if _libc.setns(there.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
        try:
            sock = socket.socket(socket.AF_INET, kind)
            sock.bind((ip, port))
        finally:
            _libc.setns(home.fileno(), CLONE_NEWNET)
    return sock


def tag_of(value):
    found = re.search(r";\s*tag=([^;\s]+)", value)
    return found.group(1) if found else None


def uri_of(contact):
    return re.search(r"<([^>]*)>", contact).group(1)


def expires_of(request):
    return int(request.get("expires") or 3600)


def granted(request):
    """How a good-natured registrar answers."""
    if expires_of(request) == 0:
        return 200, "OK", []
    return 200, "OK", [f"Contact: {request.get('contact')};expires="
                       f"{expires_of(request)}"]


class Peer:
    """A socket at ip:port of a namespace, read by a thread.

    register: how REGISTER is answered, a function from the request to code,
    phrase and headers. silent: nothing is answered at all.
    """

    transport = "UDP"

    def __init__(self, netns, ip, port=5060, register=granted, silent=False):
        self.ip, self.register, self.silent = ip, register, silent
        self.netns = netns
        self.sock = self._bind(port)
        self.port = self.sock.getsockname()[1]
        self.got = []  # every message, repetitions left out
        self._taken = 0
        self._left = []  # came before what was taken
        self._replies = {}  # what a repeated request gets again
        self._news = threading.Condition()
        self._end, self._closing = socket.socketpair()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def _bind(self, port):
        return socket_in(self.netns, self.ip, port)

    def close(self):
        self._closing.close()
        self._thread.join(1.0)
        self.sock.close()
        self._end.close()

    # --- what comes --------------------------------------------------------

    def _read(self):
        while True:
            ready = select.select([self.sock, self._end], [], [])[0]
            if self._end in ready:
                return
            try:
                raw, source = self.sock.recvfrom(65535)
            except OSError:  # the ICMP error of something we sent
                continue
            if raw.strip(b"\r\n\0"):
                self._sort(Message(raw, source))

    def _sort(self, message):
        with self._news:
            if message.method:
                key = (message.method, message.get("via"))
                if key in self._replies:
                    if self._replies[key]:
                        self.send(self._replies[key], message.source)
                    return
                self._replies[key] = None
            self.got.append(message)
            self._news.notify_all()
        if self.silent:
            return
        if message.method == "REGISTER":
            self.reply(message, *self.register(message))
        elif message.method in ("BYE", "CANCEL"):
            self.reply(message, 200, "OK")

    def take(self, what, timeout=5.0):
        """The next request of this method or reply with this code. What
        came before it and was not asked for may still be taken.
        """
        deadline = time.monotonic() + timeout
        with self._news:
            while True:
                self._left += self.got[self._taken:]
                self._taken = len(self.got)
                for message in self._left:
                    if what in (message.method, message.code):
                        self._left.remove(message)
                        return message
                left = deadline - time.monotonic()
                if left <= 0:
                    raise AssertionError(
                        f"no {what} within {timeout} s, but\n" + "\n".join(
                            m.first for m in self.got[-20:]))
                self._news.wait(left)

    def final(self, call_id, cseq, timeout):
        """The final reply to one request; it may be taken all the same."""
        def fits(m):
            return m.code and m.code >= 200 and m.get("cseq") == cseq and \
                m.get("call-id") == call_id

        with self._news:
            assert self._news.wait_for(
                lambda: any(map(fits, self.got)), timeout), \
                f"no final reply to {call_id} {cseq}"
            return next(filter(fits, self.got))

    def forget(self):
        """Nothing of what has come so far is taken or counted any more."""
        with self._news:
            self.got, self._left, self._taken = [], [], 0

    def forget_request(self, request):
        """Its repetition is to be seen, too."""
        with self._news:
            self._replies.pop((request.method, request.get("via")))

    def count(self, what):
        """How many have come of a method or code."""
        with self._news:
            return sum(what in (m.method, m.code) for m in self.got)

    # --- what goes ---------------------------------------------------------

    def send(self, raw, to):
        if isinstance(raw, str):
            raw = raw.encode()
        self.sock.sendto(raw, to)

    def reply(self, request, code, phrase, headers=(), body=b"", **fields):
        """Answer a request; it gets the same again when it repeats itself."""
        lines = [f"SIP/2.0 {code} {phrase}"]
        for name, value in request.headers:
            if name in ("via", "from", "call-id", "cseq", "record-route"):
                lines.append(f"{name}: {value}")
            elif name == "to":
                tag = "" if tag_of(value) or code == 100 else f";tag={TAG}"
                lines.append(f"to: {value}{tag}")
        if not any(h.lower().startswith("contact:") for h in headers):
            lines.append(f"Contact: <sip:peer@{self.ip}:{self.port}>")
        raw = finish(lines + list(headers), body, **fields)
        self._replies[request.method, request.get("via")] = raw
        self.send(raw, request.source)
        return raw

    def called(self, request):
        """The dialog that our 200 to the UA's INVITE opens."""
        return Dialog(self, request.source, request.get("call-id"),
                      f"{request.get('to')};tag={TAG}", request.get("from"),
                      uri_of(request.get("contact")))

    def dialog(self, ua, user, port=5060):
        """The UA's user at (address, port), about to be called."""
        number = next(_count)
        return Dialog(self, (ua, port), f"call-{number}",
                      f"<sip:peer@{self.ip}>;tag=f{number}",
                      f"<sip:{user}@{self.ip}>", f"sip:{user}@{ua}:{port}")


def finish(lines, body, length=None, kind="application/sdp"):
    """Header lines and body as bytes. length: a Content-Length that lies,
    or that is no number; "" leaves it out. kind: of the body.
    """
    if isinstance(body, str):
        body = body.encode()
    if body:
        lines = [*lines, f"Content-Type: {kind}"]
    if length != "":
        lines = [*lines, "Content-Length: "
                 f"{len(body) if length is None else length}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Dialog:
    """One call between a peer and the UA, as the peer sees it."""

    def __init__(self, peer, ua, call_id, local, remote, target):
        self.peer, self.ua = peer, ua
        self.call_id, self.local, self.remote = call_id, local, remote
        self.target = target
        self.cseq = 0
        self.branch = None  # of the INVITE

    def build(self, method, body=b"", headers=(), cseq=None, branch=None,
              target=None, contact=None, **fields):
        """The bytes of a request."""
        if cseq is None:
            self.cseq += 1
            cseq = self.cseq
        branch = branch or f"z9hG4bK{next(_count)}"
        if method == "INVITE":
            self.branch = branch
        here = f"{self.peer.ip}:{self.peer.port}"
        return finish([
            f"{method} {target or self.target} SIP/2.0",
            f"Via: SIP/2.0/{self.peer.transport} {here};branch={branch}",
            "Max-Forwards: 70", f"From: {self.local}", f"To: {self.remote}",
            f"Call-ID: {self.call_id}", f"CSeq: {cseq} {method}",
            f"Contact: {contact or f'<sip:peer@{here}>'}", *headers], body,
            **fields)

    def send(self, method, *args, **fields):
        raw = self.build(method, *args, **fields)
        self.peer.send(raw, self.ua)
        return raw

    def invite(self, body=b"", **fields):
        """Call the UA: its final reply. A refusal is acknowledged."""
        self.send("INVITE", body, **fields)
        return self.final()

    def final(self, timeout=5.0):
        """The final reply to the INVITE; a refusal is acknowledged."""
        message = self.peer.final(self.call_id, f"{self.cseq} INVITE",
                                  timeout)
        if message.code >= 300:
            to, self.remote = self.remote, message.get("to")
            self.send("ACK", cseq=self.cseq, branch=self.branch)
            self.remote = to
        else:
            self.remote = message.get("to")
            self.target = uri_of(message.get("contact"))
        return message

    def ack(self, body=b"", **fields):
        return self.send("ACK", body, cseq=self.cseq, **fields)

    def bye(self, **fields):
        """End the call; the UA's reply."""
        self.send("BYE", **fields)
        mine = f"{self.cseq} BYE"
        while True:
            reply = self.peer.take(200)
            if reply.get("cseq") == mine:
                return reply

    def cancel(self):
        self.send("CANCEL", cseq=self.cseq, branch=self.branch)
