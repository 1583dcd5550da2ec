"""One SIP message at a time over UDP or TCP, any bytes in, any bytes out.

Rule: a Line sends what it is given and hands out what arrives; what makes
sense as a call is the test's affair.
"""

import itertools
import re
import socket
import time

from .sip import Message

_count = itertools.count(1)
HEADERS = ("via", "from", "call-id", "cseq", "record-route")


class Line:
    """One end at the server (ip, port). kind: "udp" or "tcp"; a TCP line
    that calls connects, one that is called accepts.
    """

    def __init__(self, server, kind="udp", ip="127.0.0.1"):
        self.server, self.kind = server, kind
        udp = kind == "udp"
        self._sock = socket.socket(
            socket.AF_INET, socket.SOCK_DGRAM if udp else socket.SOCK_STREAM)
        self._sock.bind((ip, 0))
        self.ip, self.port = self._sock.getsockname()
        self._listening = False
        self._stream = None
        self._rest = b""

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        for sock in (self._stream, self._sock):
            if sock:
                sock.close()

    @property
    def uri(self):
        return f"sip:you@{self.ip}:{self.port};transport={self.kind}"

    def listen(self):
        """For TCP, before somebody calls."""
        if self.kind == "tcp":
            self._sock.listen(1)
            self._listening = True
        return self

    def send(self, raw, to=None):
        if self.kind == "udp":
            self._sock.sendto(raw, to or self.server)
            return
        if not self._stream:
            self._sock.connect(self.server)
            self._stream, self._sock = self._sock, None
        self._stream.sendall(raw)

    def receive(self, timeout=10.0):
        """The next message; AssertionError when none comes."""
        deadline = time.monotonic() + timeout
        try:
            if self.kind == "udp":
                self._sock.settimeout(timeout)
                raw, source = self._sock.recvfrom(65535)
                return Message(raw, source)
            return Message(self._from_stream(deadline))
        except TimeoutError:
            raise AssertionError(f"nothing came within {timeout} s") from None

    def _from_stream(self, deadline):
        if self._listening:
            self._sock.settimeout(max(0.1, deadline - time.monotonic()))
            self._stream = self._sock.accept()[0]
            self._listening = False
        while True:
            head, end, body = self._rest.partition(b"\r\n\r\n")
            found = re.search(rb"(?i)\r\nContent-Length: *(\d+)", head)
            if end and found and len(body) >= int(found.group(1)):
                cut = len(head) + 4 + int(found.group(1))
                raw, self._rest = self._rest[:cut], self._rest[cut:]
                return raw
            self._stream.settimeout(max(0.1, deadline - time.monotonic()))
            got = self._stream.recv(65535)
            assert got, "the connection was closed"
            self._rest += got

    def take(self, what, timeout=10.0):
        """The next message with this method or code; others are left out."""
        deadline = time.monotonic() + timeout
        while True:
            got = self.receive(max(0.1, deadline - time.monotonic()))
            if what in (got.method, got.code):
                return got

    # --- messages ----------------------------------------------------------

    def request(self, method, uri, body=b"", headers=(), call_id=None,
                to_tag=None, cseq=1, kind="application/sdp"):
        """Send a request; its Call-ID."""
        number = next(_count)
        call_id = call_id or f"{self.port}-{number}"
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/{self.kind.upper()} {self.ip}:{self.port};rport"
            f";branch=z9hG4bK{self.port}-{number}",
            "Max-Forwards: 70", "From: <sip:me@example.org>;tag=me",
            "To: <sip:you@example.org>"
            + (f";tag={to_tag}" if to_tag else ""),
            f"Call-ID: {call_id}", f"CSeq: {cseq} {method}",
            f"Contact: <sip:me@{self.ip}:{self.port}"
            f";transport={self.kind}>", *headers]
        self.send(finish(lines, body, kind))
        return call_id

    def reply(self, request, code, phrase="What", body=b"", headers=(),
              kind="application/sdp"):
        lines = [f"SIP/2.0 {code} {phrase}"]
        for name, value in request.headers:
            if name in HEADERS:
                lines.append(f"{name}: {value}")
            elif name == "to":
                tag = "" if ";tag=" in value else f";tag=t{self.port}"
                lines.append(f"to: {value}{tag}")
        lines += [f"Contact: <{self.uri}>", *headers]
        self.send(finish(lines, body, kind), request.source)


def finish(lines, body, kind):
    if body:
        lines = [*lines, f"Content-Type: {kind}"]
    lines = [*lines, f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
