"""OpenVPN behind a script of the user's that does not exec it: it ends with
its call, and says goodbye to its peer first.
"""

import os
import signal

import pytest

from testlib import proc, ua

SCRIPTS = {
    "none": None,
    "exec": 'exec openvpn "$@"\n',
    "child": 'openvpn "$@"\n',
    "cleans up": 'exec 3<&0; trap : TERM\nopenvpn "$@" <&3 3<&- &\n'
                 'wait; wait\n',
}


@pytest.fixture(params=SCRIPTS)
def wrapped(request, tmp_path):
    """Options that name it."""
    if SCRIPTS[request.param] is None:
        return []
    path = tmp_path / "wrapper"
    path.write_text("#!/bin/sh\n" + SCRIPTS[request.param])
    path.chmod(0o755)
    return ["--openvpn", str(path)]


def called(lab, wrapped):
    """(UA, dialog, the peer's OpenVPN), as one call after the other."""
    program = lab.waiting(*wrapped)
    call = lab.dial()
    answer = call.invite(lab.good())
    assert answer.code == 200
    call.ack()
    end = lab.connect(answer)
    program.connected()
    end.wait_for("Initialization Sequence Completed")
    return program, call, end


def test_callee(lab, wrapped):
    program, call, end = called(lab, wrapped)
    family = program.children()
    assert call.bye().code == 200
    program.ended()
    proc.wait_gone(family, 1.0)
    # by silence, it would have noticed in half a minute
    end.wait_for("server-pushed-connection-reset", 1.0)
    lab.assert_clean()
    assert program.running()


def test_caller(lab, wrapped):
    program, invite = lab.calling(*wrapped)
    end = lab.listen(invite)
    lab.peer.reply(invite, 200, "OK", body=lab.good(setup="passive"))
    program.connected()
    family = program.children()
    assert program.stop() == ua.OK
    end.wait_for("exit message received by peer", 1.0)
    proc.wait_gone(family, 1.0)
    lab.assert_clean()


def test_ua_is_killed(lab, wrapped):
    program, unused, end = called(lab, wrapped)
    family = program.children()
    program.send_signal(signal.SIGKILL)
    proc.wait_gone(family)
    end.wait_for("server-pushed-connection-reset", 1.0)
    lab.assert_clean()


def test_openvpn_is_killed(lab, wrapped):
    """The script goes with it."""
    program, unused, end = called(lab, wrapped)
    family = program.children()
    os.kill(program.openvpn()[0], signal.SIGKILL)
    program.wait_for("^sipvpn-ua: call .* failed: ")
    proc.wait_gone(family)
    end.close()
