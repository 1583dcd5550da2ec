"""With the module dialog the server ends a call that was for a VPN alone,
once that has been closed in its 200 and the ACK has come.
"""

import pytest

from testlib import bed
from testlib.talk import call, talker, together, within

OFFER = bed.sdp(bed.vpn("lab"))
CLOSED = bed.sdp("m=application/vpn 0 OpenVPN 0")
MIXED = bed.sdp(bed.AUDIO, bed.vpn("lab"))
AUDIO = bed.sdp(bed.AUDIO)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with bed.kamailio(tmp_path_factory.mktemp("end")) as running:
        yield running
        running.stop()


@pytest.fixture
def phones(server):
    with talker(server, "2502") as stranger, \
            talker(server, "2500") as callee, \
            talker(server, "2501") as member:
        yield stranger, callee.register(), member
        callee.register(0)


def both_byes(stranger, callee):
    """The BYEs that both get, each answered at once."""
    return together(lambda: stranger.take_and_answer("BYE"),
                    lambda: callee.take_and_answer("BYE"))


def end_another(stranger, callee):
    """A call that is ended; by then one before it would have been, too."""
    gone = call(stranger, callee, b"", OFFER)[0]
    gone.ack()
    callee.take("ACK")
    assert [bye.get("call-id") for bye in both_byes(stranger, callee)] == \
        [gone.call_id] * 2


@pytest.mark.parametrize("offer", [b"", b"what is no SDP"],
                         ids=["no body", "no SDP"])
def test_a_strangers_late_vpn_call_is_ended(phones, offer):
    stranger, callee, unused = phones
    here, unused, unused, reply = call(stranger, callee, offer, OFFER,
                                       early=(183,),
                                       content_type="text/plain")
    assert reply.body == CLOSED
    # Not before the ACK: until then there is nothing that a BYE could end.
    assert not stranger.was_called()
    here.ack(OFFER)
    assert callee.take("ACK").body == CLOSED
    assert {bye.get("reason") for bye in both_byes(stranger, callee)} == \
        {'SIP;cause=488;text="VPN refused"'}


@pytest.mark.parametrize("offer", [MIXED, AUDIO], ids=["audio too", "audio"])
def test_what_is_worth_a_call_goes_on(phones, offer):
    stranger, callee, unused = phones
    here, there, unused, unused = call(stranger, callee, b"", offer)
    here.ack(AUDIO)
    callee.take("ACK")
    end_another(stranger, callee)
    assert within(here, callee, "UPDATE", AUDIO, AUDIO)[1].code == 200
    assert within(there, stranger, "BYE")[1].code == 200


def test_a_vpn_offered_within_a_phone_call_does_not_end_it(phones):
    stranger, callee, unused = phones
    here, there, unused, unused = call(stranger, callee, AUDIO, AUDIO)
    here.ack()
    callee.take("ACK")
    assert within(here, callee, "INVITE", b"", OFFER)[1].body == CLOSED
    here.ack(AUDIO)
    callee.take("ACK")
    end_another(stranger, callee)
    assert within(there, stranger, "UPDATE", AUDIO, AUDIO)[1].code == 200
    assert within(here, callee, "BYE")[1].code == 200


def test_a_members_late_vpn_call_goes_on(phones):
    stranger, callee, member = phones
    here, unused, unused, reply = call(member, callee, b"", OFFER)
    assert reply.body == OFFER
    here.ack(OFFER)
    callee.take("ACK")
    end_another(stranger, callee)
    assert within(here, callee, "UPDATE", OFFER, OFFER)[1].code == 200
    assert within(here, callee, "BYE")[1].code == 200


def test_a_call_whose_answer_is_closed_is_ended(phones):
    unused, callee, member = phones
    here, unused, unused, reply = call(
        member, callee, OFFER, bed.sdp(bed.vpn("attic")))
    assert reply.body == CLOSED
    here.ack()
    callee.take("ACK")
    assert {bye.get("reason") for bye in both_byes(member, callee)} == \
        {'SIP;cause=488;text="VPN refused"'}
