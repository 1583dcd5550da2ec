"""One INVITE, several ends; one request, several ways."""

import signal

from testlib.again import reply_to
from testlib.peer import finish


def from_fork(raw, tag):
    return raw.replace(b"tag=there", b"tag=" + tag)


def test_early_dialogs(lab):
    """Two phones ring, the second is picked up."""
    program, invite = lab.calling()
    lab.listen(invite)
    ua = invite.source
    ringing = lab.peer.reply(invite, 180, "Ringing")
    lab.peer.send(from_fork(ringing, b"second"), ua)
    good = lab.good(setup="passive")
    raw = finish([line for line in ringing.decode().replace(
        "180 Ringing", "200 OK").replace("there", "second").split("\r\n")
        if line and not line.startswith("Content-Length")], good)
    lab.peer.send(raw, ua)
    assert "tag=second" in lab.peer.take("ACK").get("to")
    program.connected()
    assert lab.far.reach("192.168.234.1")
    program.send_signal(signal.SIGTERM)
    assert "tag=second" in lab.peer.take("BYE").get("to")
    assert program.wait() == 0


def test_fork_that_repeats_its_200(lab):
    """Each copy is acknowledged, one BYE is enough."""
    program, invite = lab.calling()
    lab.listen(invite)
    raw = lab.peer.reply(invite, 200, "OK", body=lab.good(setup="passive"))
    program.connected()
    lab.peer.forget_request(lab.peer.take("ACK"))
    other = from_fork(raw, b"elsewhere")
    for unused in range(3):
        lab.peer.send(other, invite.source)
        ack = lab.peer.take("ACK")
        assert "elsewhere" in ack.get("to")
        lab.peer.forget_request(ack)
    assert "elsewhere" in lab.peer.take("BYE").get("to")
    lab.peer.send(raw, invite.source)
    lab.peer.take("ACK")
    assert lab.peer.count("BYE") == 1
    assert lab.far.reach("192.168.234.1")


def test_200_when_all_is_over(lab):
    """Our CANCEL and a 200 crossed, and the 200 is slower than the 487."""
    program, invite = lab.calling("-d")
    raw = lab.peer.reply(invite, 180, "Ringing")
    program.wait_for("inviting -> proceeding")
    lab.peer.register = silent_later(lab.peer)
    program.send_signal(signal.SIGTERM)
    lab.peer.take("CANCEL")
    lab.peer.reply(invite, 487, "Request Terminated")
    lab.peer.take("ACK")
    lab.peer.send(raw.replace(b"180 Ringing", b"200 OK"), invite.source)
    lab.peer.take("ACK")
    assert "tag=there" in lab.peer.take("BYE").get("to")
    program.wait()


def silent_later(peer):
    """A registrar that lets who leaves wait for the rest of this test."""
    before = peer.register

    def register(request):
        peer.register = before
        return 100, "Trying", []
    return register


def test_response_that_is_not_ours(lab):
    """RFC 3261 sections 8.1.3.3 and 18.1.2: neither ACK nor BYE."""
    program = lab.waiting()
    raw = finish([
        "SIP/2.0 200 OK",
        "Via: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923",
        "From: <sip:2500@example.org>;tag=1", "To: <sip:b@b>;tag=2",
        "Call-ID: nobody", "CSeq: 35 INVITE",
        f"Contact: <sip:b@{lab.SERVER}>"], b"")
    lab.peer.send(raw, (lab.PC, 5060))
    lab.assert_usable(program)
    assert lab.peer.count("ACK") == 0
    assert lab.peer.count("BYE") == 0


def test_merged_request(lab):
    """Section 8.2.2.2: the same INVITE by another way gets 482."""
    program = lab.waiting()
    call = lab.dial()
    first = call.invite(lab.good())
    assert first.code == 200
    cseq, target, remote = call.cseq, call.target, call.remote
    other = lab.peer.dialog(lab.PC, "2500")
    other.call_id, other.local = call.call_id, call.local
    other.send("INVITE", lab.good(), cseq=cseq)
    other.cseq = cseq
    assert lab.peer.take(482).get("cseq") == f"{cseq} INVITE"
    call.cseq, call.target, call.remote = cseq, target, remote
    call.ack()
    lab.connect(first)
    program.connected()
    assert call.bye().code == 200
    program.ended()


def test_options(lab):
    """Section 11.2: abilities, in and out of a dialog."""
    program = lab.waiting()
    alone = lab.dial()
    alone.send("OPTIONS")
    call = lab.dial()
    answer = call.invite(lab.good())
    assert answer.code == 200
    call.ack()
    call.send("OPTIONS")
    for dialog in (alone, call):
        reply = reply_to(lab.peer, dialog, "OPTIONS")
        assert reply.code == 200
        assert reply.get("accept") == "application/sdp"
        assert reply.get("supported") == "timer"
        assert "UPDATE" in reply.get("allow")
        assert '+sip.app-subtype="openvpn"' in reply.get("contact")
    stray = lab.dial()
    stray.remote += ";tag=nobody"
    stray.send("OPTIONS")
    assert reply_to(lab.peer, stray, "OPTIONS").code == 481
    assert call.bye().code == 200
    program.ended()


def test_100rel_is_refused(lab):
    lab.waiting()
    reply = lab.dial().invite(lab.good(), headers=["Require: 100rel"])
    assert (reply.code, reply.get("unsupported")) == (420, "100rel")


def test_answer_nobody_wants(lab):
    """RFC 4475 section 3.3.15: SDP is all we could answer with."""
    lab.waiting()
    assert lab.dial().invite(
        lab.good(), headers=["Accept: text/plain"]).code == 406


def test_first_answer_of_no_use(lab):
    """It is acknowledged and ended; the next fork's tunnel is taken."""
    program, invite = lab.calling()
    lab.listen(invite)
    raw = lab.peer.reply(invite, 180, "Ringing")
    lines = [line for line in raw.decode().replace(
        "180 Ringing", "200 OK").split("\r\n")
        if line and not line.startswith("Content-Length")]
    bad = finish(lines, lab.good(setup="actpass"))
    lab.peer.send(bad, invite.source)
    first = lab.peer.take("ACK")
    bye = lab.peer.take("BYE")
    assert "tag=there" in first.get("to") and "tag=there" in bye.get("to")
    assert "cause=488" in bye.get("reason")
    lab.peer.send(finish([line.replace("there", "second") for line in lines],
                         lab.good(setup="passive")), invite.source)
    assert "tag=second" in lab.peer.take("ACK").get("to")
    program.connected()
    # the first one repeats itself: ACK, and no second BYE
    lab.peer.forget_request(first)
    lab.peer.send(bad, invite.source)
    assert "tag=there" in lab.peer.take("ACK").get("to")
    assert lab.peer.count("BYE") == 1
    assert lab.far.reach("192.168.234.1")
    program.send_signal(signal.SIGTERM)
    assert "tag=second" in lab.peer.take("BYE").get("to")
    assert program.wait() == 0
