"""SIGTERM at every stage of a call: the other side hears of it, and neither
OpenVPN nor device nor registration stays.
"""

import signal

import pytest

from testlib import proc, ua
from testlib.lab import LabUA
from testlib.peer import Peer

# an "OpenVPN" that never gets ready but ends when it is told to
STARTS = "#!/bin/sh\necho here\nexec sleep 60\n"
AT_ONCE = 1.0  # seconds; nothing had to be waited for
LIMIT = 12.0  # for the end of BYE, then of REGISTER, unanswered


def assert_unregistered(lab):
    last = [m for m in lab.peer.got if m.method == "REGISTER"][-1]
    assert last.get("expires") == "0"
    lab.assert_clean()


def starting_openvpn(tmp_path):
    path = tmp_path / "openvpn"
    path.write_text(STARTS)
    path.chmod(0o755)
    return str(path)


# --- before there is a call ------------------------------------------------

@pytest.mark.parametrize("to", [None, "peer"], ids=["waiting", "calling"])
def test_while_registering(lab, to):
    """The server says nothing: it may have us registered all the same."""
    with Peer(lab.far, lab.SERVER, 5070, silent=True) as silent, \
            LabUA(lab.pc, lab.SERVER + ":5070", to=to) as program:
        silent.take("REGISTER")
        program.send_signal(signal.SIGTERM)
        assert silent.take("REGISTER").get("expires") == "0"
        assert program.wait() in (ua.OK, ua.UNREACHABLE)
    lab.assert_clean()


def test_while_registering_twice(lab):
    with Peer(lab.far, lab.SERVER, 5070, silent=True) as silent, \
            LabUA(lab.pc, lab.SERVER + ":5070") as program:
        silent.take("REGISTER")
        program.send_signal(signal.SIGTERM)
        silent.take("REGISTER")
        program.send_signal(signal.SIGTERM)
        program.wait(AT_ONCE)


def test_waiting(lab):
    program = lab.waiting()
    assert program.stop(AT_ONCE) == ua.OK
    program.wait_for(ua.UNREGISTERED)
    assert_unregistered(lab)


# --- a caller --------------------------------------------------------------

def test_calling_and_nothing_heard(lab):
    """RFC 3261 section 9.1: no CANCEL before a provisional answer."""
    program, unused = lab.calling()
    program.send_signal(signal.SIGTERM)
    program.wait(LIMIT)
    assert lab.peer.count("CANCEL") == 0
    assert_unregistered(lab)


def test_calling_and_180_comes_after(lab):
    program, invite = lab.calling()
    program.send_signal(signal.SIGTERM)
    lab.peer.reply(invite, 180, "Ringing")
    cancel = lab.peer.take("CANCEL")
    assert cancel.get("via") == invite.get("via")
    assert cancel.get("cseq") == invite.get("cseq").replace("INVITE",
                                                            "CANCEL")
    lab.peer.reply(invite, 487, "Request Terminated")
    assert lab.peer.take("ACK").get("via") == invite.get("via")
    assert program.wait(AT_ONCE) == ua.OK
    program.wait_for(r"^call ended: given up")
    assert_unregistered(lab)


@pytest.mark.parametrize("ringing", [False, True], ids=["no180", "180"])
def test_calling_and_200_comes_after(lab, ringing):
    """Our CANCEL is too late: ACK, BYE, and no tunnel."""
    program, invite = lab.calling("-d")
    if ringing:
        lab.peer.reply(invite, 180, "Ringing")
        program.wait_for("inviting -> proceeding")
    program.send_signal(signal.SIGTERM)
    # a signal and a datagram may be taken in either order
    program.wait_for("^told to end")
    if ringing:
        lab.peer.take("CANCEL")
    lab.peer.reply(invite, 200, "OK", body=lab.good(setup="passive"))
    lab.peer.take("ACK")
    lab.peer.take("BYE")
    assert program.wait(AT_ONCE) == ua.OK
    assert "openvpn: " not in program.output()
    assert_unregistered(lab)


def test_ringing(lab):
    program, invite = lab.calling("-d")
    lab.peer.reply(invite, 180, "Ringing")
    program.wait_for("inviting -> proceeding")
    program.send_signal(signal.SIGTERM)
    lab.peer.take("CANCEL")
    lab.peer.reply(invite, 487, "Request Terminated")
    lab.peer.take("ACK")
    assert program.wait(AT_ONCE) == ua.OK
    assert_unregistered(lab)


def test_ringing_and_487_never_comes(lab):
    program, invite = lab.calling("-d")
    lab.peer.reply(invite, 180, "Ringing")
    program.wait_for("inviting -> proceeding")
    program.send_signal(signal.SIGTERM)
    lab.peer.take("CANCEL")
    program.wait(LIMIT)
    assert_unregistered(lab)


def test_caller_while_the_tunnel_comes_up(lab):
    """OpenVPN runs, and nobody is there."""
    program, invite = lab.calling("-d")
    lab.peer.reply(invite, 200, "OK", body=lab.good(setup="passive"))
    lab.peer.take("ACK")
    program.wait_for("openvpn: .*link remote")
    program.send_signal(signal.SIGTERM)
    lab.peer.take("BYE")
    assert program.wait(2 * AT_ONCE) == ua.OK
    assert_unregistered(lab)


def test_connected_caller(lab):
    program, invite = lab.calling()
    lab.listen(invite)
    lab.peer.reply(invite, 200, "OK", body=lab.good(setup="passive"))
    program.connected()
    assert program.stop(2 * AT_ONCE) == ua.OK
    assert lab.peer.take("BYE").get("reason") is None
    assert_unregistered(lab)


# --- a callee --------------------------------------------------------------

def test_callee_while_openvpn_starts(lab, tmp_path):
    program = lab.waiting("-d", "--openvpn", starting_openvpn(tmp_path))
    call = lab.dial()
    call.send("INVITE", lab.good())
    program.wait_for("openvpn: here")
    child, = program.children()
    program.send_signal(signal.SIGTERM)
    assert call.final().code in (480, 487, 500, 503)
    assert program.wait(3 * AT_ONCE) == ua.OK
    proc.wait_gone([child], AT_ONCE)
    assert_unregistered(lab)


def test_callee_before_the_ack(lab):
    """RFC 3261 section 15: BYE only after the ACK."""
    program = lab.waiting()
    call = lab.dial()
    assert call.invite(lab.good()).code == 200
    openvpn = program.openvpn()
    program.send_signal(signal.SIGTERM)
    proc.wait_gone(openvpn, 2 * AT_ONCE)
    assert lab.peer.count("BYE") == 0
    call.ack()
    lab.peer.take("BYE")
    assert program.wait(AT_ONCE) == ua.OK
    assert_unregistered(lab)


def test_callee_before_the_ack_that_never_comes(lab):
    """It may take 32 s to come; who asks twice does not want to wait."""
    program = lab.waiting()
    assert lab.dial().invite(lab.good()).code == 200
    openvpn = program.openvpn()
    program.send_signal(signal.SIGTERM)
    proc.wait_gone(openvpn, 2 * AT_ONCE)
    program.send_signal(signal.SIGTERM)
    program.wait(LIMIT)
    lab.assert_clean()


def test_callee_while_the_tunnel_comes_up(lab):
    program = lab.waiting()
    call = lab.dial()
    assert call.invite(lab.good()).code == 200
    call.ack()
    openvpn = program.openvpn()
    program.send_signal(signal.SIGTERM)
    lab.peer.take("BYE")
    assert program.wait(2 * AT_ONCE) == ua.OK
    proc.wait_gone(openvpn, AT_ONCE)
    assert_unregistered(lab)


def connected_callee(lab):
    program = lab.waiting()
    call = lab.dial()
    answer = call.invite(lab.good())
    call.ack()
    lab.connect(answer)
    program.connected()
    return program


def test_connected_callee(lab):
    program = connected_callee(lab)
    assert program.stop(2 * AT_ONCE) == ua.OK
    assert lab.peer.take("BYE").get("reason") is None
    assert_unregistered(lab)


def test_connected_callee_and_a_silent_server(lab):
    program = connected_callee(lab)
    lab.peer.silent = True
    try:
        program.send_signal(signal.SIGTERM)
        lab.peer.take("BYE")
        program.wait(LIMIT)
    finally:
        lab.peer.silent = False
    assert lab.peer.count("REGISTER") == 2, "it tries to unregister"
    lab.assert_clean()


def test_connected_callee_and_a_silent_server_twice(lab):
    """Who asks twice does not want to wait for the server."""
    program = connected_callee(lab)
    openvpn = program.openvpn()
    lab.peer.silent = True
    try:
        program.send_signal(signal.SIGTERM)
        lab.peer.take("BYE")
        program.send_signal(signal.SIGTERM)
        program.wait(2 * AT_ONCE)
    finally:
        lab.peer.silent = False
    proc.wait_gone(openvpn, AT_ONCE)
    lab.assert_clean()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_other_ways_to_say_it(lab, number):
    program = connected_callee(lab)
    program.send_signal(number)
    lab.peer.take("BYE")
    assert program.wait(2 * AT_ONCE) == ua.OK
    assert_unregistered(lab)
