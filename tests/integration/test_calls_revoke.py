"""Calls in progress, and how an operator ends them: sipvpn.calls and
sipvpn.revoke.
"""

import time

import pytest

from testlib import bed, proc
from testlib.calls import (ANSWER, OFFER, SOON, Byes, fault, listed,
                           until_listed, up, wait_until)
from testlib.talk import Leg, call, talker, together, within

AUDIO = bed.sdp(bed.AUDIO)
REVOKED = 'SIP;cause=403;text="VPN call revoked"'
NOBODY = (404, "There is no such call, and no call of such a member, on "
          "this server")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with bed.kamailio(tmp_path_factory.mktemp("calls"), start=False,
                      extra="server_id=7\n") as running:
        running.add_user("1001", bed.PASSWORD + "1001")
        running.add_group("den", ["1001", "2500"])
        running.start()
        yield running
        running.stop()


@pytest.fixture(autouse=True)
def no_call_is_left(server):
    yield
    until_listed(server, 0)


def dialogs(server):
    return server.rpc("dlg.stats_active")["all"]


def test_a_call_is_listed_while_it_lasts(server, callee, member):
    before = int(time.time())
    here, there, unused, unused = call(member, callee, OFFER, ANSWER)
    here.ack()
    callee.take("ACK")
    one, = listed(server)
    since = one.pop("since")
    assert before <= since <= time.time()
    assert one.pop("id").startswith("call:")
    assert one == {
        "call_id": here.call_id, "group": "lab",
        "caller": "2501@example.org", "callee": "2500@example.org",
        "state": "up", "node": 7, "caller_addr": "192.168.234.1",
        "callee_addr": "192.168.234.2"}
    assert server.counters()["calls"] == 1
    assert server.rpc("sipvpn.stats")["calls"] == 1
    assert within(there, member, "BYE")[1].code == 200
    until_listed(server, 0)
    assert server.counters()["calls"] == 0
    server.logged("is over: hung up")


def test_a_200_that_comes_again_behind_the_bye_begins_nothing(
        server, callee, member):
    here, unused, request, unused = call(member, callee, OFFER, ANSWER)
    here.ack()
    assert within(here, callee, "BYE")[1].code == 200
    until_listed(server, 0)
    callee.answer(request, 200, ANSWER)
    assert member.take(200).body == ANSWER
    assert listed(server) == []
    assert server.counters()["calls"] == 0


def test_a_phone_call_is_none_of_ours(server, callee, member):
    before = dialogs(server)
    here, unused, unused, unused = call(member, callee, AUDIO, AUDIO)
    here.ack()
    callee.take("ACK")
    assert listed(server) == [] and dialogs(server) == before
    assert within(here, callee, "BYE")[1].code == 200


def test_a_declined_vpn_leaves_a_phone_call(server, callee, member):
    both = bed.sdp(bed.AUDIO, bed.vpn("lab"))
    closed = bed.sdp(bed.AUDIO, "m=application/vpn 0 OpenVPN 0")
    here, unused = up(member, callee, both, closed)
    assert listed(server) == []
    assert fault(server, "sipvpn.revoke", "2501@example.org") == NOBODY
    assert within(here, callee, "BYE")[1].code == 200


def busy(callee, member, offer):
    assert bed.ring(member, callee, offer)[0].code == 486


def not_registered(unused, member, offer):
    assert member.invite("2501", offer).code == 480


@pytest.mark.parametrize("offer", [OFFER, b""], ids=["offer", "no body"])
@pytest.mark.parametrize("attempt", [busy, not_registered])
def test_what_comes_to_nothing_leaves_nothing(server, callee, member, attempt,
                                              offer):
    before = dialogs(server)
    attempt(callee, member, offer)
    until_listed(server, 0)
    # a dialog goes with its transaction
    wait_until(lambda: dialogs(server) == before)
    assert server.counters()["calls"] == 0


@pytest.mark.parametrize("offer, answer", [
    (OFFER, ANSWER), (b"", OFFER), (b"what is no SDP", OFFER)],
    ids=["offer", "late offer", "late, and a body"])
@pytest.mark.parametrize("word", ["id", "call_id", "caller", "callee"])
def test_both_ends_get_a_bye_at_once(server, callee, member, word, offer,
                                     answer):
    kind = "application/sdp" if offer == OFFER else "text/plain"
    up(member, callee, offer, answer, content_type=kind)
    one, = listed(server)
    byes = Byes(member, callee)
    assert server.rpc("sipvpn.revoke", one[word]) == {"calls": 1}
    assert byes.reasons() == {"2500": REVOKED, "2501": REVOKED}
    assert max(byes.took.values()) < SOON, byes.took
    until_listed(server, 0)


def test_no_bye_is_missed_in_many_calls(server, callee, member):
    """Kamailio's dialog alone leaves out one of seven."""
    before = server.counters()["revoked"]
    for unused in range(50):
        up(member, callee)
        byes = Byes(member, callee)
        server.rpc("sipvpn.revoke", "2501@example.org")
        assert byes.reasons() == {"2500": REVOKED, "2501": REVOKED}
        assert max(byes.took.values()) < SOON, byes.took
    until_listed(server, 0)
    assert server.counters()["revoked"] == before + 50


def test_a_caller_who_is_quicker_does_not_keep_the_callee_in(
        server, callee, member):
    """Kamailio's dialog leaves the callee out, and from 5.7 on says nothing."""
    ender, = [one["pid"] for one in server.rpc("core.psa")
              if one["description"] == "sipvpn calls"]
    up(member, callee)
    # what it has sent has been answered before it goes on
    slow = ["strace", "-p", ender, "-e", "inject=sendto:delay_exit=200ms"]
    with proc.Proc(slow, name="strace") as strace:
        strace.wait_for("attached")
        byes = Byes(member, callee)
        server.rpc("sipvpn.revoke", "2501@example.org")
        assert byes.reasons() == {"2500": REVOKED, "2501": REVOKED}


def test_only_the_call_that_is_meant_ends(server, callee, member):
    with talker(server, "1001") as digits:
        here, unused = up(member, callee)
        den = bed.sdp(bed.vpn("den"))
        up(digits, callee, den, den)
        assert [one["group"] for one in listed(server)] == ["lab", "den"]
        assert fault(server, "sipvpn.revoke", "2501@example.org",
                     "den") == NOBODY
        byes = Byes(digits, callee)
        # with kamcmd, for which 1001 is a number
        assert "calls: 1" in server.kamcmd("sipvpn.revoke", "1001", "den")
        assert byes.reasons() == {"2500": REVOKED, "1001": REVOKED}
        one, = until_listed(server, 1)
        assert one["call_id"] == here.call_id
        assert within(here, callee, "UPDATE", OFFER, OFFER)[1].code == 200
        assert within(here, callee, "BYE")[1].code == 200


def test_a_member_takes_all_calls_along(server, callee, member):
    with talker(server, "2500") as other:
        up(member, callee)
        up(member, callee)
        up(other, callee)
        byes = [Byes(member, callee)]
        assert server.rpc("sipvpn.revoke", "2500@example.org",
                          "lab") == {"calls": 3}
        assert byes[0].reasons() == {"2500": REVOKED, "2501": REVOKED}
        for phone in (member, callee, callee, other):
            assert phone.take_and_answer("BYE").get("reason") == REVOKED


def ring_and_revoke(server, callee):
    """The INVITE that rings at callee, and is revoked."""
    invite = callee.take("INVITE")
    callee.answer(invite, 180)
    one, = [one for one in listed(server)
            if one["call_id"] == invite.get("call-id")]
    assert one["state"] == "ringing"
    assert server.rpc("sipvpn.revoke", one["id"]) == {"calls": 1}
    return invite


def refuse_one(server, callee, caller):
    def revoked():
        invite = ring_and_revoke(server, callee)
        callee.answer(callee.take("CANCEL"))
        callee.answer(invite, 487)

    reply, unused = together(
        lambda: caller.invite(callee.user, OFFER, timeout=10.0), revoked)
    assert (reply.code, reply.phrase) == (403, "VPN call revoked")
    callee.take("ACK")


def test_a_call_that_rings_is_refused(server, callee, member):
    refuse_one(server, callee, member)


def test_a_call_that_rings_and_cannot_be_found_is_ended_later(server, callee,
                                                              member):
    """tm looks for its transaction with room for a short Call-ID alone."""
    def revoked():
        invite = ring_and_revoke(server, callee)
        with talker(server, "2500") as other:
            refuse_one(server, callee, other)  # so that was tried before
        callee.answer(invite, 200, ANSWER)

    reply, unused = together(
        lambda: member.invite(callee.user, OFFER, timeout=10.0,
                              call_id=f"{member.port}-" + 3000 * "x"), revoked)
    assert reply.code == 200
    Leg.of_caller(member, reply).ack()
    byes = Byes(member, callee)
    assert byes.reasons() == {"2500": REVOKED, "2501": REVOKED}
    until_listed(server, 0)


def test_a_call_is_ended_as_soon_as_it_is_acknowledged(server, callee, member):
    here, unused, unused, unused = call(member, callee, OFFER, ANSWER)
    assert server.rpc("sipvpn.revoke", "2500@example.org") == {"calls": 1}
    one, = listed(server)
    assert one["state"] == "ending"
    here.ack()
    byes = Byes(member, callee)
    assert byes.reasons() == {"2500": REVOKED, "2501": REVOKED}


def test_long_lists_come_in_pages(server, callee, member):
    legs = [up(member, callee)[0] for unused in range(23)]
    first = server.rpc("sipvpn.calls")
    second = server.rpc("sipvpn.calls", first["next"])
    assert "next" not in second
    got = [one["call_id"] for one in first["calls"] + second["calls"]]
    assert got == [leg.call_id for leg in legs]
    assert len(first["calls"]) == 20
    # the page that begins where a call has gone
    assert within(legs[20], callee, "BYE")[1].code == 200
    until_listed(server, 20)
    again = server.rpc("sipvpn.calls", first["next"])["calls"]
    assert [one["call_id"] for one in again] == got[21:]
    for leg in legs[:20] + legs[21:]:
        assert within(leg, callee, "BYE")[1].code == 200


@pytest.mark.parametrize("length", [2000, 5000, 20000])
def test_a_long_call_id_protects_nobody(server, callee, member, length):
    """Neither from the list nor from its end; and the list goes on."""
    legs = [up(member, callee, call_id=f"{member.port}-{length}-{number}-"
               + length * "x")[0] for number in range(12)]
    got, start = [], 0
    while start is not None:
        page = server.rpc("sipvpn.calls", start)
        got += page["calls"]
        start = page.get("next")
    assert [one["call_id"] for one in got] == [leg.call_id for leg in legs]
    said = server.kamcmd("sipvpn.calls")
    assert said.count("group: lab") == said.count("id: call:") > 0
    assert server.rpc("sipvpn.revoke", "2501@example.org") == {"calls": 12}
    for unused in legs:
        for phone in (member, callee):
            assert phone.take_and_answer("BYE").get("reason") == REVOKED


@pytest.mark.parametrize("words, expected", [
    (["sipvpn.revoke"], (400, "Usage: <member|call> [<group>]")),
    (["sipvpn.revoke", ""], (400, "Usage: <member|call> [<group>]")),
    (["sipvpn.revoke", "2502@example.org"], NOBODY),
    (["sipvpn.revoke", "call:"], NOBODY),
    (["sipvpn.revoke", "call:0"], NOBODY),
    (["sipvpn.revoke", "call:99999999999"], NOBODY),
    (["sipvpn.revoke", "no such Call-ID"], NOBODY),
    (["sipvpn.calls", "first"], (400, "A page begins at a number")),
])
def test_faults(server, words, expected):
    assert fault(server, *words) == expected
