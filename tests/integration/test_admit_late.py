"""A VPN offer that comes in a reply passes between members, and is closed
between all others: port 0, and nothing left to build a tunnel from.
"""

import threading

import pytest

from testlib import bed
from testlib.calls import wait_until
from testlib.kamailio import CFG
from testlib.talk import Leg, call, dial, talker, together

KEYS = ("a=setup:active", "a=tls-id:abcdefghijklmnopqrstu",
        "a=fingerprint:SHA-256 " + ":".join(["AB"] * 32),
        "a=ice-ufrag:abcd", "a=ice-pwd:abcdefghijklmnopqrstuv",
        "a=candidate:1 1 UDP 2130706431 192.0.2.1 8000 typ host",
        "a=vpn-pake:AAAA", "a=sendrecv", "a=label:kept")
OFFER = bed.sdp(bed.vpn("lab", more=KEYS))
CLOSED = bed.sdp("m=application/vpn 0 OpenVPN 0", "a=sendrecv",
                 "a=label:kept")
MIXED = bed.sdp(bed.AUDIO, bed.vpn("lab", more=KEYS), bed.AUDIO)
MIXED_CLOSED = bed.sdp(bed.AUDIO, "m=application/vpn 0 OpenVPN 0",
                       "a=sendrecv", "a=label:kept", bed.AUDIO)
MULTIPART = "multipart/mixed;boundary=b1"
ENDPOINT = '+sip.app-subtype="openvpn"'


def parts(body):
    return (b"--b1\r\nContent-Type: text/plain\r\n\r\na=IP4:no SDP\r\n"
            b"--b1\r\nContent-Type: application/sdp\r\n\r\n" + body +
            b"\r\n--b1--\r\n")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with bed.kamailio(tmp_path_factory.mktemp("late")) as running:
        yield running
        running.stop()


def counted(server, before):
    now = server.counters()
    return {name: now[name] - before[name]
            for name in ("offers", "allowed", "rejected")}


def only(allowed=0, rejected=0):
    return {"offers": allowed + rejected, "allowed": allowed,
            "rejected": rejected}


@pytest.mark.parametrize("offer, kind", [
    (OFFER, "application/sdp"), (MIXED, "application/sdp"),
    (OFFER.replace(b"\r\n", b"\n"), "application/sdp"),
    (parts(OFFER), MULTIPART)], ids=["alone", "audio", "lf", "multipart"])
def test_a_members_passes_and_so_does_the_answer(server, member, callee,
                                                 offer, kind):
    before = server.counters()
    leg, unused, invite, reply = call(member, callee, b"", offer, kind,
                                      early=(183,))
    assert invite.body == b""
    assert reply.body == offer
    leg.ack(OFFER)
    assert callee.take("ACK").body == OFFER
    # the offer in the 200, once; its answer belongs to it
    assert counted(server, before) == only(allowed=1)


@pytest.mark.parametrize("offer, closed, kind", [
    (OFFER, CLOSED, "application/sdp"),
    (MIXED, MIXED_CLOSED, "application/sdp"),
    (OFFER.replace(b"\r\n", b"\n"), CLOSED.replace(b"\r\n", b"\n"),
     "application/sdp"),
    (parts(OFFER), parts(CLOSED), MULTIPART),
    # What nobody can act on is closed, too, wherever it stands.
    (OFFER + OFFER, CLOSED + CLOSED, "application/sdp"),
    (OFFER, CLOSED, "text/plain"),
    (bed.sdp(bed.vpn("lab", m="m=application/vpn 99999 OpenVPN 0")),
     bed.sdp("m=application/vpn 0 OpenVPN 0"), "application/sdp"),
], ids=["alone", "audio", "lf", "multipart", "twice", "as text", "port"])
@pytest.mark.parametrize("first", [b"", bed.sdp(bed.AUDIO)],
                         ids=["no offer", "audio offer"])
def test_a_strangers_is_closed(server, stranger, callee, first, offer, closed,
                               kind):
    before = server.counters()
    leg, unused, invite, reply = call(stranger, callee, first, offer, kind)
    assert invite.body == first
    assert reply.body == closed
    assert int(reply.get("content-length")) == len(closed)
    # He builds his side all the same: nothing of it arrives.
    leg.ack(OFFER)
    ack = callee.take("ACK")
    assert ack.body == CLOSED
    assert int(ack.get("content-length")) == len(CLOSED)
    assert counted(server, before) == only(rejected=2)


@pytest.mark.parametrize("code", [180, 183])
def test_an_answer_adds_no_vpn_even_between_members(server, member, callee,
                                                    code):
    """An answer has the media of its offer; it is reported once."""
    before = server.counters()
    reply = call(member, callee, bed.sdp(bed.AUDIO), MIXED, early=(code,))[3]
    assert reply.body == MIXED_CLOSED
    assert counted(server, before) == only(rejected=1)
    server.logged("the answer has a VPN section that was not offered")


@pytest.mark.parametrize("code", [180, 183])
def test_a_provisional_reply_is_no_way_round(server, stranger, callee, code,
                                             monkeypatch):
    before = server.counters()
    seen, rings = [], threading.Event()
    receive = stranger.receive

    def noted(timeout=5.0):
        got = receive(timeout)
        if got and got.body:
            seen.append((got.code, got.body))
            rings.set()
        return got

    def answered():
        request = callee.take("INVITE")
        callee.answer(request, code, OFFER,
                      headers=["Require: 100rel", "RSeq: 1"])
        assert rings.wait(5.0)
        callee.answer(request, 200, OFFER)

    monkeypatch.setattr(stranger, "receive", noted)
    together(lambda: stranger.invite("2500", b""), answered)
    assert seen == [(code, CLOSED), (200, CLOSED)]
    # One call, one refusal, however many replies.
    assert counted(server, before) == only(rejected=1)


def test_a_repeated_200_is_closed_again(stranger, callee):
    raw = []

    def answered():
        request = callee.take("INVITE")
        raw.append(callee.answer(request, 200, OFFER))
        return request

    reply, request = together(lambda: stranger.invite("2500", b""), answered)
    assert reply.body == CLOSED
    callee.send(raw[0], request.source)
    assert stranger.take(200).body == CLOSED


def test_a_200_of_no_transaction_is_closed(server, stranger, callee):
    """Its INVITE is long forgotten: nobody knows whose offer it is."""
    via = "SIP/2.0/UDP %s:%d;branch=z9hG4bK" % stranger._sock.getsockname()
    callee.send("\r\n".join([
        "SIP/2.0 200 OK",
        f"Via: SIP/2.0/UDP {server.ip}:{server.port};branch=z9hG4bKgone",
        f"Via: {via}gone", "From: <sip:2502@example.org>;tag=1",
        "To: <sip:2500@example.org>;tag=2", "Call-ID: gone",
        "CSeq: 1 INVITE", f"Contact: <sip:2500@127.0.0.1:{callee.port}>",
        "Content-Type: application/sdp", f"Content-Length: {len(OFFER)}",
        "", ""]).encode() + OFFER)
    got = stranger.take(200)
    assert got.body == CLOSED
    assert int(got.get("content-length")) == len(CLOSED)


# Kamailio cannot read on behind it, and relays the reply all the same.
UNREADABLE = ["Content-Length: +10", "no header", "Content-Length: 1x"]


@pytest.mark.parametrize("header", UNREADABLE)
@pytest.mark.parametrize("body", [OFFER, OFFER + b"\r\n"],
                         ids=["as it is", "an empty line more"])
@pytest.mark.parametrize("first", [b"", bed.sdp(bed.AUDIO)],
                         ids=["no offer", "audio offer"])
def test_headers_that_cannot_be_read_are_no_way_round(
        server, stranger, callee, header, body, first):
    before = server.counters()
    invite = dial(stranger, callee, first)
    callee.answer(invite, 180, body, headers=[header])
    callee.answer(invite, 200, body, headers=[header])
    wait_until(lambda: counted(server, before) == only(rejected=1))
    callee.answer(dial(stranger, callee, bed.sdp(bed.AUDIO)), 486)
    stranger.take(486)
    for message in stranger._kept:
        assert b"m=application/vpn 8000" not in message.raw


@pytest.mark.parametrize("body", [b"", bed.sdp(bed.AUDIO), b"no SDP"])
def test_what_offers_no_vpn_is_not_touched(server, stranger, callee, body):
    before = server.counters()
    leg, unused, invite, reply = call(stranger, callee, b"", body)
    assert reply.body == body
    leg.ack(body)
    assert callee.take("ACK").body == body
    assert counted(server, before) == only()


def test_a_late_offer_names_its_group(server, member, callee):
    """attic exists, but is not theirs."""
    offer = bed.sdp(bed.vpn("attic"))
    reply = call(member, callee, b"", offer)[3]
    assert reply.body == bed.sdp("m=application/vpn 0 OpenVPN 0")
    server.logged("caller 2501@example.org, callee 2500@example.org, group "
                  "'attic': the caller is not a member")


def test_endpoints_are_called_late_by_members_alone(member, stranger, callee,
                                                    server):
    callee.register(0)
    callee.register(contact=ENDPOINT)
    assert stranger.invite("2500", b"").code == 480
    assert not callee.was_called()
    reply = call(member, callee, b"", OFFER)[3]
    assert reply.body == OFFER


def test_accept_contact_chooses_the_endpoint(server, member, callee):
    with talker(server, "2500") as endpoint:
        endpoint.register(contact=ENDPOINT)
        reply = call(member, endpoint, b"", OFFER, headers=[
            'Accept-Contact: *;+sip.app-subtype="openvpn";require'])[3]
        assert reply.body == OFFER
        assert not callee.was_called()
        endpoint.register(0)


def test_closing_counts_with_what_others_edited(tmp_path):
    """nathelper has changed the body before; both edits leave in one."""
    extra = 'onreply_route[EDIT] { fix_nated_sdp("2", "192.0.2.99"); }\n'
    with open(CFG, encoding="utf-8") as shipped:
        text = shipped.read().replace('t_on_reply("FROM_CALLEE")',
                                      't_on_reply("EDIT")')
    cfg = tmp_path / "edit.cfg"
    cfg.write_text(text + extra)
    with bed.kamailio(tmp_path, cfg=str(cfg)) as server:
        with talker(server, "2502") as one, talker(server, "2500") as two:
            two.register()
            reply = call(one, two, b"", MIXED)[3]
            body = reply.body.decode()
            assert "c=IN IP4 192.0.2.99\r\n" in body
            assert body.count("m=audio 4000 RTP/AVP 0\r\n") == 2
            assert "m=application/vpn 0 OpenVPN 0\r\n" in body
            assert "m=application/vpn 8000" not in body
            for gone in ("a=IP4", "a=PORT", "a=VPN_", "a=setup", "a=finger"):
                assert gone not in body
            assert int(reply.get("content-length")) == len(reply.body)
            assert body.count("v=0") == 1
            Leg.of_caller(one, reply).ack(bed.sdp(bed.AUDIO))
            assert two.take("ACK").body == bed.sdp(bed.AUDIO)
        server.stop()
