"""A 200 whose SDP will not do: acknowledged, ended with the reason, and
told to the user in words with exit code 5.
"""

import re

import pytest

from testlib import ua
from testlib.vpnend import body, changed

REASON = re.compile(r'SIP;cause=488;text="([\x20-\x7e]+)"$')


def assert_given_up(lab, program, invite, answer, word, **fields):
    """The UA's ACK, its BYE with the reason, its exit."""
    lab.peer.reply(invite, 200, "OK", body=answer, **fields)
    ack = lab.peer.take("ACK")
    assert ack.get("cseq").split()[0] == invite.get("cseq").split()[0]
    bye = lab.peer.take("BYE")
    assert bye.get("call-id") == invite.get("call-id")
    reason = REASON.match(bye.get("reason") or "")
    assert reason, f"Reason: {bye.get('reason')}"
    assert word in reason.group(1)
    assert program.wait() == ua.REFUSED_CALL
    told = program.wait_for(
        r"^sipvpn-ua: call to sip:peer@\S+ failed: (.*)").group(1)
    assert word in told
    # it took back its registration, and there is no second word
    assert lab.peer.take("REGISTER").get("expires") != "0"
    assert lab.peer.take("REGISTER").get("expires") == "0"
    lab.assert_clean()


LOCAL, REMOTE = "a=VPN_LOCAL_ADDR", "a=VPN_REMOTE_ADDR"
BAD = {
    "m-port-0": ({"m=": ["m=application/vpn 0 OpenVPN 0"]}, "port is 0"),
    "m-port-65536": ({"m=": ["m=application/vpn 65536 OpenVPN 0"]}, "65536"),
    "m-port--1": ({"m=": ["m=application/vpn -1 OpenVPN 0"]}, "-1"),
    "m-port-text": ({"m=": ["m=application/vpn x OpenVPN 0"]}, "port"),
    "PORT-0": ({"a=PORT": ["a=PORT:0"]}, "port is 0"),
    "PORT-65536": ({"a=PORT": ["a=PORT:65536"]}, "65536"),
    "PORT-text": ({"a=PORT": ["a=PORT:x"]}, "x"),
    "two-VPN": ({"a=setup": ["a=setup:passive",
                             "m=application/vpn 9002 OpenVPN 0"]},
                "more than one VPN"),
    "audio-only": ({"m=": ["m=audio 4000 RTP/AVP 0"]}, "no VPN"),
    "audio-added": ({"t=": ["t=0 0", "m=audio 4000 RTP/AVP 0"]},
                    "not those of the offer"),
    "other-form": ({"m=": ["m=application 9000 udp openvpn"]},
                   "not those of the offer"),
    "IP4-text": ({"a=IP4": ["a=IP4:here"]}, "here"),
    "IP4-any": ({"a=IP4": ["a=IP4:0.0.0.0"]}, "endpoint"),
    "IP4-multicast": ({"a=IP4": ["a=IP4:224.0.0.1"]}, "endpoint"),
    "no-endpoint": ({"a=IP4": [], "c=": []}, "neither c="),
    "o-malformed": ({"o=": ["o=me"]}, "o="),
    "no-fingerprint": ({"a=fingerprint": []}, "fingerprint"),
    "fingerprint-short": ({"a=fingerprint": ["a=fingerprint:SHA-256 AA"]},
                          "fingerprint"),
    "setup-none": ({"a=setup": []}, "setup"),
    "setup-actpass": ({"a=setup": ["a=setup:actpass"]}, "setup"),
    "setup-unknown": ({"a=setup": ["a=setup:maybe"]}, "maybe"),
    "no-tunnel-addresses": ({LOCAL: [], REMOTE: []}, "pair"),
    "only-one": ({REMOTE: []}, "pair"),
    "tunnel-text": ({LOCAL: [LOCAL + ":there"]}, "there"),
    "tunnel-the-same": ({LOCAL: [LOCAL + ":192.168.234.1"]}, "pair"),
    "tunnel-public": ({LOCAL: [LOCAL + ":192.0.2.1"]}, "not a private one"),
    "tunnel-in-our-network": ({LOCAL: [LOCAL + ":198.51.100.7"]},
                              "198.51.100.7"),
    "quote-and-escape": ({"a=setup": ['a=setup:"\\\x01\x1b[31m\tö']},
                         "setup"),
    "very-long-value": ({"a=setup": ["a=setup:" + "x" * 4000]}, "setup"),
}


@pytest.mark.parametrize("name", BAD)
def test_given_up_with_the_reason(lab, name):
    changes, word = BAD[name]
    lines = lab.lines(setup="passive")
    for start, new in changes.items():
        lines = changed(lines, start, *new)
    program, invite = lab.calling()
    assert_given_up(lab, program, invite, body(lines), word)


@pytest.mark.parametrize("answer,word", [
    (b"", "no SDP"), (bytes(range(256)), ""), (b"v=0", ""),
    (b"\r\n" * 30, ""), (b"hello\r\n", "")],
    ids=["none", "binary", "v-only", "line-ends", "text"])
def test_no_sdp(lab, answer, word):
    program, invite = lab.calling()
    assert_given_up(lab, program, invite, answer, word)


def test_cut_off_after_every_line(lab):
    whole = lab.lines(setup="passive")
    for end in range(1, len(whole)):
        program, invite = lab.calling()
        assert_given_up(lab, program, invite, body(whole[:end]), "")
        lab.clear()


@pytest.mark.parametrize("pair", [
    ("192.168.234.1", "192.168.234.2"), ("192.168.234.2", "192.168.234.3")])
def test_addresses_that_do_not_mirror_those_of_the_user(lab, pair):
    program, invite = lab.calling("-l", "192.168.234.1")
    assert_given_up(lab, program, invite,
                    lab.good(setup="passive", pair=pair), "of the offer")


def test_sdp_that_is_called_something_else(lab):
    program, invite = lab.calling()
    assert_given_up(lab, program, invite, lab.good(setup="passive"), "SDP",
                    kind="text/plain")


def test_good_answer_after_all_that(lab):
    """The same steps with nothing wrong end in a tunnel."""
    program, invite = lab.calling()
    lab.listen(invite)
    lab.peer.reply(invite, 200, "OK", body=lab.good(setup="passive"))
    program.connected()
    lab.peer.take("ACK")
    assert program.stop() == ua.OK
    assert lab.peer.take("BYE").get("reason") is None


@pytest.mark.parametrize("warning,told", [
    ('399 198.51.100.10 "no such group"', "Sorry: no such group"),
    ('399 198.51.100.10 "cut', "Sorry: cut"),
    ('399 198.51.100.10 "\x1b[2J\x01ü"', r"Sorry: \?\[2J\?\?\?"),
    ("399 198.51.100.10", "Sorry"), ("399", "Sorry"), ('"', "Sorry")])
def test_refused_with_a_warning(lab, warning, told):
    program, invite = lab.calling()
    lab.peer.reply(invite, 606, "Sorry", [f"Warning: {warning}"])
    program.wait_for(f"^sipvpn-ua: call to .* refused: 606 {told}$")
    assert program.wait() == ua.REFUSED_CALL
