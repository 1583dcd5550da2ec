"""A VPN that comes into a call, goes out of it, and comes back: it is listed,
and can be ended, just while it is there.
"""

import pytest

from testlib import bed
from testlib.calls import (ANSWER, OFFER, SOON, Byes, listed, until_listed,
                           up, wait_until)
from testlib.kamailio import CFG
from testlib.talk import (Leg, call, dial, reliably, talker, together,
                          within)

AUDIO = bed.sdp(bed.AUDIO)
OFF = "m=application/vpn 0 OpenVPN 0"
# lab is the group of OFFER and ANSWER
BOTH, BOTH_ANSWER = (
    bed.sdp(bed.AUDIO, body.partition(b"t=0 0\r\n")[2].decode().rstrip())
    for body in (OFFER, ANSWER))
BOTH_OFF = bed.sdp(bed.AUDIO, OFF)
UPGRADE = 'modparam("sipvpn", "upgrade", 1)\n'
REVOKED = 'SIP;cause=403;text="VPN call revoked"'
UNFIT = 'SIP;cause=403;text="VPN refused: the caller is not a member"'
MEMBER = ("lab", "2501@example.org")
WITHOUT = "is over: the call goes on without the VPN"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Its script makes every call a dialog."""
    folder = tmp_path_factory.mktemp("change")
    cfg = folder / "own.cfg"
    with open(CFG, encoding="utf-8") as shipped:
        text = shipped.read()
    assert text.count("\tsipvpn_manage();\n\t$var(vpn)") == 1
    cfg.write_text(text.replace("\tsipvpn_manage();\n\t$var(vpn)",
                                "\tdlg_manage();\n\tsipvpn_manage();\n"
                                "\t$var(vpn)"))
    with bed.kamailio(folder, cfg=str(cfg), start=False, extra=UPGRADE,
                      defines={"RELOAD_DELTA": 0}) as running:
        running.add_group("den", ["2500", "2501"])
        running.start()
        yield running
        running.stop()


@pytest.fixture(autouse=True)
def as_it_was(server):
    yield
    until_listed(server, 0)
    if server.counters()["members"] < 5:
        server.rpc("sipvpn.add_member", *MEMBER)
        wait_until(lambda: server.counters()["members"] == 5)


def change(leg, other, offer, answer, method="INVITE"):
    assert within(leg, other, method, offer, answer)[1].body == answer
    if method == "INVITE":
        leg.ack()
        other.take("ACK")


def the_call(server, **expected):
    one, = until_listed(server, 1)
    assert {name: one.get(name) for name in expected} == expected
    return one


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
@pytest.mark.parametrize("by", ["caller", "callee"])
def test_a_vpn_comes_and_goes(server, member, callee, by, method):
    here, there = up(member, callee, AUDIO, AUDIO)
    leg, other = (here, callee) if by == "caller" else (there, member)
    ends = {"caller_addr": "192.168.234.1", "callee_addr": "192.168.234.2"}
    if by == "callee":
        ends = dict(zip(ends, reversed(ends.values())))
    ids = set()
    for unused in range(2):
        assert listed(server) == []
        change(leg, other, BOTH, BOTH_ANSWER, method)
        ids.add(the_call(server, call_id=here.call_id, group="lab",
                         caller="2501@example.org", state="up",
                         callee="2500@example.org", **ends)["id"])
        for offer, answer in ((BOTH_OFF, BOTH_OFF),
                              (BOTH, BOTH_ANSWER), (AUDIO, AUDIO),
                              (BOTH, BOTH_ANSWER), (BOTH, BOTH_OFF)):
            change(leg, other, offer, answer, method)
            until_listed(server, answer == BOTH_ANSWER)
    assert len(ids) == 2
    server.logged(WITHOUT)
    assert within(here, callee, "BYE")[1].code == 200


@pytest.mark.parametrize("first", [AUDIO, BOTH_OFF], ids=["audio", "off"])
def test_it_is_ended_as_any_other(server, member, callee, first):
    before = server.counters()["revoked"]
    for command, reason in ((("sipvpn.revoke", "2501@example.org"), REVOKED),
                            (("sipvpn.reload",), UNFIT)):
        there = up(member, callee, first, first)[1]
        change(there, member, BOTH, BOTH_ANSWER)
        the_call(server)
        if reason == UNFIT:
            server.remove_member("lab", "2501")
        byes = Byes(member, callee, call_id=there.call_id)
        server.rpc(*command)
        assert byes.reasons() == {"2500": reason, "2501": reason}
        assert max(byes.took.values()) < SOON, byes.took
        until_listed(server, 0)
    wait_until(lambda: server.counters()["revoked"] == before + 2)


def test_what_is_refused_or_fails_changes_nothing(server, member, callee):
    here, there = up(member, callee, AUDIO, AUDIO)

    def failed(leg, other, offer):
        def answered():
            request = other.take("INVITE", 10.0)
            other.answer(request, 488)
            other.take("ACK")
        assert together(lambda: leg.request("INVITE", offer),
                        answered)[0].code == 488

    failed(here, callee, BOTH)
    assert listed(server) == []
    change(here, callee, BOTH, BOTH_ANSWER)
    one = the_call(server)
    failed(there, member, AUDIO)
    attic = bed.sdp(bed.AUDIO, bed.vpn("attic"))
    assert here.request("INVITE", attic).code == 403
    assert within(here, callee, "INVITE", BOTH, attic)[1].body == BOTH_OFF
    here.ack()
    callee.take("ACK")
    until_listed(server, 0)
    change(here, callee, BOTH, BOTH_ANSWER)
    assert the_call(server)["id"] != one["id"]
    assert within(here, callee, "BYE")[1].code == 200


def test_a_late_offer_within_a_phone_call(server, member, callee):
    here, there = up(member, callee, AUDIO, AUDIO)
    for answer, number in ((BOTH_ANSWER, 1), (AUDIO, 0), (BOTH_ANSWER, 1),
                           (BOTH_OFF, 0)):
        assert within(there, member, "INVITE", b"", BOTH)[1].body == BOTH
        until_listed(server, 1)
        there.ack(answer)
        assert member.take("ACK").body == answer
        until_listed(server, number)
    # and the offer itself takes it out
    change(here, callee, BOTH, BOTH_ANSWER)
    until_listed(server, 1)
    assert within(there, member, "INVITE", b"", AUDIO)[1].body == AUDIO
    there.ack(AUDIO)
    member.take("ACK")
    until_listed(server, 0)
    assert within(here, callee, "BYE")[1].code == 200


def test_a_vpn_call_becomes_a_phone_call(server, member, callee):
    here, unused = up(member, callee, BOTH, BOTH_ANSWER)
    the_call(server)
    change(here, callee, BOTH_OFF, BOTH_OFF)
    until_listed(server, 0)
    server.rpc("sipvpn.rm_member", *MEMBER)
    wait_until(lambda: server.counters()["members"] == 4)
    server.logged(WITHOUT)
    assert within(here, callee, "UPDATE", AUDIO, AUDIO)[1].code == 200
    assert within(here, callee, "BYE")[1].code == 200


def test_a_bad_answer_leaves_a_phone_call(server, member, callee):
    reply = call(member, callee, BOTH, bed.sdp(bed.AUDIO, bed.vpn("den")))
    assert reply[3].body == BOTH_OFF
    reply[0].ack()
    callee.take("ACK")
    until_listed(server, 0)
    assert within(reply[0], callee, "BYE")[1].code == 200


def test_what_another_branch_answers_is_not_the_calls(server, member, callee):
    """The call forks, and two answer, the second one badly."""
    with talker(server, "2500") as second:
        second.register()
        waits = []

        def answered():
            first, other = (phone.take("INVITE") for phone in (callee, second))
            callee.answer(first, 200, BOTH_ANSWER)
            waits.append(other)

        reply = together(lambda: member.invite("2500", BOTH), answered)[0]
        one = the_call(server, state="up")
        second.answer(waits[0], 200, bed.sdp(bed.AUDIO, bed.vpn("den")))
        bad = member.take(200)
        assert bad.body == BOTH_OFF
        second.register(0)
        for answer, phone in ((bad, second), (reply, callee)):
            leg = Leg.of_caller(member, answer)
            leg.ack()
            phone.take("ACK")
            assert the_call(server)["id"] == one["id"]
            assert within(leg, phone, "BYE")[1].code == 200


def test_the_group_and_the_addresses_are_those_of_now(server, member, callee):
    here, unused = up(member, callee, BOTH, BOTH_ANSWER)
    one = the_call(server, group="lab", caller_addr="192.168.234.1")
    moved = [body.replace(b"192.168.234", b"192.168.7")
             for body in (BOTH, BOTH_ANSWER)]
    change(here, callee, *moved)
    the_call(server, id=one["id"], group="lab", caller_addr="192.168.7.1",
             callee_addr="192.168.7.2")
    other = [body.replace(b"VPN_ID:lab", b"VPN_ID:den")
             for body in (BOTH, BOTH_ANSWER)]
    change(here, callee, *other)
    assert the_call(server, group="den",
                    caller_addr="192.168.234.1")["id"] != one["id"]
    byes = Byes(member, callee)
    server.rpc("sipvpn.revoke", "2500@example.org", "den")
    assert byes.reasons() == {"2500": REVOKED, "2501": REVOKED}


RELIABLY = ("Require: 100rel", "RSeq: 1")
NO_SDP = b"what is no SDP"


@pytest.mark.parametrize("last", [b"", NO_SDP], ids=["no body", "no SDP"])
@pytest.mark.parametrize("late", [False, True], ids=["offer", "late offer"])
def test_what_was_agreed_on_before_the_200(server, member, callee, late,
                                           last, monkeypatch):
    """By a 183, its PRACK, and a 200 without an answer (RFC 3262)."""
    receive = member.receive

    def noted(timeout=5.0):
        got = receive(timeout)
        if got and got.code == 183:
            prack = Leg.of_caller(member, got)
            member.send(prack.build("PRACK", BOTH_ANSWER if late else b"",
                                    headers=["RAck: 1 2 INVITE"]))
        return got

    def answered():
        request = callee.take("INVITE")
        callee.answer(request, 183, BOTH if late else BOTH_ANSWER,
                      headers=RELIABLY)
        prack = callee.take_and_answer("PRACK")
        assert prack.body == (BOTH_ANSWER if late else b"")
        ringing, = until_listed(server, 1)
        assert ringing["state"] == "ringing"
        callee.answer(request, 200, last, "text/plain")

    monkeypatch.setattr(member, "receive", noted)
    reply = together(lambda: member.invite("2500", b"" if late else BOTH),
                     answered)[0]
    here = Leg.of_caller(member, reply)
    here.ack()
    callee.take("ACK")
    one = the_call(server, group="lab", state="up")
    assert {one["caller_addr"], one["callee_addr"]} == {"192.168.234.1",
                                                        "192.168.234.2"}
    byes = Byes(member, callee)
    server.rpc("sipvpn.revoke", here.call_id)
    assert byes.reasons() == {"2500": REVOKED, "2501": REVOKED}


@pytest.mark.parametrize("last", [b"", NO_SDP], ids=["no body", "no SDP"])
def test_the_first_answer_counts_within_a_call(server, member, callee, last):
    """It comes in a reliable 183, and none in the 200."""
    here, there = up(member, callee, AUDIO, AUDIO)

    def changed(offer, answer, listed_then):
        member.send(here.build("INVITE", offer))
        invite = callee.take("INVITE")
        # only what a PRACK follows is an answer
        callee.answer(invite, 183, answer)
        assert member.take(183).body == answer
        assert len(listed(server)) == 1 - listed_then
        assert reliably(member, callee, invite, answer)[1].body == answer
        until_listed(server, listed_then)
        callee.answer(invite, 200, last, "text/plain")
        member.take(200)
        here.ack()
        callee.take("ACK")
        assert len(listed(server)) == listed_then

    for offer, answer in ((AUDIO, AUDIO), (BOTH_OFF, BOTH_OFF),
                          (BOTH, BOTH_OFF), (BOTH, AUDIO)):
        changed(BOTH, BOTH_ANSWER, 1)
        changed(offer, answer, 0)
    changed(BOTH, BOTH_ANSWER, 1)
    the_call(server, caller_addr="192.168.234.1", state="up")
    byes = Byes(member, callee)
    server.rpc("sipvpn.revoke", here.call_id)
    assert byes.reasons() == {"2500": REVOKED, "2501": REVOKED}


DEN = bed.sdp(bed.AUDIO, bed.vpn("den"))


def begun(one, two, invite):
    """By a 200 without a body: its leg."""
    two.answer(invite, 200)
    leg = Leg.of_caller(one, one.take(200))
    leg.ack()
    two.take("ACK")
    return leg


@pytest.mark.parametrize("answer, got", [
    (BOTH_OFF, BOTH_OFF), (DEN, BOTH_OFF)], ids=["declined", "closed"])
def test_the_first_answer_has_no_vpn(server, member, callee, answer, got):
    invite = dial(member, callee, BOTH)
    assert reliably(member, callee, invite, answer)[1].body == got
    until_listed(server, 0)
    leg = begun(member, callee, invite)
    assert listed(server) == []
    assert within(leg, callee, "BYE")[1].code == 200


def test_a_call_that_has_nothing_left_is_ended(server, member, callee):
    invite = dial(member, callee, OFFER)
    reliably(member, callee, invite, bed.sdp(bed.vpn("den")))
    begun(member, callee, invite)
    assert Byes(member, callee).reasons() == dict.fromkeys(
        ("2500", "2501"), 'SIP;cause=488;text="VPN refused"')


@pytest.mark.parametrize("answer", [BOTH_OFF, AUDIO], ids=["off", "audio"])
@pytest.mark.parametrize("within_call", [True, False])
def test_a_late_offer_is_declined_by_the_prack(server, member, callee, answer,
                                               within_call):
    if within_call:
        here = up(member, callee, AUDIO, AUDIO)[0]
        member.send(here.build("INVITE"))
        invite = callee.take("INVITE")
    else:
        invite = dial(member, callee)
    leg = reliably(member, callee, invite, BOTH)[0]
    until_listed(server, 1)
    rack = [f"RAck: 1 {leg.cseq} INVITE"]
    if within_call:
        leg = here
    assert within(leg, callee, "PRACK", answer,
                  headers=rack)[0].body == answer
    until_listed(server, 0)
    callee.answer(invite, 200)
    member.take(200)
    assert listed(server) == []
    assert within(leg, callee, "BYE")[1].code == 200


def test_what_was_declined_comes_back_before_the_200(server, member, callee):
    invite = dial(member, callee, BOTH)
    leg = reliably(member, callee, invite, BOTH_OFF)[0]
    until_listed(server, 0)
    within(leg, callee, "PRACK", BOTH, BOTH_ANSWER,
           headers=["RAck: 1 2 INVITE"])
    until_listed(server, 1)
    leg = begun(member, callee, invite)
    the_call(server, state="up")
    assert within(leg, callee, "BYE")[1].code == 200


@pytest.mark.parametrize("late", [False, True], ids=["offer", "late offer"])
@pytest.mark.parametrize("winner", ["yes", "no", "in the 200"])
def test_each_branch_answers_for_itself(server, member, callee, late, winner):
    """The call forks: one says yes, the other no, and one has the call."""
    with talker(server, "2500") as second:
        second.register()
        invites = [dial(member, callee, b"" if late else BOTH),
                   second.take("INVITE")]
        for phone, invite, answer in ((callee, invites[0], BOTH_ANSWER),
                                      (second, invites[1], BOTH_OFF)):
            if winner == "in the 200" and phone is callee:
                continue
            leg = reliably(member, phone, invite,
                           BOTH if late else answer)[0]
            if late:
                within(leg, phone, "PRACK", answer,
                       headers=["RAck: 1 2 INVITE"])
        second.register(0)
        if winner == "in the 200":
            callee.answer(invites[0], 200, BOTH if late else BOTH_ANSWER)
            leg = Leg.of_caller(member, member.take(200))
            leg.ack(BOTH_ANSWER if late else b"")
            callee.take("ACK")
            phone = callee
        else:
            phone = callee if winner == "yes" else second
            leg = begun(member, phone, invites[phone is second])
        if winner == "no":
            assert listed(server) == []
        else:
            the_call(server, group="lab", state="up")
        assert within(leg, phone, "BYE")[1].code == 200


def test_a_branch_that_offers_nothing_has_no_vpn(server, member, callee):
    """Another has offered one, which was declined."""
    before = server.log.count("a VPN call has no dialog here")
    with talker(server, "2500") as second:
        second.register()
        invites = [dial(member, callee), second.take("INVITE")]
        leg = reliably(member, callee, invites[0], BOTH)[0]
        within(leg, callee, "PRACK", BOTH_OFF, headers=["RAck: 1 2 INVITE"])
        leg = begun(member, second, invites[1])
        assert listed(server) == []
        assert within(leg, second, "BYE")[1].code == 200
        second.register(0)
    assert server.log.count("a VPN call has no dialog here") == before


def test_a_second_offer_does_not_count(server, member, callee):
    """It may not be there, and is closed: what was agreed on stays."""
    invite = dial(member, callee)
    leg = reliably(member, callee, invite, OFFER)[0]
    within(leg, callee, "PRACK", ANSWER, headers=["RAck: 1 2 INVITE"])
    closed = reliably(member, callee, invite, bed.sdp(bed.vpn("attic")), 2)[1]
    assert closed.body == bed.sdp(OFF)
    leg = begun(member, callee, invite)
    the_call(server, group="lab", state="up")
    assert within(leg, callee, "BYE")[1].code == 200
