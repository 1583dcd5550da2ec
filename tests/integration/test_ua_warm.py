"""A caller's OpenVPN is loaded while it rings, and waits for the answer."""

import os
import signal

import pytest

from testlib import proc, ua


def ringing(lab):
    """A caller that is told to wait: the program, its INVITE, its OpenVPN."""
    program, invite = lab.calling()
    lab.peer.reply(invite, 180, "Ringing")
    program.wait_for("calling sip:peer")
    waiting, = program.openvpn()
    return program, invite, waiting


def answered(lab, program, invite):
    lab.listen(invite)
    lab.peer.reply(invite, 200, "OK", body=lab.good(setup="passive"))
    lab.peer.take("ACK")
    program.connected()
    assert lab.far.reach("192.168.234.1")
    tunnel, = program.openvpn()
    return tunnel


def test_it_becomes_the_tunnel(lab):
    program, invite, waiting = ringing(lab)
    assert lab.pc.links() == ["eth0"], "no device before the answer"
    assert answered(lab, program, invite) == waiting
    assert program.stop() == ua.OK
    lab.assert_clean_ua()


@pytest.mark.parametrize("code", [486, 603])
def test_refused(lab, code):
    program, invite, waiting = ringing(lab)
    lab.peer.reply(invite, code, "No")
    assert program.wait() == ua.REFUSED_CALL
    proc.wait_gone([waiting])
    lab.assert_clean()


def test_given_up(lab):
    program, invite, waiting = ringing(lab)
    program.send_signal(signal.SIGTERM)
    lab.peer.take("CANCEL")
    lab.peer.reply(invite, 487, "Request Terminated")
    program.wait()
    proc.wait_gone([waiting])


def test_helper_killed(lab):
    program, unused, waiting = ringing(lab)
    program.send_signal(signal.SIGKILL)
    program.wait()
    proc.wait_gone([waiting])


def test_it_is_gone_when_the_answer_comes(lab):
    """Then another one is started, as ever."""
    program, invite, waiting = ringing(lab)
    os.kill(waiting, signal.SIGKILL)
    proc.wait_gone([waiting])
    assert answered(lab, program, invite) != waiting
    assert program.stop() == ua.OK
