"""A second call with a peer there is a call with already, and the first one
after another has ended.
"""

import pytest

from testlib import proc, ua
from testlib.lab import LabUA
from testlib.star import CONNECTED, Daemon
from testlib.vpnend import attribute, body

PEER = "[peer far]\nuri = peer\ncall = start\n"


def daemon(lab, tmp_path, user="2500", more="", daemon_more=""):
    text = (f"[daemon]\ndebug = yes\n{daemon_more}\n[account a]\n"
            f"user = {user}\nproxies = {lab.SERVER}\n{more}")
    program = lab.keep(Daemon(lab.pc, tmp_path, text, "daemon"))
    program.wait_for(ua.REGISTERED)
    return program


def dial(lab, user="2500"):
    return lab.peer.dialog(lab.PC, user)


def connected(lab, program, user="2500", **fields):
    """A call of the peer's that is up: the dialog, the peer's OpenVPN."""
    seen = program.mark()
    call = dial(lab, user)
    answer = call.invite(lab.good(**fields))
    assert answer.code == 200, answer.first
    call.ack()
    end = lab.connect(answer)
    program.wait_for(CONNECTED, since=seen)
    return call, end


def test_the_peer_calls_again(lab, tmp_path):
    """It knows nothing of the first call any more, so neither do we."""
    program = daemon(lab, tmp_path)
    unused, end = connected(lab, program)
    first = program.openvpn()
    end.close()
    again = connected(lab, program)[0]
    lab.peer.take("BYE")
    program.wait_for("^call 1: call ended: hung up")
    proc.wait_gone(first)
    assert len(program.openvpn()) == 1
    assert lab.far.reach("192.168.234.1")
    again.bye()
    program.wait_for("^call 2: call ended")


def test_another_user_may_call_too(lab, tmp_path):
    program = daemon(lab, tmp_path)
    call = connected(lab, program)[0]
    other = dial(lab)
    other.local = f"<sip:other@{lab.SERVER}>;tag=o1"
    pair = ("192.168.235.2", "192.168.235.1")
    assert other.invite(lab.good(port=9001)).code == 488, "taken addresses"
    other = dial(lab)
    other.local = f"<sip:other@{lab.SERVER}>;tag=o2"
    assert other.invite(lab.good(port=9001, pair=pair)).code == 200
    other.ack()
    assert len(program.openvpn()) == 2
    assert lab.far.reach("192.168.234.1")
    call.bye()
    program.wait_for("^call 1: call ended")
    other.bye()
    program.wait_for("^call 3: call ended")


def test_they_cross_and_ours_is_the_lower(lab, tmp_path):
    program = daemon(lab, tmp_path, more=PEER)
    invite = lab.peer.take("INVITE")
    assert dial(lab).invite(lab.good()).code == 486
    assert lab.peer.count("CANCEL") == 0
    lab.listen(invite)
    lab.peer.reply(invite, 200, "OK", body=lab.good(setup="passive"))
    program.wait_for(CONNECTED)
    assert dial(lab).invite(lab.good(port=8001)).code == 486, \
        "an INVITE that took its time"
    assert len(program.openvpn()) == 1


def test_they_cross_and_ours_is_the_higher(lab, tmp_path):
    program = daemon(lab, tmp_path, user="zoe", more=PEER)
    invite = lab.peer.take("INVITE")
    lab.peer.reply(invite, 180, "Ringing")
    program.wait_for("inviting -> proceeding")
    call = connected(lab, program, user="zoe")[0]
    lab.peer.take("CANCEL")
    lab.peer.reply(invite, 487, "Request Terminated")
    lab.peer.take("ACK")
    program.wait_for("^call 1: call ended: given up")
    assert len(program.openvpn()) == 1
    assert lab.far.reach("192.168.234.1")
    call.bye()


@pytest.mark.parametrize("one_account", [True, False])
def test_next_call_while_the_first_one_ends(lab, tmp_path, one_account):
    """Its OpenVPN may still be there: no reason to be busy, or to find the
    addresses taken."""
    if one_account:
        program = lab.keep(LabUA(lab.pc, lab.SERVER))
        program.waiting()
    else:
        program = daemon(lab, tmp_path)
    for unused in range(5):
        call = dial(lab)
        answer = call.invite(lab.good())
        assert answer.code == 200, answer.first
        call.ack()
        call.send("BYE")


@pytest.mark.parametrize("more,code", [
    ("accept = none\n", 403), ("accept = peers\n", 403),
    ("accept = peers\n[peer far]\nuri = sip:Peer@198.51.100.10\n", 403),
    ("accept = peers\n[peer far]\nuri = sip:peer@198.51.100.10\n", 200),
    ("group = lab\n", 200),
    ("[peer far]\nuri = peer\ngroup = lab\n", 200),
    ("[peer far]\nuri = peer\nlocal = 10.9.0.1\nremote = 10.9.0.2\n", 488)])
def test_who_may_call(lab, tmp_path, more, code):
    program = daemon(lab, tmp_path, more=more)
    call = dial(lab)
    answer = call.invite(lab.good())
    assert answer.code == code
    if code != 200:
        assert not program.openvpn()
        return
    call.ack()
    call.bye()
    program.wait_for("^call 1: call ended")


def test_not_more_than_max_calls(lab, tmp_path):
    program = daemon(lab, tmp_path, daemon_more="max_calls = 1\n")
    call = connected(lab, program)[0]
    other = dial(lab)
    other.local = f"<sip:other@{lab.SERVER}>;tag=o2"
    assert other.invite(lab.good(port=8001)).code == 486
    call.bye()
    program.wait_for("^call 1: call ended")


def test_addresses_from_the_pool(lab, tmp_path):
    """An offer without addresses: ours come from the pool, the same for the
    same peer."""
    program = daemon(lab, tmp_path, more="address_pool = 10.77.0.0/24\n")
    found = []
    lines = [line for line in lab.lines() if "_ADDR:" not in line]
    for unused in range(2):
        call = dial(lab)
        answer = call.invite(body(lines))
        assert answer.code == 200, answer.first
        call.ack()
        found.append(attribute(answer.body, "VPN_LOCAL_ADDR"))
        call.bye()
        proc.wait_gone(program.openvpn())
    assert found[0] == found[1]
    assert found[0].startswith("10.77.0.")
