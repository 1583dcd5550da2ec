"""INVITE without SDP: the UA's offer is in its 200, the answer in the ACK."""

import pytest

from testlib import proc
from testlib.vpnend import attribute, body, changed


def offered(lab, *more):
    """(program, call, the UA's offer)"""
    program = lab.waiting(*more)
    call = lab.dial()
    offer = call.invite()
    assert offer.code == 200
    assert offer.get("content-type") == "application/sdp"
    return program, call, offer


def test_good_answer(lab):
    program, call, offer = offered(lab)
    # it is the peer who has to listen first: it alone knows both sides
    assert attribute(offer.body, "setup") == "active"
    lab.listen(offer)
    call.ack(lab.good(setup="passive"))
    got = program.connected()
    assert (got["local"], got["remote"]) == ("192.168.234.1",
                                             "192.168.234.2")
    assert lab.far.reach("192.168.234.1")
    openvpn = program.openvpn()
    assert call.bye().code == 200
    program.ended()
    proc.wait_gone(openvpn)
    lab.clear_peers()
    lab.assert_usable(program)


BAD = {
    "none": b"",
    "garbage": bytes(range(256)),
    "v-only": b"v=0\r\n",
    "no-fingerprint": ("a=fingerprint",),
    "two-VPN": ("a=setup", "a=setup:passive",
                "m=application/vpn 9002 OpenVPN 0"),
    "port-0": ("a=PORT", "a=PORT:0"),
    "port-65536": ("m=", "m=application/vpn 65536 OpenVPN 0"),
    "IP4-text": ("a=IP4", "a=IP4:here"),
    "audio-only": ("m=", "m=audio 4000 RTP/AVP 0"),
    "also-active": ("a=setup", "a=setup:active"),
    "not-mirrored": ("a=VPN_LOCAL", "a=VPN_LOCAL_ADDR:192.168.234.7"),
    "one-sided": ("a=VPN_LOCAL",),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_answer(lab, name):
    """RFC 3261 leaves no other way to say no than BYE."""
    program, call, unused = offered(lab)
    answer = BAD[name]
    if isinstance(answer, tuple):
        answer = body(changed(lab.lines(setup="passive"), *answer))
    call.ack(answer)
    reason = lab.peer.take("BYE").get("reason")
    assert reason and reason.startswith("SIP;cause=488;"), reason
    program.wait_for(r"^sipvpn-ua: call from sip:peer@\S+ failed: "
                     r"unusable answer: .*")
    program.waits_again()
    lab.assert_clean()
    lab.assert_usable(program)


def test_cut_off_after_every_line(lab):
    whole = lab.lines(setup="passive")
    program = lab.waiting()
    for end in range(len(whole)):
        call = lab.dial()
        seen = program.mark()
        assert call.invite().code == 200
        call.ack(body(whole[:end]))
        lab.peer.take("BYE")
        program.wait_for("waiting for calls", since=seen)
    lab.assert_usable(program)


def test_sdp_in_the_ack_of_an_early_offer_is_ignored(lab):
    """It has been answered already: RFC 3264 section 4."""
    program = lab.waiting()
    call = lab.dial()
    answer = call.invite(lab.good())
    call.ack(body(changed(lab.lines(), "a=PORT", "a=PORT:-1")))
    lab.connect(answer)
    program.connected()
    assert lab.peer.count("BYE") == 0
    assert call.bye().code == 200
    program.ended()


def test_ack_that_is_for_no_call(lab):
    program, call, unused = offered(lab)
    stranger = lab.dial()
    stranger.cseq = 1
    stranger.ack(lab.good(setup="passive"))
    wrong = lab.dial()
    wrong.call_id, wrong.remote, wrong.cseq = \
        call.call_id, call.remote, call.cseq
    wrong.ack(lab.good(setup="passive"))  # its From has another tag
    call.send("ACK", lab.good(setup="passive"), cseq=call.cseq + 5)
    # none of them was ours: the 200 is repeated until one is
    lab.peer.forget()
    lab.peer.take(200, 3.0)
    call.ack()
    lab.peer.take("BYE")
    program.waits_again()
