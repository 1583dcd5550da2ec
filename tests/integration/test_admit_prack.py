"""The PRACK that answers a late offer, which came in a reliable provisional
reply (RFC 3262), is judged as its answer; every other one brings an offer.
"""

import pytest

from testlib import bed
from testlib.assigned import (BAD, GOOD, LAB, OFFER, OTHER, OWN, counted,
                              one_server, section)
from testlib.calls import Byes, until_listed
from testlib.talk import Leg, dial, reliably, talker, within

ANSWER = bed.sdp(section(OTHER, OWN))
CLOSED = bed.sdp("m=application/vpn 0 OpenVPN 0")
RACK = "RAck: 1 2 INVITE"
PHRASES = {
    "other group": "VPN refused: the answer names another VPN group",
    "local": "VPN refused: VPN_LOCAL_ADDR is not your address in the group",
    "remote": "VPN refused: VPN_REMOTE_ADDR is not the callee's address",
    "a stranger's": "VPN refused: VPN_LOCAL_ADDR is not your address in the "
                    "group",
}


@pytest.fixture(scope="module", params=[True, False],
                ids=["dialog", "no dialog"])
def server(request, tmp_path_factory):
    with one_server(tmp_path_factory.mktemp("prack"),
                    request.param) as running:
        yield running


def prack(leg, other, body=b"", rack=RACK, answer=b""):
    """It passes: what the other got, and the reply."""
    return within(leg, other, "PRACK", body, answer, headers=[rack])


def up(one, two, invite):
    """The 200 has no body: all has been said."""
    two.answer(invite, 200)
    leg = Leg.of_caller(one, one.take(200))
    leg.ack()
    assert two.take("ACK").body == b""
    return leg


def over(leg, other):
    assert within(leg, other, "BYE")[1].code == 200


def offered(one, two, offer=OFFER):
    """A late offer has come: its INVITE, and the early dialog."""
    invite = dial(one, two)
    leg, got = reliably(one, two, invite, offer)
    assert got.body == offer
    return invite, leg


@pytest.mark.parametrize("answer", GOOD.values(), ids=GOOD)
def test_a_good_answer_passes_and_was_counted_with_its_offer(
        server, member, callee, answer):
    before = server.counters()
    invite, leg = offered(member, callee)
    assert prack(leg, callee, bed.sdp(answer))[0].body == bed.sdp(answer)
    leg = up(member, callee, invite)
    if server.has_dialog:
        assert until_listed(server, 1)[0]["group"] == "site"
    assert counted(server, before) == {"offers": 1, "allowed": 1,
                                       "rejected": 0}
    over(leg, callee)


@pytest.mark.parametrize("what", BAD)
def test_a_bad_answer_is_refused(server, member, callee, what):
    answer, reason = BAD[what]
    before = server.counters()
    invite, leg = offered(member, callee)
    for unused in range(2):
        reply = leg.request("PRACK", bed.sdp(answer), headers=[RACK])
        assert (reply.code, reply.phrase) == (403, PHRASES[what])
    # once a call, however often it is tried
    assert counted(server, before) == {"offers": 2, "allowed": 1,
                                       "rejected": 1}
    server.logged("VPN call refused: caller 2501@example.org, callee "
                  "2500@example.org, group 'site': " + reason)
    # nothing of it has arrived: the next that comes is a good one
    assert prack(leg, callee, ANSWER)[0].body == ANSWER
    over(up(member, callee, invite), callee)


def test_a_malformed_answer_is_refused(member, callee):
    invite, leg = offered(member, callee)
    bad = ANSWER.replace(b"a=VPN_LOCAL_ADDR:10.8.0.2",
                         b"a=VPN_LOCAL_ADDR:10.8.0")
    assert leg.request("PRACK", bad, headers=[RACK]).code == 488
    assert prack(leg, callee, ANSWER)[0].body == ANSWER
    over(up(member, callee, invite), callee)


@pytest.mark.parametrize("audio", [(), (bed.AUDIO,)], ids=["vpn", "audio"])
def test_what_was_closed_is_declined(server, stranger, callee, audio):
    """As the offer arrives, so it can be answered, and not otherwise."""
    before = server.counters()
    closed = bed.sdp(*audio, "m=application/vpn 0 OpenVPN 0")
    live = bed.sdp(*audio, section(OWN, OTHER))
    invite = dial(stranger, callee)
    leg, got = reliably(stranger, callee, invite, live)
    assert got.body == closed
    for body in (live, live.replace(b"vpn 8000", b"vpn 0")):
        reply = leg.request("PRACK", body, headers=[RACK])
        assert (reply.code, reply.phrase) == (
            403, "VPN refused: no VPN has been offered")
    assert prack(leg, callee, closed)[0].body == closed
    leg = up(stranger, callee, invite)
    assert counted(server, before) == {"offers": 2, "allowed": 0,
                                       "rejected": 2}
    if server.has_dialog and not audio:
        assert set(Byes(stranger, callee).reasons().values()) == {
            'SIP;cause=488;text="VPN refused"'}
    else:
        over(leg, callee)


def test_its_200_adds_nothing(member, callee):
    """Offer and answer have been made."""
    invite, leg = offered(member, callee)
    got, reply = prack(leg, callee, ANSWER, answer=OFFER)
    assert (got.body, reply.body) == (ANSWER, CLOSED)
    over(up(member, callee, invite), callee)


# What makes it an offer: the reply that it names was not reliable, or has
# not made the offer, or it names none.
@pytest.mark.parametrize("rack", [
    "RAck: 1 1 INVITE", "RAck: 2 2 INVITE", "RAck: 1 2 UPDATE", "RAck: 1 2",
    "RAck: 1", "RAck: -1 2 INVITE", "RAck: 4294967296 2 INVITE", "RAck:",
    "RAck: 0 2 INVITE", "RAck: 1 " + "2" * 1100 + " INVITE", "X: 1 2 INVITE"])
def test_what_acknowledges_no_offer_is_one(server, member, callee, rack):
    before = server.counters()
    invite, leg = offered(member, callee)
    got, reply = prack(leg, callee, LAB, rack, answer=LAB)
    assert (got.body, reply.body) == (LAB, LAB)
    assert counted(server, before) == {"offers": 2, "allowed": 2,
                                       "rejected": 0}
    over(up(member, callee, invite), callee)


@pytest.mark.parametrize("rack", ["RAck: 1 2 INVITE", "rack:1\t 2  INVITE",
                                  "RAck: 1 2\r\n INVITE"])
def test_however_it_is_written(server, member, callee, rack):
    invite, leg = offered(member, callee)
    assert leg.request("PRACK", LAB, headers=[rack]).code == 403
    assert prack(leg, callee, ANSWER, rack)[0].body == ANSWER
    over(up(member, callee, invite), callee)


@pytest.mark.parametrize("headers", [
    (), ("RSeq: 1",), ("Require: 100rel",), ("Require: 100rel", "RSeq: 0"),
    ("Require: 100rel", "RSeq: x"), ("Require: 100rels", "RSeq: 1"),
    ("Supported: 100rel", "RSeq: 1")])
def test_a_reply_that_is_not_reliable_makes_no_offer(server, member, callee,
                                                     headers):
    invite = dial(member, callee)
    callee.answer(invite, 183, OFFER, headers=headers)
    leg = Leg.of_caller(member, member.take(183))
    assert prack(leg, callee, LAB, answer=LAB)[0].body == LAB
    over(up(member, callee, invite), callee)


def test_behind_the_answer_comes_an_offer(server, member, callee):
    """It was in the INVITE; and the next PRACK of a late offer has one."""
    before = server.counters()
    invite = dial(member, callee, ANSWER)
    leg, got = reliably(member, callee, invite, OFFER)
    assert got.body == OFFER
    assert prack(leg, callee, LAB, answer=LAB)[1].body == LAB
    over(up(member, callee, invite), callee)
    invite, leg = offered(member, callee)
    prack(leg, callee, ANSWER)
    reliably(member, callee, invite, rseq=2, code=180)
    assert prack(leg, callee, LAB, "RAck: 2 2 INVITE",
                 answer=LAB)[1].body == LAB
    over(up(member, callee, invite), callee)
    assert counted(server, before) == {"offers": 4, "allowed": 4,
                                       "rejected": 0}


def test_each_branch_has_an_offer_of_its_own(server, member, callee):
    with talker(server, "2500") as second:
        second.register()
        invites = [dial(member, callee), second.take("INVITE")]
        legs = [reliably(member, phone, invite, body)[0]
                for phone, invite, body in
                zip((callee, second), invites, (OFFER, LAB))]
        for leg, phone, good, bad in ((legs[0], callee, ANSWER, LAB),
                                      (legs[1], second, LAB, ANSWER)):
            assert leg.request("PRACK", bad, headers=[RACK]).code == 403
            assert prack(leg, phone, good)[0].body == good
        over(up(member, second, invites[1]), second)
        second.register(0)


def test_the_callee_answers_where_he_began(server, member, callee):
    invite, leg = offered(member, callee)
    prack(leg, callee, ANSWER)
    here, there = up(member, callee, invite), Leg.of_callee(callee, invite)
    callee.send(there.build("INVITE"))
    again = member.take("INVITE")
    reliably(callee, member, again, ANSWER)
    rack = "RAck: 1 1 INVITE"
    assert there.request("PRACK", LAB, headers=[rack]).code == 403
    # of the other end it is no answer
    assert prack(here, callee, LAB, rack, LAB)[1].body == LAB
    assert prack(there, member, OFFER, rack)[0].body == OFFER
    member.answer(again, 200)
    callee.take(200)
    callee.send(there.build("ACK", cseq=1))
    member.take("ACK")
    over(here, callee)


def test_nobody_else_answers_it(tmp_path):
    """Who knows all that names the call is not let into its group."""
    with one_server(tmp_path, False) as server, \
            talker(server, "2501") as one, talker(server, "2502") as other, \
            talker(server, "2500") as two:
        two.register()
        leg = offered(one, two)[1]
        theirs = dial(other, two, call_id=leg.call_id, cseq=7)
        two.answer(theirs, 200)
        his = Leg.of_caller(other, other.take(200))
        for body in (ANSWER, bed.sdp(section(group=None))):
            reply = his.request("PRACK", body, headers=[RACK])
            assert (reply.code, reply.phrase) == (
                403, "VPN refused: you are not a member of the VPN group")
