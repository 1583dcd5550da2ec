"""Bodies with a VPN section, sent through a relay that edits them, and what
must be left of them: for the tests that sections leave as they came.

Everybody is on loopback; the bodies speak of 192.0.2.10, so that every
address an editor puts in shows.
"""

import os
import re

from . import bed
from .kamailio import TOP, Kamailio, free_port
from .line import Line

CFG = os.path.join(TOP, "tests", "data", "kamailio", "keep.cfg")
LUA = os.path.join(os.path.dirname(CFG), "keep.lua")
HOST = "192.0.2.10"  # RFC 5737

CONNECTION = f"c=IN IP4 {HOST}"
AUDIO = ("m=audio 4000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=sendrecv")
ATTRIBUTES = ("a=IP4:203.0.113.7\r\na=PORT:1194\r\n"
              "a=VPN_LOCAL_ADDR:192.168.234.1\r\n"
              "a=VPN_REMOTE_ADDR:192.168.234.2")
M_LINE = "m=application/vpn 8000 OpenVPN 0"
BARE = f"{M_LINE}\r\n{ATTRIBUTES}"
OWN = f"{M_LINE}\r\nc=IN IP4 10.9.9.9\r\n{ATTRIBUTES}\r\na=sendrecv"
OWN_V6 = f"{M_LINE}\r\nc=IN IP6 2001:db8::7\r\n{ATTRIBUTES}"

# Editors of a body, as headers that keep.cfg understands.
RELAY = "X-Relay: replace-origin replace-session-connection"
NAT = "X-Nat: 10"


def sdp(*sections):
    return ("\r\n".join(["v=0", f"o=- 1 1 IN IP4 {HOST}", "s=-", CONNECTION,
                         "t=0 0", *sections]) + "\r\n").encode()


def multipart(body, boundary="cut-here"):
    """body as the second part of two; and its Content-Type."""
    parts = (f"--{boundary}\r\nContent-Type: text/plain\r\n\r\n"
             f"A VPN: m=application/vpn\r\n--{boundary}\r\n"
             "Content-Type: application/sdp\r\n\r\n").encode()
    return parts + body + f"--{boundary}--\r\n".encode(), \
        f"multipart/mixed;boundary={boundary}"


def sections(body):
    """(session part, [section, ...]) of an SDP."""
    parts = re.split(rb"(?m)^(?=m=)", body)
    return parts[0], parts[1:]


def media(body, kind):
    """The one section of a kind."""
    found = [s for s in sections(body)[1] if s.startswith(b"m=" + kind)]
    assert len(found) == 1, body
    return found[0]


def vpn(body):
    return media(body, b"application/vpn")


def expected(section, got):
    """The VPN section that must be in got: what came and, where it relied on
    a c= of the session part that is another now, that c=.
    """
    if "\r\nc=" not in section and CONNECTION.encode() not in \
            sections(got)[0]:
        first, end, rest = section.partition("\r\n")
        section = f"{first}{end}{CONNECTION}{end}{rest}"
    return section.encode() + b"\r\n"


def address(body, kind=b"audio"):
    """Address and port that a section says, c= of the session included."""
    session, section = sections(body)[0], media(body, kind)
    found = re.search(rb"(?m)^c=IN IP\d (\S+)", section) or \
        re.search(rb"(?m)^c=IN IP\d (\S+)", session)
    port = re.match(rb"m=\S+ (\d+)", section)
    return found.group(1).decode(), int(port.group(1))


def whole(message):
    """The body; its Content-Length is right."""
    assert message.get("content-length") == str(len(message.body)), \
        message.raw
    return message.body


def kamailio(workdir, relay, **defines):
    """A server with keep.cfg."""
    text = {"RTPENGINE": f'"{relay.control}"', **defines}
    server = Kamailio(workdir, bed.IP, free_port(bed.IP), cfg=CFG,
                      defines=text)
    try:
        return server.start()
    except BaseException:
        server.close()
        raise


class Pair:
    """Two lines at a server; what one sends arrives at the other."""

    def __init__(self, server, kind="udp"):
        self.server = (server.ip, server.port)
        self.caller = Line(self.server, kind)
        self.callee = Line(self.server, kind).listen()
        self.call_id = self.invite = None

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.caller.close()
        self.callee.close()

    def offer(self, body, *headers, method="INVITE", **fields):
        """The request as the callee gets it."""
        self.call_id = self.caller.request(
            method, self.callee.uri, body, headers=headers, **fields)
        self.invite = self.callee.take(method)
        return self.invite

    def answer(self, body, *headers, code=200, **fields):
        """The reply as the caller gets it."""
        self.callee.reply(self.invite, code, body=body, headers=headers,
                          **fields)
        return self.caller.take(code)

    def ack(self, body, *headers):
        """The ACK of a 200 as the callee gets it."""
        self.caller.request("ACK", self.callee.uri, body, headers=headers,
                            call_id=self.call_id,
                            to_tag=f"t{self.callee.port}")
        return self.callee.take("ACK")
