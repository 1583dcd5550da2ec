"""Within a dialog a VPN section passes when the two whose dialog it is may
have it now, whoever of them sends it; an ACK goes on without it.
"""

import pytest

from testlib import bed
from testlib.talk import call, talker, within

AUDIO = bed.sdp(bed.AUDIO)
GOOD = bed.sdp(bed.vpn("lab"))
MIXED = bed.sdp(bed.AUDIO, bed.vpn())
CLOSED = bed.sdp("m=application/vpn 0 OpenVPN 0")
REFUSED = "VPN refused: you are not a member of the VPN group"
UNKNOWN = "VPN refused: the server does not know whose call this is"
MALFORMED = "VPN refused: malformed VPN section in the offer"
UPGRADE = 'modparam("sipvpn", "upgrade", 1)\n'


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with bed.kamailio(tmp_path_factory.mktemp("dialog"), extra=UPGRADE,
                      defines={"RELOAD_DELTA": 0}) as running:
        yield running
        running.stop()


def up(one, two, body=AUDIO):
    """Both legs of a call that is up."""
    here, there, unused, unused = call(one, two, body, body)
    here.ack()
    two.take("ACK")
    return here, there


def refused(reply, code, phrase):
    assert (reply.code, reply.phrase) == (code, phrase)


@pytest.mark.parametrize("first", [AUDIO, GOOD, b""],
                         ids=["phone call", "VPN call", "late"])
def test_members_change_their_call(member, callee, first):
    here, there, unused, unused = call(member, callee, first, first or AUDIO)
    here.ack(b"" if first else AUDIO)
    callee.take("ACK")
    for leg, other in ((here, callee), (there, member)):
        for body in (GOOD, MIXED):
            got, reply = within(leg, other, "INVITE", body, body)
            assert got.body == body and reply.body == body
            leg.ack()
            other.take("ACK")
        for method in ("UPDATE", "PRACK"):
            got, reply = within(leg, other, method, GOOD, GOOD)
            assert got.body == GOOD and reply.body == GOOD


@pytest.mark.parametrize("method", ["INVITE", "UPDATE", "PRACK"])
def test_a_stranger_adds_no_vpn_to_his_call(stranger, callee, method):
    here, there = up(stranger, callee)
    for leg in (here, there):
        for body in (GOOD, MIXED):
            reply = leg.request(method, body)
            assert reply.code == 403
            assert reply.phrase == REFUSED
    assert not callee.was_called() and not stranger.was_called()
    # The call itself has come to no harm.
    got, reply = within(here, callee, method, AUDIO, AUDIO)
    assert got.body == AUDIO and reply.body == AUDIO


@pytest.mark.parametrize("method", ["INVITE", "UPDATE", "PRACK"])
@pytest.mark.parametrize("body", [
    GOOD + GOOD, bed.sdp(bed.vpn("lab", m="m=application/vpn -1 OpenVPN 0")),
    GOOD[5:]], ids=["twice", "port", "no v="])
def test_a_malformed_section_is_refused(member, callee, method, body):
    here, unused = up(member, callee)
    refused(here.request(method, body), 488, MALFORMED)


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_a_late_offer_within_a_call(stranger, member, callee, method):
    here, there = up(stranger, callee)
    for leg, other in ((here, callee), (there, stranger)):
        reply = within(leg, other, method, b"", GOOD)[1]
        assert reply.body == CLOSED
    here, there = up(member, callee)
    for leg, other in ((here, callee), (there, member)):
        assert within(leg, other, method, b"", GOOD)[1].body == GOOD


OFF = "m=application/vpn 0 OpenVPN 0"
BOTH_OFF = bed.sdp(bed.AUDIO, OFF)


@pytest.fixture(params=[True, False], ids=["upgrade", "no upgrade"])
def either(request, server, tmp_path):
    if request.param:
        yield server
        return
    with bed.kamailio(tmp_path) as running:
        yield running
        running.stop()


@pytest.mark.parametrize("first", [b"", AUDIO], ids=["late", "audio"])
def test_what_was_closed_stays_and_the_call_goes_on(either, first):
    """A media line is never taken out (RFC 3264 section 8)."""
    before = either.counters()
    with talker(either, "2502") as stranger, \
            talker(either, "2500") as callee:
        callee.register()
        here, there, unused, reply = call(stranger, callee, first, MIXED)
        assert reply.body == BOTH_OFF
        here.ack(b"" if first else BOTH_OFF)
        assert callee.take("ACK").body in (b"", BOTH_OFF)
        for leg, other in ((here, callee), (there, stranger)):
            for method in ("UPDATE", "PRACK", "INVITE"):
                got, reply = within(leg, other, method, BOTH_OFF, BOTH_OFF)
                assert got.body == reply.body == BOTH_OFF
            leg.ack()
            other.take("ACK")
            got, reply = within(leg, other, "INVITE", b"", BOTH_OFF)
            assert reply.body == BOTH_OFF
            leg.ack(BOTH_OFF)
            assert other.take("ACK").body == BOTH_OFF
            # That it was closed is reported, once.
            assert either.counters()["rejected"] == before["rejected"] + 1
        for more in ("a=PORT:8000", "a=IP4:127.0.0.1", "a=VPN_ID:lab"):
            body = bed.sdp(bed.AUDIO, f"{OFF}\r\n{more}")
            assert here.request("UPDATE", body).code == 403
        assert within(here, callee, "BYE")[1].code == 200
        callee.register(0)


def test_an_ack_goes_on_without_a_section(stranger, callee):
    here, unused, unused, unused = call(stranger, callee, b"", AUDIO)
    for body, closed in ((MIXED, bed.sdp(
            bed.AUDIO, "m=application/vpn 0 OpenVPN 0")),
            (GOOD + GOOD, CLOSED + CLOSED)):
        here.ack(body)
        got = callee.take("ACK")
        assert got.body == closed
        assert int(got.get("content-length")) == len(closed)


def without_pass(leg):
    leg.routes = [route.replace(";vpn=", ";not=") for route in leg.routes]


def other_pass(leg):
    leg.routes = [route.replace(";vpn=", ";vpn=01234567;not=")
                  for route in leg.routes]


def other_sender(leg):
    leg.local = leg.local.replace("sip:2501@", "sip:2503@")


def other_peer(leg):
    leg.remote = leg.remote.replace("sip:2500@", "sip:2503@")


def other_call(leg):
    leg.call_id += "x"


@pytest.mark.parametrize("change", [without_pass, other_pass, other_sender,
                                    other_peer, other_call])
def test_whose_call_it_is_cannot_be_made_up(server, member, callee, change):
    here, unused = up(member, callee)
    assert any(";vpn=" in route for route in here.routes)
    change(here)
    refused(here.request("UPDATE", GOOD), 403, UNKNOWN)
    server.logged("no pass in Route: the dialog has begun elsewhere")
    here.ack(GOOD)
    assert callee.take("ACK").body == CLOSED
    assert not callee.was_called()


def test_a_pass_of_one_call_is_none_for_another(stranger, member, callee):
    good, unused = up(member, callee)
    bad, unused = up(stranger, callee)
    bad.routes = good.routes
    refused(bad.request("UPDATE", GOOD), 403, UNKNOWN)


def test_who_writes_from_with_the_servers_address_is_the_same(server, member,
                                                              callee):
    here, unused = up(member, callee)
    address = f"@{server.ip}:{server.port}"
    here.local = here.local.replace("@example.org", "@EXAMPLE.org")
    here.remote = here.remote.replace("@example.org", address)
    got, reply = within(here, callee, "UPDATE", GOOD, GOOD)
    assert got.body == GOOD and reply.code == 200


def test_a_member_no_more_is_refused_in_his_call(server, member, callee):
    here, unused = up(member, callee, GOOD)
    server.remove_member("lab", "2501")
    server.rpc("sipvpn.reload")
    try:
        refused(here.request("INVITE", GOOD), 403, REFUSED)
    finally:
        server.add_member("lab", "2501")
        server.rpc("sipvpn.reload")
    got, unused = within(here, callee, "INVITE", GOOD, GOOD)
    assert got.body == GOOD


def test_a_secret_lets_another_server_know_the_call(tmp_path):
    """A restarted one, or a neighbour at the same address."""
    extra = 'modparam("sipvpn", "secret", "%s")\n'
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    with bed.kamailio(tmp_path / "1", extra=extra % "one") as server, \
            talker(server, "2501") as one, talker(server, "2500") as two:
        here, unused = up(one, two.register(), GOOD)
        server.stop()
        for secret, code in (("one", 200), ("two", 403)):
            (tmp_path / secret).mkdir()
            again = bed.kamailio(tmp_path / secret, start=False,
                                 extra=extra % secret)
            again.defines["LISTEN_PORT"] = server.port
            with again:
                again.start()
                if code == 200:
                    assert within(here, two, "UPDATE", GOOD,
                                  GOOD)[1].code == 200
                else:
                    refused(here.request("UPDATE", GOOD), 403, UNKNOWN)
                again.stop()


def test_a_phone_call_stays_one_by_default(tmp_path):
    """Neither an offer nor its reply adds a VPN, whoever sends it."""
    with bed.kamailio(tmp_path / "server") as server, \
            talker(server, "2501") as one, talker(server, "2500") as two:
        here, there = up(one, two.register())
        assert not any(";vpn=" in route for route in here.routes)
        for leg, other in ((here, two), (there, one)):
            assert within(leg, other, "INVITE", b"", GOOD)[1].body == CLOSED
            leg.ack(GOOD)
            assert other.take("ACK").body == CLOSED
            for method in ("UPDATE", "PRACK"):
                refused(leg.request(method, MIXED), 403, UNKNOWN)
        refused(here.request("INVITE", MIXED), 403, UNKNOWN)
        got, reply = within(here, two, "UPDATE", AUDIO, MIXED)
        assert got.body == AUDIO
        assert reply.body == bed.sdp(bed.AUDIO, "m=application/vpn 0 OpenVPN 0")
        for first in (GOOD, b""):
            here = up(one, two, first)[0]
            assert any(";vpn=" in route for route in here.routes)
        server.stop()
