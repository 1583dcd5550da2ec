"""Content-Length that does not tell the truth: RFC 3261 section 18.3."""

import pytest

from testlib.vpnend import attribute


def test_longer_body_is_cut(lab):
    """What is behind the length is not looked at."""
    program = lab.waiting()
    call = lab.dial()
    good = lab.good()
    answer = call.invite(good + b"m=application/vpn 1 OpenVPN 0\r\n\0\xff",
                         length=len(good))
    assert answer.code == 200
    call.ack()
    lab.connect(answer)
    program.connected()
    assert call.bye().code == 200
    program.ended()


def test_longer_body_in_the_200_is_cut(lab):
    program, invite = lab.calling()
    lab.listen(invite)
    good = lab.good(setup="passive")
    lab.peer.reply(invite, 200, "OK", body=good + b"a=setup:maybe\r\n",
                   length=len(good))
    program.connected()


def test_no_length_means_to_the_end(lab):
    program = lab.waiting()
    call = lab.dial()
    answer = call.invite(lab.good(), length="")
    assert answer.code == 200
    assert attribute(answer.body, "PORT")
    call.ack()
    assert call.bye().code == 200
    program.ended()


def test_shorter_body_is_refused(lab):
    program = lab.waiting()
    reply = lab.dial().invite(lab.good(), length=len(lab.good()) + 1)
    assert reply.code == 400
    assert "shorter" in reply.get("warning")
    lab.assert_usable(program)


@pytest.mark.parametrize("length", [
    "many", "-1", "12a", "0x10", "1e3", "99999999999999999999", "+5",
    "4294967297", "12 13"])
def test_length_that_is_no_number(lab, length):
    program = lab.waiting()
    reply = lab.dial().invite(lab.good(), length=length)
    assert reply.code == 400
    assert "Content-Length" in reply.get("warning")
    lab.assert_usable(program)


def test_two_lengths_that_differ(lab):
    program = lab.waiting()
    reply = lab.dial().invite(lab.good(), headers=["Content-Length: 3"])
    assert reply.code == 400
    lab.assert_usable(program)


def test_bad_length_in_a_response_is_dropped(lab):
    """The INVITE goes on waiting for an answer that makes sense."""
    program, invite = lab.calling()
    lab.listen(invite)
    good = lab.good(setup="passive")
    for length in ("many", len(good) + 100):
        lab.peer.reply(invite, 200, "OK", body=good, length=length)
    lab.peer.reply(invite, 200, "OK", body=good)
    program.connected()


RUBBISH = {
    "one-byte": b"x",
    "empty-lines": b"\r\n\r\n",
    "nul": b"\0" * 100,
    "no-header-end": b"INVITE sip:2500@198.51.100.20 SIP/2.0\r\nVia: x",
    "request-line-only": b"INVITE sip:2500@198.51.100.20 SIP/2.0\r\n\r\n",
    "status-line-only": b"SIP/2.0 200 OK\r\n\r\n",
    "status-999": b"SIP/2.0 999 X\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK1\r\n"
                  b"CSeq: 1 INVITE\r\nCall-ID: a\r\nFrom: <sip:a@b>;tag=1\r\n"
                  b"To: <sip:c@d>;tag=2\r\n\r\n",
    "binary": bytes(range(256)) * 4,
    "http": b"GET / HTTP/1.1\r\nHost: here\r\n\r\n",
    "no-via": b"INVITE sip:2500@198.51.100.20 SIP/2.0\r\nCSeq: 1 INVITE\r\n"
              b"Call-ID: a\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\n\r\n",
    "cseq-other-method": b"INVITE sip:2500@198.51.100.20 SIP/2.0\r\n"
              b"Via: SIP/2.0/UDP 198.51.100.10;branch=z9hG4bK2\r\n"
              b"CSeq: 1 BYE\r\nCall-ID: a\r\nFrom: <sip:a@b>;tag=1\r\n"
              b"To: <sip:c@d>\r\n\r\n",
    "cseq-huge": b"INVITE sip:2500@198.51.100.20 SIP/2.0\r\n"
              b"Via: SIP/2.0/UDP 198.51.100.10;branch=z9hG4bK3\r\n"
              b"CSeq: 99999999999999999999 INVITE\r\nCall-ID: a\r\n"
              b"From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\n\r\n",
    "many-vias": b"OPTIONS sip:2500@198.51.100.20 SIP/2.0\r\n"
              + b"Via: SIP/2.0/UDP 198.51.100.10;branch=z9hG4bK4\r\n" * 1000
              + b"\r\n",
    "64-kB": b"OPTIONS sip:2500@198.51.100.20 SIP/2.0\r\nX: "
             + b"y" * 64000 + b"\r\n\r\n",
}


@pytest.mark.parametrize("name", RUBBISH)
def test_datagram_that_is_no_message(lab, name):
    program = lab.waiting()
    lab.peer.send(RUBBISH[name], (lab.PC, 5060))
    lab.assert_usable(program)
