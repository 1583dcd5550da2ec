"""Session timers (RFC 4028): who refreshes, by what, and what comes when
nobody does. Times are short, where the RFC lets a proxy or a callee ask so.
"""

import pytest

from testlib import proc
from testlib.again import connected, reply_to

ALLOW = "Allow: INVITE, ACK, BYE, CANCEL, UPDATE"
# as a proxy adds it for a caller that knows no timers
BY_PROXY = "Session-Expires: 4"


def test_too_brief(lab):
    program = lab.waiting()
    reply = lab.dial().invite(lab.good(), headers=[
        "Supported: timer", "Session-Expires: 60"])
    assert (reply.code, reply.get("min-se")) == (422, "90")
    lab.assert_usable(program)


@pytest.mark.parametrize("asked,says,require", [
    ("1800", "1800;refresher=uac", "timer"),
    ("1200;refresher=uas", "1200;refresher=uas", None),
    ("1200;refresher=uac", "1200;refresher=uac", "timer"),
    (None, "1800;refresher=uas", None)])
def test_what_the_200_says(lab, asked, says, require):
    lab.waiting()
    call = lab.dial()
    headers = ["Supported: timer"]
    if asked:
        headers.append("Session-Expires: " + asked)
    answer = call.invite(lab.good(), headers=headers)
    assert answer.get("session-expires") == says
    assert answer.get("require") == require
    call.ack()
    assert call.bye().code == 200


def test_no_timer_for_who_knows_none(lab):
    lab.waiting()
    call = lab.dial()
    assert call.invite(lab.good()).get("session-expires") is None
    call.ack()
    assert call.bye().code == 200


def test_refreshed_by_update(lab):
    program, call, unused = connected(lab, headers=[BY_PROXY, ALLOW])
    update = lab.peer.take("UPDATE")
    assert update.body == b""
    # section 5: no request may ask for less
    assert update.get("session-expires") == "90;refresher=uac"
    lab.peer.reply(update, 200, "OK", ["Session-Expires: 4;refresher=uac"])
    again = lab.peer.take("UPDATE")
    # where UPDATE will not do, re-INVITE does
    lab.peer.reply(again, 405, "Method Not Allowed")
    invite = lab.peer.take("INVITE")
    assert invite.body == call.answer.body, "a refresh changes nothing"
    lab.peer.reply(invite, 200, "OK", body=lab.good(setup="active"))
    lab.peer.take("ACK")
    assert lab.far.reach("192.168.234.1")
    assert call.bye().code == 200
    program.ended()


def refreshing(lab):
    """A call whose refresh, a re-INVITE, has just come."""
    program, call, unused = connected(lab, headers=[BY_PROXY])
    return program, call, lab.peer.take("INVITE")


def test_glare(lab):
    """RFC 3261 section 14.1, both ways."""
    program, call, invite = refreshing(lab)
    call.send("INVITE", lab.good())
    assert reply_to(lab.peer, call, "INVITE").code == 491
    call.send("ACK", cseq=call.cseq, branch=call.branch)
    lab.peer.reply(invite, 491, "Request Pending")
    lab.peer.take("ACK")
    # now ours may go, while the UA waits
    assert call.invite(lab.good()).code == 200
    call.ack()
    again = lab.peer.take("INVITE")
    assert again.get("cseq") > invite.get("cseq")
    lab.peer.reply(again, 200, "OK", body=lab.good(setup="active"))
    lab.peer.take("ACK")
    assert lab.far.reach("192.168.234.1")
    assert call.bye().code == 200
    program.ended()


@pytest.mark.parametrize("code", [481, 408])
def test_refresh_of_an_unknown_call(lab, code):
    """RFC 3261 section 12.2.1.2: then it is over."""
    program, unused, invite = refreshing(lab)
    openvpn = program.openvpn()
    lab.peer.reply(invite, code, "No")
    lab.peer.take("ACK")
    bye = lab.peer.take("BYE")
    assert "cause=408" in bye.get("reason")
    program.wait_for(r"call from sip:\S+ failed: the peer")
    proc.wait_gone(openvpn)
    program.waits_again()


def test_refresh_refused(lab):
    """Any other refusal changes nothing, until the session expires."""
    program, unused, invite = refreshing(lab)
    lab.peer.reply(invite, 488, "Not Acceptable Here")
    lab.peer.take("ACK")
    assert lab.far.reach("192.168.234.1")
    lab.peer.take("BYE")
    program.wait_for("the session has expired")


def test_nobody_refreshes(lab):
    """Section 10: BYE before the end, a third of the interval."""
    program, invite = lab.calling()
    assert invite.get("session-expires") == "1800"
    assert "timer" in invite.get("supported")
    lab.listen(invite)
    lab.peer.reply(invite, 200, "OK", [
        "Session-Expires: 3;refresher=uas"], lab.good(setup="passive"))
    program.connected()
    assert "session has expired" in lab.peer.take("BYE").get("reason")
    assert program.wait() == 5


def test_422_to_our_invite(lab):
    """Section 7.3: once more, with what is asked for."""
    program, invite = lab.calling()
    lab.peer.reply(invite, 422, "Session Interval Too Small",
                   ["Min-SE: 3600"])
    lab.peer.take("ACK")
    again = lab.peer.take("INVITE")
    assert again.get("session-expires") == "3600"
    assert again.get("min-se") == "3600"
    assert again.body == invite.body
    # and not for ever
    lab.peer.reply(again, 422, "Session Interval Too Small",
                   ["Min-SE: 3600"])
    assert program.wait() == 5
