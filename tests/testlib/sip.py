"""A SIP phone of a few lines, for what sipp cannot show: it sends any body
and any header, and keeps what arrives byte for byte.

Rule: one socket, one thing at a time; UDP only.
"""

import hashlib
import itertools
import re
import socket
import time

T1 = 0.5  # seconds to the first retransmission, RFC 3261 section 17.1.1.1
_count = itertools.count(1)


class Message:
    """A request or a reply: first, headers (lower-case names), body, raw."""

    def __init__(self, raw, source=None):
        self.raw, self.source = raw, source
        head, unused, self.body = raw.partition(b"\r\n\r\n")
        lines = head.decode("utf-8", "replace").split("\r\n")
        self.first = lines[0]
        self.headers = [(name.strip().lower(), value.strip()) for
                        name, unused, value in
                        (line.partition(":") for line in lines[1:])]
        status = re.match(r"SIP/2\.0 (\d{3}) (.*)", self.first)
        self.code = int(status.group(1)) if status else None
        self.phrase = status.group(2) if status else None
        self.method = None if status else self.first.split(" ")[0]

    def all(self, name):
        return [value for key, value in self.headers if key == name]

    def get(self, name):
        return next(iter(self.all(name)), None)


def md5(*parts):
    return hashlib.md5(":".join(parts).encode()).hexdigest()


def credentials(challenge, user, password, method, uri):
    """The value that answers a Digest challenge (RFC 7616, qop auth)."""
    field = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge))
    ha1 = md5(user, field["realm"], password)
    ha2 = md5(method, uri)
    response = md5(ha1, field["nonce"], "00000001", "c", "auth", ha2)
    return (f'Digest username="{user}", realm="{field["realm"]}", '
            f'nonce="{field["nonce"]}", uri="{uri}", qop=auth, cnonce="c", '
            f'nc=00000001, algorithm=MD5, response="{response}"')


class Phone:
    """A user at an address. ip: its own, server: (ip, port)."""

    def __init__(self, server, user, password=None, ip="127.0.0.1",
                 domain="example.org"):
        self.contact = ""  # parameters of its Contact
        self.server, self.user, self.password = server, user, password
        self.domain = domain
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.bind((ip, 0))
        self._seen = set()  # Call-IDs of the calls that came
        self.ip, self.port = self._sock.getsockname()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self._sock.close()

    def send(self, raw, to=None):
        self._sock.sendto(raw, to or self.server)

    def receive(self, timeout=5.0):
        """The next message, or None."""
        self._sock.settimeout(max(timeout, 0.001))
        try:
            raw, source = self._sock.recvfrom(65535)
        except TimeoutError:
            return None
        return Message(raw, source)

    def build(self, method, uri, cseq, call_id, branch, body=b"", to=None,
              from_user=None, content_type="application/sdp", headers=(),
              length=None):
        """The bytes of a request. length: a Content-Length that lies."""
        to = to or f"sip:{uri.split(':', 1)[1]}"
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.ip}:{self.port};rport;branch={branch}",
            "Max-Forwards: 70",
            f"From: <sip:{from_user or self.user}@{self.domain}>"
            f";tag={call_id}",
            f"To: <{to}>",
            f"Call-ID: {call_id}",
            f"CSeq: {cseq} {method}",
            f"Contact: <sip:{self.user}@{self.ip}:{self.port}>{self.contact}",
            *headers]
        if body and content_type:
            lines.append(f"Content-Type: {content_type}")
        lines.append(
            f"Content-Length: {len(body) if length is None else length}")
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    def _exchange(self, raw, cseq, call_id, timeout):
        """Send until something comes; the final reply."""
        deadline = time.monotonic() + timeout
        wait = T1
        self.send(raw)
        provisional = False
        while time.monotonic() < deadline:
            left = deadline - time.monotonic()
            got = self.receive(left if provisional else min(wait, left))
            if got is None:
                if not provisional:
                    self.send(raw)
                    wait *= 2
                continue
            if got.get("call-id") != call_id or got.code is None or \
                    got.get("cseq").split()[0] != str(cseq):
                continue
            provisional = True
            if got.code >= 200:
                return got
        raise AssertionError(f"{self.user}: no final reply to\n"
                             f"{raw.decode('utf-8', 'replace')}")

    def request(self, method, uri, timeout=5.0, authenticate=True,
                username=None, call_id=None, **fields):
        """The final reply to a request, a challenge answered once."""
        call_id = call_id or f"{self.port}-{next(_count)}-{self.user}"
        headers = list(fields.pop("headers", ()))
        for cseq in (1, 2):
            branch = f"z9hG4bK{self.port}-{next(_count)}"
            raw = self.build(method, uri, cseq, call_id, branch,
                             headers=headers, **fields)
            reply = self._exchange(raw, cseq, call_id, timeout)
            if method == "INVITE" and reply.code >= 300:
                self._ack(uri, cseq, call_id, branch, reply)
            name = {401: "www-authenticate",
                    407: "proxy-authenticate"}.get(reply.code)
            if not name or not authenticate or cseq == 2:
                return reply
            value = credentials(reply.get(name), username or self.user,
                                self.password, method, uri)
            headers.append(("Authorization: " if reply.code == 401 else
                            "Proxy-Authorization: ") + value)
        return reply

    def _ack(self, uri, cseq, call_id, branch, reply):
        """RFC 3261 section 17.1.1.3: the ACK of a refusal."""
        raw = self.build("ACK", uri, cseq, call_id, branch)
        to = reply.get("to").encode()
        self.send(re.sub(rb"\r\nTo: [^\r]*", b"\r\nTo: " + to, raw))

    def register(self, expires=300, contact=None):
        """contact: a parameter that says what kind of device this is."""
        if contact:
            self.contact = ";" + contact
        reply = self.request(
            "REGISTER", f"sip:{self.domain}", headers=[f"Expires: {expires}"],
            to=f"sip:{self.user}@{self.domain}")
        assert reply.code == 200, reply.first
        return self

    def invite(self, callee, body, **fields):
        return self.request("INVITE", f"sip:{callee}@{self.domain}",
                            body=body, **fields)

    def called(self, timeout=5.0):
        """The INVITE that arrives, answered 486 so that the call is over;
        None when none comes.
        """
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            got = self.receive(deadline - time.monotonic())
            if got and got.method == "INVITE":
                self.reply(got, 486, "Busy Here")
                if got.get("call-id") not in self._seen:
                    self._seen.add(got.get("call-id"))
                    return got
        return None

    def was_called(self):
        """Whether a new INVITE has come. What the server sends comes in
        order, so an answer of its own shows that nothing is on its way.
        """
        fence = f"fence-{next(_count)}"
        uri = "sip:%s:%d" % self.server
        self.send(self.build("OPTIONS", uri, 1, fence, "z9hG4bK" + fence))
        called = False
        while True:
            got = self.receive()
            assert got, "the server does not answer"
            if got.method == "INVITE":
                called |= got.get("call-id") not in self._seen
            elif got.get("call-id") == fence:
                return called

    def reply(self, request, code, phrase):
        """Answer a request without a body."""
        lines = [f"SIP/2.0 {code} {phrase}"]
        for name, value in request.headers:
            if name in ("via", "from", "call-id", "cseq", "record-route"):
                lines.append(f"{name}: {value}")
            elif name == "to":
                lines.append(f"to: {value};tag=b{self.port}")
        lines.append("content-length: 0")
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n", request.source)
