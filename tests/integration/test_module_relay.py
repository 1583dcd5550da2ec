"""cfg/kamailio.cfg with a media relay: voice goes through it, a call for
nothing but a VPN does without, and VPN sections leave as they came.
"""

import pytest

from testlib import bed, keepbed
from testlib.kamailio import CFG
from testlib.peer import tag_of
from testlib.rtpengine import IP as RELAY_IP, Rtpengine
from testlib.talk import call, talker, together, within

DIALOG = 'loadmodule "dialog.so"\n'
SECTION = bed.vpn("lab")
VPN = bed.sdp(SECTION)
NO_VPN = bed.sdp(bed.vpn("lab", m="m=application/vpn 0 OpenVPN 0"))
AUDIO = bed.sdp(bed.AUDIO)
MIXED = bed.sdp(bed.AUDIO, SECTION)
NO_AUDIO = bed.sdp("m=audio 0 RTP/AVP 0", SECTION)


@pytest.fixture(scope="module")
def relay(tmp_path_factory):
    with Rtpengine(tmp_path_factory.mktemp("rtpengine")) as running:
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory, relay):
    with bed.kamailio(tmp_path_factory.mktemp("kamailio"), defines={
            "RTPENGINE": f'"{relay.control}"'}) as running:
        yield running
        running.stop()


@pytest.fixture
def untouched(relay):
    """Nothing but the end of a call reaches the relay while the test runs."""
    since = relay.proc.mark()
    yield
    # its log is in the order of commands, and this is the last
    relay.ask("query", **{"call-id": "fence"})
    relay.proc.wait_for("Received command 'query'", since=since)
    seen = {line.split("command '")[1].split("'")[0]
            for line in relay.proc.lines[since:] if "Received command" in line}
    assert seen == {"list", "delete", "query"}


def hang_up(one, two):
    unused, reply = within(one, two.phone, "BYE")
    assert reply.code == 200


def check_relayed(body):
    """Voice to the relay, the VPN section as it came with the c= it had."""
    assert keepbed.address(body)[0] == RELAY_IP
    first, unused, rest = SECTION.partition("\r\n")
    kept = f"{first}\r\nc=IN IP4 127.0.0.1\r\n{rest}\r\n".encode()
    assert keepbed.vpn(body) == kept, body


@pytest.mark.parametrize("offer, answer", [
    (VPN, VPN), (VPN, NO_VPN), (NO_AUDIO, NO_AUDIO)],
    ids=["admitted", "refused by the callee", "audio refused"])
def test_a_vpn_call_opens_nothing(relay, untouched, callee, member, offer,
                                  answer):
    one, two, request, reply = call(member, callee, offer, answer)
    one.ack()
    assert (request.body, reply.body) == (offer, answer)
    assert relay.calls() == []
    hang_up(one, two)


def test_a_late_vpn_call_opens_nothing(relay, untouched, callee, member):
    one, two, unused, reply = call(member, callee, b"", VPN)
    one.ack(VPN)
    assert callee.take("ACK").body == VPN
    assert reply.body == VPN
    assert relay.calls() == []
    hang_up(one, two)


def test_voice_beside_a_vpn_is_relayed_alone(relay, callee, member):
    one, two, request, reply = call(member, callee, MIXED, MIXED)
    one.ack()
    assert len(relay.calls()) == 1
    check_relayed(request.body)
    check_relayed(reply.body)
    hang_up(one, two)
    assert relay.calls() == []


def test_a_late_offer_of_both(relay, callee, member):
    one, two, unused, reply = call(member, callee, b"", MIXED)
    check_relayed(reply.body)
    assert len(relay.calls()) == 1
    one.ack(MIXED)
    assert keepbed.address(callee.take("ACK").body)[0] == RELAY_IP
    hang_up(one, two)
    assert relay.calls() == []


def test_voice_that_joins_a_vpn_call_is_relayed(relay, callee, member):
    one, two, *unused = call(member, callee, VPN, VPN)
    one.ack()
    request, reply = within(one, callee, "INVITE", MIXED, MIXED)
    one.ack()
    check_relayed(request.body)
    check_relayed(reply.body)
    hang_up(one, two)
    assert relay.calls() == []


def test_a_phone_call_that_is_refused_leaves_nothing(relay, callee, stranger):
    reply, got = bed.ring(stranger, callee, AUDIO)
    assert (reply.code, keepbed.address(got.body)[0]) == (486, RELAY_IP)
    assert relay.calls() == []


def test_voice_that_the_server_ends_is_taken_back(relay, tmp_path):
    """As the module dialog does, given phone calls to look after."""
    with open(CFG, encoding="utf-8") as file:
        text = file.read()
    for more, place in ((DIALOG, "loadmodule SIPVPN_SO\n"),
                        ("\tdlg_manage();\n", "\troute(LOCATE);\n}")):
        assert text.count(place) == 1
        if more not in text:
            text = text.replace(place, more + place)
    cfg = tmp_path / "changed.cfg"
    cfg.write_text(text)
    with bed.kamailio(tmp_path, cfg=str(cfg), defines={
            "RTPENGINE": f'"{relay.control}"'}) as server, \
            talker(server, "2500") as two, talker(server, "2502") as one:
        two.register()
        leg, *unused = call(one, two, AUDIO, AUDIO)
        leg.ack()
        two.take("ACK")
        assert relay.calls() == [leg.call_id]
        server.rpc("dlg.terminate_dlg", leg.call_id, tag_of(leg.local),
                   tag_of(leg.remote))
        for phone in (one, two):
            phone.answer(phone.take("BYE"))
        assert relay.calls() == []
        server.stop()


def test_a_refused_change_ends_no_voice(relay, callee, stranger):
    one, two, *unused = call(stranger, callee, AUDIO, AUDIO)
    one.ack()
    held = relay.calls()

    def refused():
        callee.answer(callee.take("INVITE"), 488)

    reply, unused = together(lambda: one.request("INVITE", AUDIO), refused)
    assert reply.code == 488
    assert relay.calls() == held != []
    hang_up(one, two)
    assert relay.calls() == []
