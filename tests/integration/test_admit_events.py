"""Event routes and $vpn(): what a script learns of each judgement. (From Lua:
test_module_codes.py.)
"""

import re

import pytest

from testlib import bed
from testlib.talk import call, talker, within

NAMES = ("group", "ip", "port", "local", "remote", "caller", "callee",
         "reason")
LINE = " ".join(f"{name}=$vpn({name})" for name in NAMES)

NATIVE = f"""
loadmodule "xlog.so"
event_route[sipvpn:admitted] {{
	xlog("L_NOTICE", "event sipvpn:admitted $rm $rs {LINE} end\\n");
	setbflag(20);
	exit;
}}
event_route[sipvpn:rejected] {{
	xlog("L_NOTICE", "event sipvpn:rejected $rm $rs {LINE} end\\n");
	drop;
}}
"""
OFFER = bed.sdp(bed.vpn("lab"))
STRANGE = {"group": "lab", "ip": "127.0.0.1", "port": "8000",
           "local": "192.168.234.1", "remote": "192.168.234.2",
           "caller": "2502@example.org", "callee": "2500@example.org",
           "reason": "the caller is not a member"}
MEMBER = {**STRANGE, "caller": "2501@example.org", "reason": "allowed"}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with bed.kamailio(tmp_path_factory.mktemp("events"),
                      extra=NATIVE) as running:
        yield running
        running.stop()


@pytest.fixture
def callee(server):
    with talker(server, "2500") as phone:
        yield phone.register()
        phone.register(0)


def events(server, last):
    """All events, once the last one is logged: (what, method, code, {})."""
    server.logged(last)
    found = re.findall(r"event (sipvpn:\w+) (\S+) (\S+) group=(.*?) end",
                       server.log)
    return [(what, method, code,
             dict(zip(NAMES, re.split(r" (?:%s)=" % "|".join(NAMES), rest))))
            for what, method, code, rest in found]


def test_requests_and_replies(server, callee):
    with talker(server, "2501") as member, talker(server, "2502") as stranger:
        assert stranger.invite("2500", OFFER).code == 403
        here, unused, unused, unused = call(member, callee, OFFER, OFFER)
        here.ack()
        callee.take("ACK")
        # the event's exit, drop and flags are its own
        assert within(here, callee, "UPDATE", OFFER, OFFER)[1].code == 200
        call(stranger, callee, b"", bed.sdp(bed.AUDIO, bed.vpn("lab")))
        assert stranger.invite("2500", OFFER + OFFER).code == 488
    null = "<null>"
    assert events(server, "reason=the VPN section is malformed end") == [
        ("sipvpn:rejected", "INVITE", null, STRANGE),
        ("sipvpn:admitted", "INVITE", null, MEMBER),
        ("sipvpn:admitted", "UPDATE", null, MEMBER),
        ("sipvpn:rejected", "INVITE", "200", STRANGE),
        ("sipvpn:rejected", "INVITE", null, {
            **dict.fromkeys(NAMES, null), "caller": "2502@example.org",
            "callee": "2500@example.org",
            "reason": "the VPN section is malformed"}),
    ]


def test_a_phone_call_is_no_event(server, callee):
    before = server.log.count("event sipvpn:")
    with talker(server, "2502") as one:
        here, unused, unused, unused = call(
            one, callee, bed.sdp(bed.AUDIO), bed.sdp(bed.AUDIO))
        here.ack()
        callee.take("ACK")
    assert server.log.count("event sipvpn:") == before
