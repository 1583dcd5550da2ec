"""Requests out of turn: repeated, early, late, from others, unknown."""

import pytest

from testlib import proc
from testlib.peer import Peer


def connected(lab, *more):
    program = lab.waiting(*more)
    call = lab.dial()
    answer = call.invite(lab.good())
    assert answer.code == 200
    call.ack()
    end = lab.connect(answer)
    program.connected()
    end.wait_for("Initialization Sequence Completed")
    return program, call


def slow_openvpn(tmp_path):
    path = tmp_path / "openvpn"
    path.write_text("#!/bin/sh\necho here\nexec sleep 60\n")
    path.chmod(0o755)
    return str(path)


def test_cancel_while_openvpn_starts(lab, tmp_path):
    program = lab.waiting("-d", "--openvpn", slow_openvpn(tmp_path))
    call = lab.dial()
    call.send("INVITE", lab.good())
    program.wait_for("openvpn: here")
    child, = program.children()
    call.cancel()
    reply = call.final()
    assert reply.code == 487
    assert lab.peer.take(200).get("cseq").endswith("CANCEL")
    program.wait_for(r"call ended: cancelled")
    program.waits_again()
    proc.wait_gone([child])
    assert program.running()


def test_cancel_of_no_call(lab):
    program = lab.waiting()
    call = lab.dial()
    call.cseq, call.branch = 1, "z9hG4bKnothing"
    call.cancel()
    assert lab.peer.take(481)
    lab.assert_usable(program)


def test_cancel_after_the_200_changes_nothing(lab):
    program, call = connected(lab)
    call.cancel()
    assert lab.peer.take(200 if lab.peer.count(481) == 0 else 481)
    assert lab.far.reach("192.168.234.1")
    assert lab.peer.count("BYE") == 0
    assert call.bye().code == 200
    program.ended()


def test_busy(lab):
    program, call = connected(lab)
    third = lab.dial()
    assert third.invite(lab.good(port=9001)).code == 486
    assert third.final().code == 486
    assert lab.dial().invite().code == 486, "late offers, too"
    assert lab.far.ping("192.168.234.1", 5, 0.01).ok
    assert call.bye().code == 200
    program.ended()
    lab.clear_peers()
    lab.assert_usable(program)


def test_caller_is_busy(lab):
    program, invite = lab.calling()
    assert lab.dial().invite(lab.good()).code == 486
    assert program.running()
    lab.peer.reply(invite, 486, "Busy Here")
    assert program.wait() == 5


def test_invite_past_the_server(lab):
    """Who calls directly was not admitted by anybody."""
    program = lab.waiting()
    with Peer(lab.far, lab.STRANGER) as stranger:
        reply = stranger.dialog(lab.PC, "2500").invite(lab.good())
    assert reply.code == 403
    assert "server" in reply.get("warning")
    assert not program.children()
    lab.assert_usable(program)


@pytest.mark.parametrize("method", ["BYE", "INVITE", "CANCEL"])
def test_guessed_dialog_past_the_server(lab, method):
    """He knows the Call-ID, not the tags."""
    program, call = connected(lab)
    with Peer(lab.far, lab.STRANGER) as stranger:
        forged = stranger.dialog(lab.PC, "2500")
        forged.call_id, forged.cseq = call.call_id, call.cseq
        forged.send(method)
        assert stranger.take(403)
    assert lab.far.ping("192.168.234.1", 3, 0.01).ok
    assert lab.peer.count("BYE") == 0
    assert call.bye().code == 200
    program.ended()


def test_bye_of_another_dialog(lab):
    program, call = connected(lab)
    forged = lab.dial()
    forged.call_id, forged.cseq = call.call_id, call.cseq
    forged.send("BYE")
    assert lab.peer.take(481)
    assert lab.far.reach("192.168.234.1")
    assert call.bye().code == 200
    program.ended()
    # and once more, the call being over
    call.send("BYE")
    assert lab.peer.take(481)
    assert program.running()


def test_repeated_invite_is_one_call(lab):
    program = lab.waiting()
    call = lab.dial()
    raw = call.send("INVITE", lab.good())
    for unused in range(3):
        lab.peer.send(raw, call.ua)
    first = call.final()
    assert first.code == 200
    lab.peer.send(raw, call.ua)
    assert lab.peer.take(200).raw == first.raw
    assert lab.peer.take(200).raw == first.raw
    call.ack()
    call.ack()
    lab.connect(first)
    program.connected()
    assert len([line for line in program.lines
                if line.startswith("call from")]) == 1
    assert len(program.openvpn()) == 1
    assert call.bye().code == 200
    program.ended()


def test_200_is_repeated_until_the_ack(lab):
    """RFC 3261 section 13.3.1.4: after 500 ms, then after a second."""
    lab.waiting()
    call = lab.dial()
    first = call.invite(lab.good())
    for unused in range(3):
        assert lab.peer.take(200, 2.0).raw == first.raw
    call.ack()
    assert call.bye().code == 200


def test_repeated_200_is_acknowledged_again(lab):
    program, invite = lab.calling()
    lab.listen(invite)
    raw = lab.peer.reply(invite, 200, "OK", body=lab.good(setup="passive"))
    first = lab.peer.take("ACK")
    program.connected()
    for unused in range(2):
        seen = len(lab.peer.got)
        lab.peer.forget_request(first)
        lab.peer.send(raw, (lab.PC, 5060))
        assert lab.peer.take("ACK").raw == first.raw
        assert len(lab.peer.got) == seen + 1
    assert lab.far.reach("192.168.234.1")


def test_second_200_of_another_phone(lab):
    """A fork (section 13.2.2.4): the second dialog is ended, not taken."""
    program, invite = lab.calling()
    lab.listen(invite)
    raw = lab.peer.reply(invite, 200, "OK", body=lab.good(setup="passive"))
    program.connected()
    lab.peer.take("ACK")
    lab.peer.send(raw.replace(b"tag=there", b"tag=elsewhere"), (lab.PC, 5060))
    assert "elsewhere" in lab.peer.take("ACK").get("to")
    assert "elsewhere" in lab.peer.take("BYE").get("to")
    assert lab.far.reach("192.168.234.1")
    assert program.running()


def test_reinvite_that_changes_nothing_is_a_refresh(lab):
    program, call = connected(lab)
    again = call.invite(lab.good())
    assert again.code == 200
    call.ack()
    assert lab.far.reach("192.168.234.1")
    assert call.bye().code == 200
    program.ended()


def test_reinvite_that_wants_what_cannot_be(lab):
    """It is refused, and all stays as it was (section 14.2)."""
    program, call = connected(lab)
    remote, target = call.remote, call.target
    reply = call.invite(lab.good(pair=("8.8.8.8", "8.8.4.4")).replace(
        b"o=- 1 1", b"o=- 1 2"))
    assert reply.code == 488
    assert "not a private one" in reply.get("warning")
    call.remote, call.target = remote, target
    assert lab.far.reach("192.168.234.1")
    assert call.bye().code == 200
    program.ended()


def test_bye_before_the_ack(lab):
    """Allowed to the caller (section 15)."""
    program = lab.waiting()
    call = lab.dial()
    assert call.invite(lab.good()).code == 200
    assert call.bye().code == 200
    program.ended()
    lab.assert_usable(program)


def ringing(lab, tmp_path):
    """A call that waits for an OpenVPN which does not get ready."""
    program = lab.waiting("-d", "--openvpn", slow_openvpn(tmp_path))
    call = lab.dial()
    call.send("INVITE", lab.good())
    call.remote = lab.peer.take(180).get("to")
    program.wait_for("openvpn: here")
    return program, call


def test_bye_in_the_early_dialog(lab, tmp_path):
    """Section 15.1.2: the BYE gets 200, the INVITE 487."""
    program, call = ringing(lab, tmp_path)
    invite, call.branch = call.cseq, call.branch
    call.send("BYE")
    assert lab.peer.take(200).get("cseq").endswith("BYE")
    call.cseq = invite
    assert call.final().code == 487
    program.ended()


def test_second_invite_before_the_first_is_answered(lab, tmp_path):
    """Section 14.2: 500, and the first one is not disturbed."""
    program, call = ringing(lab, tmp_path)
    first, branch = call.cseq, call.branch
    early = call.remote
    reply = call.invite(lab.good())
    assert reply.code == 500
    assert int(reply.get("retry-after")) <= 10
    call.cseq, call.branch, call.remote = first, branch, early
    call.cancel()
    assert call.final().code == 487
    program.ended()


def test_bye_while_openvpn_starts(lab, tmp_path):
    """Without a tag it is for no dialog; CANCEL still works."""
    program = lab.waiting("-d", "--openvpn", slow_openvpn(tmp_path))
    call = lab.dial()
    call.send("INVITE", lab.good())
    program.wait_for("openvpn: here")
    cseq, branch = call.cseq, call.branch
    call.send("BYE")
    assert lab.peer.take(481)
    call.cseq, call.branch = cseq, branch
    call.cancel()
    assert call.final().code == 487


@pytest.mark.parametrize("method,code,header", [
    ("OPTIONS", 200, "allow"), ("INFO", 405, "allow"),
    ("SUBSCRIBE", 405, "allow"), ("REGISTER", 405, "allow"),
    ("PUBLISH", 405, "allow"), ("FOO", 501, "allow"),
    ("MESSAGE", 405, "allow")])
def test_other_methods(lab, method, code, header):
    program = lab.waiting()
    lab.dial().send(method)
    assert "INVITE" in lab.peer.take(code).get(header)
    lab.assert_usable(program)


def test_required_extension(lab):
    program = lab.waiting()
    reply = lab.dial().invite(lab.good(), headers=["Require: foo, 100rel"])
    assert reply.code == 420
    assert "foo" in reply.get("unsupported")
    lab.assert_usable(program)


def test_unknown_user(lab):
    program = lab.waiting()
    call = lab.peer.dialog(lab.PC, "2599")
    assert call.invite(lab.good()).code == 404
    lab.assert_usable(program)


def test_other_body(lab):
    program = lab.waiting()
    reply = lab.dial().invite(b"<xml/>", kind="application/xml")
    assert reply.code == 415
    assert "application/sdp" in reply.get("accept")
    lab.assert_usable(program)


def test_request_in_an_unknown_dialog(lab):
    program = lab.waiting()
    for method in ("INVITE", "BYE"):
        call = lab.dial()
        call.remote += ";tag=nobody"
        call.send(method, lab.good() if method == "INVITE" else b"")
        assert lab.peer.take(481).get("cseq").endswith(method)
    lab.assert_usable(program)


@pytest.mark.parametrize("code,phrase,says", [
    (403, "Forbidden by policy", "403 Forbidden by policy"),
    (404, "Not Found", "404 Not Found"), (486, "Busy Here", "486 Busy"),
    (603, "Decline", "603 Decline"), (302, "Moved", "302 Moved"),
    (699, "\x1b[31m red", "699")])
def test_refusal_is_told(lab, code, phrase, says):
    program, invite = lab.calling()
    lab.peer.reply(invite, code, phrase)
    lab.peer.take("ACK")
    assert program.wait() == 5
    line = program.wait_for(r"call to sip:peer@\S+ refused: (.*)").group(1)
    assert line.startswith(says)
    assert line.isprintable(), "a terminal would obey it"


@pytest.mark.parametrize("code", [400, 415, 488])
def test_other_form_after_a_syntax_refusal(lab, code):
    """'/' is no token character; some parsers mind it."""
    program, invite = lab.calling()
    assert b"m=application/vpn " in invite.body
    lab.peer.reply(invite, code, "No")
    again = lab.peer.take("INVITE")
    assert b" udp openvpn" in again.body
    lab.peer.reply(again, code, "No")
    assert program.wait() == 5
    assert lab.peer.count("INVITE") == 2
