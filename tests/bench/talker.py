"""Both ends of many calls at a server: INVITE 200 ACK BYE 200, byte for byte
of the same length in every run.

Rule: nothing is sent twice from here; what comes twice, or not at all, is
counted, and the run is worth nothing then.
"""

import random
import select
import socket

WINDOW = 8  # calls at a time: the server is busy, no socket overflows
PATIENCE = 5.0  # seconds without any datagram: something is lost
BUFFER = 1 << 21

FINGERPRINT = ":".join(f"{(i * 37 + 11) % 256:02X}" for i in range(32))
VPN = """v=0
o={user} 3989 1 IN IP4 203.0.113.9
s=-
c=IN IP4 203.0.113.9
t=0 0
m=application/vpn 41822 OpenVPN 0
a=IP4:203.0.113.9
a=PORT:41822
a=VPN_ID:{group}
a=VPN_LOCAL_ADDR:{local}
a=VPN_REMOTE_ADDR:{remote}
a=setup:{setup}
a=tls-id:2c9b27c1c5e4e4b0a8d1f9a0c7a7e3d2
a=fingerprint:SHA-256 """ + FINGERPRINT + "\n"
AUDIO = """v=0
o={user} 3989 1 IN IP4 203.0.113.9
s=-
c=IN IP4 203.0.113.9
t=0 0
m=audio 41822 RTP/AVP 9 8 0 101
a=rtpmap:9 G722/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-16
a=ptime:20
a=sendrecv
"""


class Failed(Exception):
    """A run that is worth nothing: something was lost or came twice."""


def user(number):
    return f"u{number:07d}"


def group(number):
    return f"g{number // 10:06d}"  # ten members in each


def text(kind, sender, in_group, setup):
    """kind: "vpn" or "audio". Lines of a body."""
    pair = ("192.168.234.2", "192.168.234.1")
    if setup == "passive":
        pair = pair[::-1]
    return (VPN if kind == "vpn" else AUDIO).format(
        user=sender, group=in_group, local=pair[0], remote=pair[1],
        setup=setup)


def body(kind, sender, number, setup):
    lines = text(kind, user(sender), group(number), setup)
    return lines.replace("\n", "\r\n").encode()


def pairs(members, seed):
    """Two of the same group, spread over all of them; for ever."""
    chance = random.Random(seed)
    while True:
        one = chance.randrange(members)
        yield one, one - one % 10 + (one + chance.randrange(1, 10)) % 10


def header(message, name):
    """All lines of a header, as they stand."""
    found, at = [], 0
    while True:
        at = message.find(b"\r\n" + name + b":", at)
        if at < 0:
            return found
        end = message.find(b"\r\n", at + 2)
        found.append(message[at + 2:end])
        at = end


class Talker:
    """Calls kind "vpn" or "audio" between members of a server at (ip, port).

    The server sends what is for example.org to the callee's socket.
    """

    def __init__(self, members, kind="vpn", ip="127.0.0.1"):
        self.members, self.ip = members, ip
        self.be(kind)
        self._caller, self._callee = self._socket(), self._socket()
        self.callee_port = self._callee.getsockname()[1]
        self._here = f"{ip}:{self._caller.getsockname()[1]}"
        self._there = f"{ip}:{self.callee_port}"
        self.server = None
        self._count = 0
        self._calls = {}  # Call-ID -> what has come of it
        self._left, self._who = 0, None  # calls to make, and between whom
        self._given_up = set()  # Call-IDs that may still be heard of

    def be(self, kind):
        """What it calls from now on."""
        self.kind = kind
        self.agent = "sipvpn-ua" if kind == "vpn" else "telephone"

    def _socket(self):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        sock.bind((self.ip, 0))
        return sock

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self._caller.close()
        self._callee.close()

    def command(self, text):
        """Tell mark.c something."""
        self._caller.settimeout(60.0)
        self._caller.sendto(text.encode(), self.server)
        while self._caller.recv(65536) != text.encode():
            pass

    def run(self, calls, seed=1):
        """So many calls. Failed when one is not whole."""
        sockets = (self._caller, self._callee)
        self._left, self._who = calls, pairs(self.members, seed)
        try:
            self._fill()
            while self._calls:
                ready = select.select(sockets, [], [], PATIENCE)[0]
                if not ready:
                    raise Failed(f"lost: {self._calls}")
                for sock in ready:
                    self._take(sock)
        except Failed:
            # no more of this run; what still comes of it is nothing
            self._left = 0
            self._given_up.update(self._calls)
            self._calls.clear()
            raise

    def _take(self, sock):
        """One datagram that has come there."""
        message, source = sock.recvfrom(65536)
        if self._given_up and \
                header(message, b"Call-ID")[0] in self._given_up:
            return
        if sock is self._caller:
            self._at_caller(message)
        else:
            self._at_callee(message, source)
        self._fill()

    def _fill(self):
        while self._left and len(self._calls) < WINDOW:
            self._invite(*next(self._who))
            self._left -= 1

    def _note(self, message, what):
        call_id, = header(message, b"Call-ID")
        seen = self._calls.get(call_id)
        if seen is None or what in seen:
            raise Failed(f"twice: {what} {message[:200]!r}")
        seen.append(what)
        if {"ACK", "BYE done"} <= set(seen):
            del self._calls[call_id]
        return call_id

    def _send(self, sock, lines, content=b""):
        if content:
            lines.append(b"Content-Type: application/sdp")
        lines.append(b"Content-Length: %d" % len(content))
        sock.sendto(b"\r\n".join(lines) + b"\r\n\r\n" + content, self.server)

    def _invite(self, one, two):
        self._count += 1
        number = f"{self._count:08d}"
        call_id = f"Call-ID: {number}.{self._here}".encode()
        self._calls[call_id] = []
        uri = f"sip:{user(two)}@example.org"
        head = f"""INVITE {uri} SIP/2.0
Via: SIP/2.0/UDP {self._here};branch=z9hG4bKi{number}
Max-Forwards: 70
From: <sip:{user(one)}@example.org>;tag=a{number}
To: <{uri}>
{call_id.decode()}
CSeq: 1 INVITE
Contact: <sip:{user(one)}@{self._here}>
User-Agent: {self.agent}
Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, UPDATE"""
        self._send(self._caller, head.encode().split(b"\n"),
                   body(self.kind, one, one, "actpass"))

    def _at_caller(self, reply):
        code = reply[8:11]
        if code == b"100":
            return
        if code != b"200":
            raise Failed(f"refused: {reply[:200]!r}")
        if b"\r\nCSeq: 1 " not in reply:
            self._note(reply, "BYE done")
            return
        call_id = self._note(reply, "200")
        if not reply.endswith(b"\r\n\r\n" + self._answer(reply)):
            raise Failed(f"answer changed: {reply!r}")
        contact, = header(reply, b"Contact")
        uri = contact[contact.index(b"<") + 1:-1]
        routes = [b"Route:" + line.partition(b":")[2] for line in
                  reversed(header(reply, b"Record-Route"))]
        ends = header(reply, b"From") + header(reply, b"To")
        number = call_id[9:17]
        for method, cseq in ((b"ACK", 1), (b"BYE", 2)):
            branch = b"z9hG4bK" + method[:1].lower() + number
            self._send(self._caller, [
                b"%s %s SIP/2.0" % (method, uri),
                b"Via: SIP/2.0/UDP %s;branch=%s" % (self._here.encode(),
                                                    branch),
                b"Max-Forwards: 70", *ends, call_id,
                b"CSeq: %d %s" % (cseq, method), *routes,
                b"User-Agent: " + self.agent.encode()])

    def _answer(self, message):
        """What the callee of this call says."""
        to, = header(message, b"To")
        at = to.index(b"sip:u") + 5
        two = int(to[at:at + 7])
        return body(self.kind, two, two, "passive")

    def _at_callee(self, request, source):
        method = request[:request.index(b" ")].decode()
        self._note(request, method)
        if method == "ACK":
            return
        to, = header(request, b"To")
        lines = [b"SIP/2.0 200 OK", *header(request, b"Via"),
                 *header(request, b"From")]
        content = b""
        if method == "INVITE":
            to += b";tag=b"
            to += header(request, b"Call-ID")[0][9:17]
            content = self._answer(request)
            lines += header(request, b"Record-Route")
            lines.append(b"Contact: <%s@%s>" % (
                request.split(b" ", 2)[1].partition(b"@")[0],
                self._there.encode()))
            if b"\r\n\r\nv=0\r\n" not in request:
                raise Failed(f"offer changed: {request!r}")
        lines += [to, *header(request, b"Call-ID"), *header(request, b"CSeq"),
                  b"Server: " + self.agent.encode()]
        self._send(self._callee, lines, content)
        assert source == self.server, source
