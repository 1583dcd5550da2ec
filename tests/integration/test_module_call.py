"""Calls through cfg/kamailio.cfg: who reaches whom, and what arrives."""

import pytest

from testlib import bed, sipp
from testlib.kamailio import free_port


@pytest.fixture
def server(tmp_path):
    with bed.kamailio(tmp_path) as running:
        yield running
        running.stop()


def user(name):
    return {"user": name, "password": bed.PASSWORD + name,
            "domain": "example.org"}


def run(tmp_path, server, scenario, **options):
    sipp.run(tmp_path, scenario, (server.ip, server.port), **options)


def call(tmp_path, server, kind, **keys):
    """2501 calls 2500, who has registered; both sides assert the rest."""
    port = free_port()
    run(tmp_path, server, "register", port=port, **user("2500"))
    with sipp.Sipp(tmp_path, kind + "-answer", (server.ip, server.port),
                   port=port, **user("2500"), **keys) as callee:
        callee.ready()
        run(tmp_path, server, kind + "-call", to="2500", **user("2501"),
            **keys)
        callee.finish()


def counted(server, **expected):
    found = server.counters()
    assert {name: found[name] for name in expected} == expected


def test_a_member_calls_a_member(tmp_path, server):
    call(tmp_path, server, "vpn", group="lab")
    counted(server, offers=1, allowed=1, rejected=0)


def test_a_phone_call_passes_as_before(tmp_path, server):
    call(tmp_path, server, "audio")
    counted(server, offers=0, allowed=0, rejected=0)


def test_a_stranger_is_refused_in_words(tmp_path, server):
    run(tmp_path, server, "vpn-stranger", to="2500", **user("2502"),
        group="lab")
    counted(server, offers=1, allowed=0, rejected=1)
    server.logged(
        "VPN call refused: caller 2502@example.org, callee 2500@example.org, "
        "group 'lab': the caller is not a member")


@pytest.mark.parametrize("caller, callee, group, phrase", [
    ("2502", "2500", None, "you are not a member of the VPN group"),
    ("2500", "2502", None, "the callee is not a member of the VPN group"),
    ("2500", "2503", None, "you share no VPN group with the callee"),
    ("2500", "2501", "attic", "you are not a member of the VPN group"),
    ("2500", "2501", "nosuch", "you are not a member of the VPN group"),
    ("2500", "2503", "lab", "the callee is not a member of the VPN group"),
    ("2500", "2501", "LAB", "you are not a member of the VPN group"),
])
def test_why_a_pair_is_refused(server, caller, callee, group, phrase):
    with bed.phone(server, caller) as one, bed.phone(server, callee) as two:
        two.register()
        reply = one.invite(callee, bed.sdp(bed.vpn(group)))
        assert (reply.code, reply.phrase) == (403, "VPN refused: " + phrase)
        assert not two.was_called()


@pytest.mark.parametrize("body", [
    bed.sdp(bed.AUDIO),
    bed.sdp(bed.AUDIO).replace(b"\r\n", b"\n"),
    b"",  # a late offer: nothing to judge yet
    b"this is no SDP at all",
    bed.sdp("m=application 9 UDP/BFCP *"),
], ids=["audio", "lf", "none", "nonsense", "bfcp"])
def test_what_is_no_vpn_offer_arrives_untouched(server, body):
    with bed.phone(server, "2502") as one, bed.phone(server, "2500") as two:
        two.register()
        reply, got = bed.ring(one, two, body)
        assert got.body == body
        assert reply.code == 486
    assert server.counters()["offers"] == 0


@pytest.mark.parametrize("m", [
    "m=application/vpn 8000 OpenVPN 0",
    "m=application 8000 udp openvpn",
    "m=application 8000 UDP/OpenVPN *",
    "m=application/vpn 0 OpenVPN 0",
])
@pytest.mark.parametrize("audio", [False, True])
def test_every_form_arrives_untouched_from_a_member(server, m, audio):
    sections = [bed.AUDIO] if audio else []
    body = bed.sdp(*sections, bed.vpn("lab", m=m))
    with bed.phone(server, "2501") as one, bed.phone(server, "2500") as two:
        two.register()
        reply, got = bed.ring(one, two, body)
        assert reply.code == 486
        assert got.body == body
