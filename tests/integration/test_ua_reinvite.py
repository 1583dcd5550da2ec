"""Offers inside a dialog: hold, resume, another tunnel, refresh; by re-INVITE
and by UPDATE.
"""

import signal

import pytest

from testlib import proc
from testlib.again import (OTHER_TLS_ID, connected, offer, reply_to,
                           version_of)
from testlib.vpnend import attribute


def tunnel_again(lab, program, answer, seen):
    """The peer's OpenVPN once more, towards the new answer."""
    lab.clear_peers()
    end = lab.connect(answer)
    program.connected(since=seen)
    end.wait_for("Initialization Sequence Completed")
    assert lab.far.reach("192.168.234.1")


@pytest.mark.parametrize("line", ["a=inactive", "a=sendonly"])
def test_hold_and_resume(lab, line):
    program, call, unused = connected(lab)
    openvpn = program.openvpn()
    seen = program.mark()
    held = call.invite(offer(lab, 2, line))
    assert held.code == 200
    assert b"a=inactive\r\n" in held.body
    assert version_of(held.body) == version_of(call.answer.body) + 1
    call.ack()
    program.wait_for(r"^call sip:\S+: on hold")
    proc.wait_gone(openvpn)
    lab.assert_clean_ua()
    back = call.invite(offer(lab, 3, tls_id=OTHER_TLS_ID))
    assert back.code == 200
    assert b"a=inactive" not in back.body
    assert attribute(back.body, "tls-id") != attribute(held.body, "tls-id")
    call.ack()
    tunnel_again(lab, program, back, seen)
    assert call.bye().code == 200
    program.ended()


def test_hold_by_port_0(lab):
    program, call, unused = connected(lab)
    openvpn = program.openvpn()
    held = call.invite(offer(lab, 2).replace(b" 9000 OpenVPN", b" 0 OpenVPN"))
    assert held.code == 200
    assert b"m=application/vpn 0 OpenVPN 0\r\n" in held.body
    call.ack()
    proc.wait_gone(openvpn)
    assert call.bye().code == 200
    program.ended()


def test_call_that_begins_on_hold(lab):
    program = lab.waiting()
    call = lab.dial()
    held = call.invite(offer(lab, 1, "a=inactive"))
    assert held.code == 200
    assert b"a=inactive\r\n" in held.body
    call.ack()
    program.wait_for("on hold")
    assert not program.openvpn()
    seen = program.mark()
    answer = call.invite(offer(lab, 2))
    call.ack()
    tunnel_again(lab, program, answer, seen)
    assert call.bye().code == 200
    program.ended()


def test_another_tls_id_is_another_tunnel(lab):
    program, call, unused = connected(lab)
    openvpn = program.openvpn()
    seen = program.mark()
    answer = call.invite(offer(lab, 2, tls_id=OTHER_TLS_ID))
    assert answer.code == 200
    assert attribute(answer.body, "tls-id") != attribute(
        call.answer.body, "tls-id")
    call.ack()
    proc.wait_gone(openvpn)
    assert len(program.openvpn()) == 1
    tunnel_again(lab, program, answer, seen)
    assert call.bye().code == 200
    program.ended()


def test_new_version_of_the_same_touches_nothing(lab):
    program, call, unused = connected(lab)
    openvpn = program.openvpn()
    answer = call.invite(offer(lab, 2))
    assert (answer.code, answer.body) == (200, call.answer.body)
    call.ack()
    assert lab.far.reach("192.168.234.1")
    assert program.openvpn() == openvpn
    older = call.invite(offer(lab, 1, "a=inactive"))
    assert older.code == 488
    assert "lower than before" in older.get("warning")
    assert call.bye().code == 200


def test_late_offer_inside_the_dialog(lab):
    program, call, unused = connected(lab)
    openvpn = program.openvpn()
    theirs = call.invite()
    assert theirs.code == 200
    assert theirs.body == call.answer.body
    call.ack(lab.good(setup="active"))
    assert lab.far.reach("192.168.234.1")
    assert program.openvpn() == openvpn
    assert call.bye().code == 200
    program.ended()


def test_update(lab):
    """RFC 3311: without an offer, and with one."""
    program, call, unused = connected(lab)
    call.send("UPDATE")
    plain = reply_to(lab.peer, call, "UPDATE")
    assert (plain.code, plain.body) == (200, b"")
    assert "sipvpn" not in (plain.get("content-type") or "")
    openvpn = program.openvpn()
    call.send("UPDATE", offer(lab, 2, "a=inactive"))
    held = reply_to(lab.peer, call, "UPDATE")
    assert held.code == 200
    assert b"a=inactive\r\n" in held.body
    proc.wait_gone(openvpn)
    seen = program.mark()
    call.send("UPDATE", offer(lab, 3))
    back = reply_to(lab.peer, call, "UPDATE")
    assert back.code == 200
    tunnel_again(lab, program, back, seen)
    assert call.bye().code == 200
    program.ended()


def test_requests_out_of_order(lab):
    """RFC 3261 section 12.2.2: what was overtaken gets 500."""
    program, call, unused = connected(lab)
    call.send("OPTIONS", cseq=10)
    assert lab.peer.final(call.call_id, "10 OPTIONS", 5.0).code == 200
    call.send("INVITE", offer(lab, 2, "a=inactive"), cseq=9)
    assert lab.peer.final(call.call_id, "9 INVITE", 5.0).code == 500
    assert lab.far.reach("192.168.234.1")
    call.cseq = 10
    assert call.bye().code == 200
    program.ended()


def test_new_contact_is_where_requests_go(lab):
    """Section 12.2.1.2: a re-INVITE refreshes the target."""
    program, call, unused = connected(lab)
    answer = call.invite(lab.good(), contact="<sip:moved@198.51.100.10:5060>")
    assert answer.code == 200
    call.ack()
    program.send_signal(signal.SIGTERM)
    assert lab.peer.take("BYE").first.startswith("BYE sip:moved@")
    program.wait()


def test_update_before_the_answer(lab):
    """RFC 3311 section 5.2: our offer is open."""
    unused, invite = lab.calling()
    early = lab.peer.called(invite)
    lab.peer.reply(invite, 180, "Ringing")
    early.send("UPDATE", lab.good())
    assert reply_to(lab.peer, early, "UPDATE").code == 491


SECOND_HANGS = """#!/bin/sh
echo >>$0.starts
[ $(wc -l <$0.starts) -ne 2 ] || { echo here; exec sleep 60; }
exec openvpn "$@"
"""


def test_cancelled(lab, tmp_path):
    """RFC 3261 section 9.2: 487, and the tunnel that was comes back."""
    path = tmp_path / "openvpn"
    path.write_text(SECOND_HANGS)
    path.chmod(0o755)
    program, call, unused = connected(lab, "-d", "--openvpn", str(path))
    seen = program.mark()
    call.send("INVITE", offer(lab, 2, tls_id=OTHER_TLS_ID))
    program.wait_for("openvpn: here", since=seen)
    remote = call.remote
    call.cancel()
    assert call.final().code == 487
    call.remote = remote
    tunnel_again(lab, program, call.answer, seen)
    # the same as in the beginning: nothing changes by it
    same = call.invite(lab.good())
    assert (same.code, same.body) == (200, call.answer.body)
    call.ack()
    assert call.bye().code == 200
    program.ended()
