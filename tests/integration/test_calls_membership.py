"""Who is no longer a member is in no VPN call: calls end with the membership
that admitted them, and their addresses stay theirs until then.
"""

import pytest

from testlib import bed
from testlib.calls import (OFFER, SOON, Byes, listed, until_listed, up,
                           wait_until)
from testlib.talk import call, talker, together, within

NO_DELTA = {"RELOAD_DELTA": 0, "POLL_INTERVAL": 1}
ASSIGNED = bed.sdp("m=application/vpn 8000 OpenVPN 0\r\na=IP4:127.0.0.1\r\n"
                   "a=PORT:8000\r\na=VPN_ID:net")
LOGGED = """
loadmodule "xlog.so"
event_route[sipvpn:ended] {
	xlog("L_NOTICE", "event $ci $ft $tt $si $vpn(group) $vpn(caller) "
		"$vpn(callee) $vpn(reason) $vpn(local) end\\n");
}
"""


@pytest.fixture
def server(tmp_path):
    with bed.kamailio(tmp_path, start=False, defines=NO_DELTA,
                      extra=LOGGED) as running:
        running.add_group("net", [])
        running.sql("update sipvpn_group set subnet4 = '10.8.0.0/24' "
                    "where name = 'net'")
        running.start()
        yield running
        running.stop()


def refused(why):
    return f'SIP;cause=403;text="VPN refused: {why}"'


def by_rows(server):
    server.remove_member("lab", "2501")
    server.rpc("sipvpn.reload")


def by_rpc(server):
    server.rpc("sipvpn.rm_member", "lab", "2501@example.org")


def by_poll(server):
    server.remove_member("lab", "2501")
    server.sql("update sipvpn_meta set generation = generation + 1")


def group_gone(server):
    server.rpc("sipvpn.rm_group", "lab")


def group_off(server):
    server.sql("update sipvpn_group set policy = 'off' where name = 'lab'")
    server.rpc("sipvpn.reload")


@pytest.mark.parametrize("change, why", [
    (by_rows, "the caller is not a member"),
    (by_rpc, "the caller is not a member"),
    (by_poll, "the caller is not a member"),
    (group_gone, "there is no such group"),
    (group_off, "the group is switched off"),
])
def test_calls_end_with_what_admitted_them(server, callee, member, change,
                                           why):
    here, unused = up(member, callee)
    byes = Byes(member, callee)
    change(server)
    assert byes.reasons() == {"2500": refused(why), "2501": refused(why)}
    # The others are loaded by the poll, which a locked database puts off.
    if change in (by_rows, group_off):
        assert max(byes.took.values()) < SOON, byes.took
    until_listed(server, 0)
    tags = " ".join(byes.all()["2500"].get(name).partition("tag=")[2]
                    for name in ("from", "to"))
    server.logged(f"event {here.call_id} {tags} 127.0.0.1 lab "
                  f"2501@example.org 2500@example.org {why} <null> end")
    assert server.counters()["revoked"] == 1


def test_others_go_on(server, callee, member):
    with talker(server, "2503") as other:
        server.add_member("attic", "2500")
        server.rpc("sipvpn.reload")
        attic = bed.sdp(bed.vpn("attic"))
        stays, unused = up(other, callee, attic, attic)
        goes, unused = up(member, callee)
        byes = Byes(member, callee)
        by_rows(server)
        assert set(byes.reasons()) == {"2500", "2501"}
        assert {bye.get("call-id") for bye in byes.all().values()} == {
            goes.call_id}
        one, = until_listed(server, 1)
        assert (one["call_id"], one["state"]) == (stays.call_id, "up")
        # by the next membership, too
        server.rpc("sipvpn.reload")
        assert within(stays, callee, "UPDATE", attic, attic)[1].code == 200
        assert within(stays, callee, "BYE")[1].code == 200


def test_a_call_that_rings_is_judged_too(server, callee, member):
    def removed():
        invite = callee.take("INVITE")
        callee.answer(invite, 180)
        by_rows(server)
        callee.answer(callee.take("CANCEL"))
        callee.answer(invite, 487)
        callee.take("ACK")

    reply, unused = together(
        lambda: member.invite(callee.user, OFFER, timeout=10.0), removed)
    assert (reply.code, reply.phrase) == (
        403, "VPN refused: the caller is not a member")


def give(server, user):
    """The address that a new member of net is given."""
    return server.rpc("sipvpn.add_member", "net", f"{user}@example.org")[
        "addr4"]


def give_and_take(server, user):
    address = give(server, user)
    server.rpc("sipvpn.rm_member", "net", f"{user}@example.org")
    return address


def test_no_address_is_given_away_while_a_call_holds_it(server, callee,
                                                        member):
    assert [give(server, user) for user in ("2500", "2501")] == [
        "10.8.0.1", "10.8.0.2"]
    wait_until(lambda: server.rpc("sipvpn.check", "2501@example.org",
                                  "2500@example.org", "net")["code"] == 1)
    here, unused, unused, unused = call(member, callee, ASSIGNED, ASSIGNED)
    here.ack()
    callee.take("ACK")
    one, = listed(server)
    assert (one["caller_addr"], one["callee_addr"]) == ("10.8.0.2",
                                                        "10.8.0.1")
    server.rpc("sipvpn.rm_member", "net", "2501@example.org")
    # Both are told, and neither has said yet that it has heard.
    byes = [phone.take("BYE") for phone in (member, callee)]
    assert give(server, "2502") == "10.8.0.3"
    for phone, bye in zip((member, callee), byes):
        phone.answer(bye)
    wait_until(lambda: give_and_take(server, "2503") == "10.8.0.2")
