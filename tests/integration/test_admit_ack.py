"""The ACK that answers a late offer is judged as its answer: it may name no
other group, and no other tunnel addresses than those that the group assigns.
"""

import re

import pytest

from testlib import bed
from testlib.assigned import (BAD, GOOD, LAB, OFFER, OTHER, OWN, counted,
                              one_server, section)
from testlib.calls import Byes, until_listed, wait_until
from testlib.talk import Leg, call, dial, talker, together, within

AUDIO = bed.sdp(bed.AUDIO)
CLOSED = bed.sdp("m=application/vpn 0 OpenVPN 0")
MIXED_CLOSED = bed.sdp(bed.AUDIO, "m=application/vpn 0 OpenVPN 0")


@pytest.fixture(scope="module", params=[True, False],
                ids=["dialog", "no dialog"])
def server(request, tmp_path_factory):
    with one_server(tmp_path_factory.mktemp("ack"), request.param) as running:
        yield running


@pytest.mark.parametrize("answer", GOOD.values(), ids=GOOD)
def test_a_good_answer_passes_and_was_counted_with_its_offer(
        server, member, callee, answer):
    before = server.counters()
    here = call(member, callee, b"", OFFER)[0]
    body = bed.sdp(answer)
    for unused in range(2):  # it may come again
        here.ack(body)
        assert callee.take("ACK").body == body
    assert counted(server, before) == {"offers": 1, "allowed": 1,
                                       "rejected": 0}
    assert within(here, callee, "BYE")[1].code == 200


@pytest.mark.parametrize("what", BAD)
def test_a_bad_answer_is_closed_and_the_call_ended(server, member, callee,
                                                   what):
    answer, reason = BAD[what]
    before = server.counters()
    here = call(member, callee, b"", OFFER)[0]
    byes = Byes(member, callee) if server.has_dialog else None
    for unused in range(2):
        here.ack(bed.sdp(answer))
    if byes:
        assert set(byes.reasons().values()) == {
            'SIP;cause=488;text="VPN refused"'}
    for unused in range(2):
        assert callee.take("ACK").body == CLOSED
    # once a call, however often the ACK comes
    assert counted(server, before) == {"offers": 2, "allowed": 1,
                                       "rejected": 1}
    server.logged("VPN call refused: caller 2501@example.org, callee "
                  "2500@example.org, group 'site': " + reason)
    if not byes:
        assert within(here, callee, "BYE")[1].code == 200


def test_a_bad_section_is_closed_and_the_audio_goes_on(server, member,
                                                       callee):
    here = call(member, callee, b"", bed.sdp(bed.AUDIO, section(OWN, OTHER)))[0]
    here.ack(bed.sdp(bed.AUDIO, section(group="lab")))
    assert callee.take("ACK").body == MIXED_CLOSED
    if server.has_dialog:  # a VPN call no more
        until_listed(server, 0)
    assert within(here, callee, "UPDATE", AUDIO, AUDIO)[1].code == 200
    assert within(here, callee, "BYE")[1].code == 200


def test_what_was_not_offered_cannot_be_answered(server, member, callee):
    before = server.counters()
    here = call(member, callee, b"", AUDIO)[0]
    here.ack(bed.sdp(bed.AUDIO, section(OTHER, OWN)))
    assert callee.take("ACK").body == MIXED_CLOSED
    assert counted(server, before) == {"offers": 1, "allowed": 0,
                                       "rejected": 1}
    server.logged("the answer has a VPN section that was not offered")
    assert within(here, callee, "BYE")[1].code == 200


def test_an_ack_that_no_late_offer_waits_for(server, member, callee):
    """The INVITE had the offer, and the 200 its answer."""
    here = call(member, callee, bed.sdp(section(OTHER, OWN)), OFFER)[0]
    here.ack(LAB)
    assert callee.take("ACK").body == CLOSED
    assert within(here, callee, "BYE")[1].code == 200


def test_within_a_call_whoever_answers(server, member, callee):
    """The group is that of the last offer, not of the call's first."""
    here, there, unused, unused = call(member, callee, b"", LAB)
    here.ack(LAB)
    assert callee.take("ACK").body == LAB
    for leg, other, own, its in ((here, callee, OTHER, OWN),
                                 (there, member, OWN, OTHER)):
        offer, answer = section(its, own), section(own, its)
        for body, got in ((answer, bed.sdp(answer)),
                          (section(its, own), CLOSED),
                          (section(group="lab"), CLOSED)):
            assert within(leg, other, "INVITE", b"",
                          bed.sdp(offer))[1].body == bed.sdp(offer)
            leg.ack(bed.sdp(body))
            assert other.take("ACK").body == got
    assert within(here, callee, "BYE")[1].code == 200


@pytest.mark.parametrize("swapped", [False, True])
def test_of_a_call_that_forks_the_first_200_counts(server, member, callee,
                                                   swapped):
    """tm and dialog know that alone: an answer to another does not pass."""
    answers = {OFFER: bed.sdp(section(OTHER, OWN)), LAB: LAB}
    with talker(server, "2500") as second:
        second.register()
        phones = [callee, second]
        waits = []

        def answered():
            first, other = (phone.take("INVITE") for phone in phones)
            callee.answer(first, 200, OFFER)
            waits.append(other)

        replies = [together(lambda: member.invite("2500", b""), answered)[0]]
        # it does not know yet that it has been cancelled
        second.answer(waits[0], 200, LAB)
        replies.append(member.take(200))
        assert [reply.body for reply in replies] == [OFFER, LAB]
        legs = [Leg.of_caller(member, reply) for reply in replies]
        if server.has_dialog:  # that of the first
            one, = until_listed(server, 1)
            assert one["group"] == "site"
        for leg, phone, reply in reversed(list(zip(legs, phones, replies))):
            body = answers[replies[leg is legs[0]].body if swapped
                           else reply.body]
            leg.ack(body)
            passes = leg is legs[0] and not swapped
            assert phone.take("ACK").body == (body if passes else CLOSED)
        if server.has_dialog:
            until_listed(server, int(not swapped))
        second.register(0)
        for leg, phone in zip(legs, phones):
            if not (swapped and server.has_dialog and leg is legs[0]):
                assert within(leg, phone, "BYE")[1].code == 200
        if server.has_dialog:
            until_listed(server, 0)


@pytest.mark.parametrize("has_dialog", [True, False],
                         ids=["dialog", "no dialog"])
def test_an_ack_that_comes_when_the_transaction_has_gone(tmp_path,
                                                         has_dialog):
    """The call is known then, or else nobody knows what was offered."""
    soon = 'modparam("tm", "wt_timer", 100)\n'
    good = bed.sdp(section(OTHER, OWN))
    with one_server(tmp_path, has_dialog, soon) as server, \
            talker(server, "2501") as one, talker(server, "2500") as two:
        two.register()
        for body, got in ((good, good if has_dialog else CLOSED),
                          (LAB, CLOSED)):
            here = call(one, two, b"", OFFER)[0]
            wait_until(lambda: server.rpc("tm.stats")["current"] == 0)
            here.ack(body)
            assert two.take("ACK").body == got
            assert within(here, two, "BYE")[1].code == 200


@pytest.mark.parametrize("way", ["transaction", "dialog"])
def test_nobody_else_answers_it(tmp_path, way):
    """Who knows all that names the call is not let into its group."""
    has_dialog = way == "dialog"
    soon = 'modparam("tm", "wt_timer", 100)\n' if has_dialog else ""
    with one_server(tmp_path, has_dialog, soon) as server, \
            talker(server, "2501") as one, talker(server, "2502") as other, \
            talker(server, "2500") as two:
        two.register()
        here = call(one, two, b"", OFFER)[0]
        two.answer(dial(other, two, call_id=here.call_id, cseq=7), 200)
        his = Leg.of_caller(other, other.take(200))
        if has_dialog:
            did, = re.findall(";did=[^;>]*", here.routes[0])
            his.routes = [re.sub(";did=[^;>]*", did, his.routes[0])]
            wait_until(lambda: server.rpc("tm.stats")["current"] == 0)
        # its From tag is the Call-ID, as all of these phones have it
        other.send(his.build("ACK", bed.sdp(section()), cseq=here.cseq))
        assert two.take("ACK").body == CLOSED
        here.ack(bed.sdp(section()))
        assert two.take("ACK").body == bed.sdp(section())
