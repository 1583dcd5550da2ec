"""Messages that are hard to read, sent to a server one by one, and all that
comes of each: the replies, and what reaches a callee.

Rule: nothing is waited for by time. The server under test has one worker a
transport, so that what it answers to a request of ours, sent behind the
message, comes after all that the message caused.
"""

import itertools
import os
import re
import socket
import time

from . import bed, kamailio
from .peer import socket_in
from .sip import Message

DATA = os.path.join(kamailio.TOP, "tests", "data", "torture")
DOMAIN = "harbour.test"
SENDER, CALLEE = "127.0.0.30", "127.0.0.31"
LIMIT = 15.0  # seconds a server that lives never needs

ONE_WORKER = "children=1\ntcp_children=1\n"
READY = "without the module: ready"
SAY_READY = f"""loadmodule "xlog.so"
event_route[core:worker-one-init] {{
	xlog("L_NOTICE", "{READY}\\n");
}}
"""
_count = itertools.count(1)


class Case:
    """One message. vpn: an SDP body with a VPN section is in it."""

    def __init__(self, name, section, transports, trap, raw):
        self.name, self.section, self.trap = name, section, trap
        self.transports, self.raw = transports, raw
        self.vpn = name.endswith("-vpn")


def read(path):
    with open(path, "rb") as file:
        return file.read()


def own_cases():
    """Those of tests/data/torture, as its INDEX lists them."""
    with open(os.path.join(DATA, "INDEX"), encoding="ascii") as file:
        rows = [line.rstrip("\n").split("\t") for line in file
                if not line.startswith("#")]
    return [Case(name, section, how.split(","), trap,
                 read(os.path.join(DATA, name + ".sip")))
            for name, section, how, trap in rows]


def other_cases(folder):
    """Every *.dat of a folder; over TCP too where its Via says so."""
    found = []
    for name in sorted(os.listdir(folder)):
        if name.endswith(".dat"):
            raw = read(os.path.join(folder, name))
            via = re.search(rb"\nv(?:ia)?[ \t]*:[^;]*/[ \t\r\n]*(\w+)", raw,
                            re.IGNORECASE)
            tcp = via and via.group(1) == b"TCP"
            found.append(Case(name[:-len(".dat")], "", ["udp", "tcp"][:1 + bool(
                tcp)], "", raw))
    return found


# --- configurations ---------------------------------------------------------

def without_module(text):
    """cfg/kamailio.cfg for a server that has no sipvpn.so."""
    text = re.sub(r"(?m)^(loadmodule SIPVPN_SO|modparam\(\"sipvpn\").*\n", "",
                  text)
    return re.sub(r"\bsipvpn_\w+\(\)", 'is_method("NOTHING")', text)


def without_passwords(text):
    """Everybody is believed, so that every message gets past that door."""
    found, count = re.subn(r"(?m)^\troute\(AUTHENTICATE\);\n", "", text)
    assert count == 1
    return found


def server(workdir, netns, module, passwords):
    """The configuration of cfg/, changed as the flags say; started."""
    with open(kamailio.CFG, encoding="utf-8") as file:
        text = file.read()
    extra = ONE_WORKER + "".join(f"alias=example.{top}\n" for top in
                                 ("com", "net", "org"))
    options = {}
    if not module:
        text = without_module(text)
        extra += SAY_READY
        options["ready"] = READY
    if not passwords:
        text = without_passwords(text)
    os.makedirs(workdir)
    cfg = os.path.join(str(workdir), "changed.cfg")
    with open(cfg, "w", encoding="utf-8") as file:
        file.write(text)
    return bed.kamailio(workdir, netns=netns, domain=DOMAIN, cfg=cfg,
                        extra=extra, **options)


# --- sender and callee ------------------------------------------------------

class Rack:
    """Sends to one server; callee: users whose calls arrive here too."""

    def __init__(self, running, netns, callees=()):
        self.to, self.netns = (running.ip, running.port), netns
        # 5060 is where a Via without a port wants its replies
        self._sender = socket_in(netns, SENDER, 5060)
        self._callee = socket_in(netns, CALLEE, 5060)
        self._seen = set()
        for user in callees:
            self._register(user)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self._sender.close()
        self._callee.close()

    def _register(self, user):
        raw = self._request("REGISTER", f"sip:{DOMAIN}", "UDP",
                            f"<sip:{user}@{DOMAIN}>",
                            f"Contact: <sip:{user}@{CALLEE}:5060>\r\n")
        self._sender.sendto(raw, self.to)
        reply = Message(self._receive(self._sender))
        assert reply.code == 200, reply.first

    def _request(self, method, uri, transport, who, more=""):
        mark = f"fence{next(_count)}"
        return (f"{method} {uri} SIP/2.0\r\n"
                f"Via: SIP/2.0/{transport} {SENDER}:5060;branch=z9hG4bK{mark}"
                f"\r\nMax-Forwards: 9\r\nFrom: {who};tag={mark}\r\nTo: {who}"
                f"\r\nCall-ID: {mark}\r\nCSeq: 1 {method}\r\n{more}"
                "Content-Length: 0\r\n\r\n").encode()

    def fence(self, transport="UDP"):
        """An OPTIONS of ours: its bytes, and what its reply contains."""
        raw = self._request("OPTIONS", "sip:%s:%d" % self.to, transport,
                            f"<sip:fence@{DOMAIN}>")
        return raw, re.search(rb"Call-ID: (\S+)", raw).group(0)

    @staticmethod
    def _receive(sock):
        sock.settimeout(LIMIT)
        return sock.recv(65535)

    def _new(self, raw):
        """Whether raw is no repetition of what an earlier case caused."""
        new = raw not in self._seen
        self._seen.add(raw)
        return new

    def _until_fence(self):
        """First lines of all that arrives before a fence's answer. Where a
        case registered the sender, requests are among them.
        """
        raw, mark = self.fence()
        self._sender.sendto(raw, self.to)
        found = []
        while True:
            got = self._receive(self._sender)
            if mark in got:
                return found
            if self._new(got):
                found.append(Message(got).first)

    def _called(self):
        """What is at the callee by now, (method, body); refused there."""
        found = []
        self._callee.settimeout(0)
        while True:
            try:
                raw, source = self._callee.recvfrom(65535)
            except BlockingIOError:
                return found
            got = Message(raw)
            if got.method == "ACK" or not self._new(raw):
                continue
            found.append((got.method, got.body))
            if got.method:
                self._callee.sendto(refusal(raw), source)

    def udp(self, raw):
        """Replies, and what reached the callee."""
        self._sender.sendto(raw, self.to)
        replies = self._until_fence()
        called = self._called()
        return replies + (self._until_fence() if called else []), called

    def tcp(self, raw):
        """The same; the end of the connection is the last reply."""
        # no repetition of what came by UDP
        raw = re.sub(rb"(branch\s*=\s*z9hG4bK)", rb"\1tcp", raw)
        fence, mark = self.fence("TCP")
        with socket_in(self.netns, SENDER, 0, socket.SOCK_STREAM) as sock:
            sock.settimeout(LIMIT)
            sock.connect(self.to)
            sock.sendall(raw + fence)
            got = b""
            deadline = time.monotonic() + LIMIT
            while mark not in got and time.monotonic() < deadline:
                try:
                    more = sock.recv(65535)
                except ConnectionResetError:
                    more = b""
                if not more:
                    break
                got += more
            ended = mark not in got
        called = self._called()
        lines = re.findall(rb"(?m)^SIP/2\.0 \d{3} .*(?=\r\n)",
                           got.partition(mark)[0])
        # the last is that of the fence
        replies = [line.decode("utf-8", "replace")
                   for line in (lines if ended else lines[:-1])]
        # what the callee answers may come before or after the fence's answer
        replies = [line for line in replies if not called
                   or " 486 " not in line]
        # and nothing may come by UDP
        return replies + ["end"] * ended + self._until_fence(), called

    def send(self, case, transport):
        try:
            return getattr(self, transport)(case.raw)
        except TimeoutError:
            raise AssertionError(f"{case.name} over {transport}: the server "
                                 "answers nothing more") from None


def refusal(raw):
    """486 to a request, whatever is in its header fields."""
    head = raw.partition(b"\r\n\r\n")[0]
    lines = re.sub(rb"\r\n[ \t]+", b" ", head).split(b"\r\n")[1:]
    kept = [line + (b";tag=busy" if name in (b"to", b"t") else b"")
            for line, name in ((line, line.partition(b":")[0].strip().lower())
                               for line in lines)
            if name in (b"via", b"v", b"from", b"f", b"to", b"t", b"call-id",
                        b"i", b"cseq")]
    return b"\r\n".join([b"SIP/2.0 486 Busy Here", *kept,
                         b"Content-Length: 0", b"", b""])
