"""OpenVPN that is not there, cannot be run, ends at once or does nothing,
and a machine that does not let it have a tun device.
"""

import os
import time

import pytest

from testlib import ua
from testlib.lab import USER

# a root without it, as in most containers
NO_NET_ADMIN = ("setpriv", "--bounding-set=-net_admin",
                "--inh-caps=-net_admin")


def script(path, text, mode=0o755):
    path.write_text(text)
    path.chmod(mode)
    return str(path)


def missing(tmp_path):
    return str(tmp_path / "openvpn"), "No such file"


def missing_in_path(tmp_path):
    return "openvpn-of-nobody", "No such file"


def not_executable(tmp_path):
    return script(tmp_path / "openvpn", "#!/bin/sh\n", 0o644), \
        "Permission denied"


def directory(tmp_path):
    return str(tmp_path), "Permission denied"


def no_program(tmp_path):
    return script(tmp_path / "openvpn", "\x7fELF, or not\n"), "Exec format"


def interpreter_missing(tmp_path):
    return script(tmp_path / "openvpn", "#!/no/such/shell\n"), "No such file"


def ends_at_once(tmp_path):
    return script(tmp_path / "openvpn", "#!/bin/sh\nexit 1\n"), \
        "ended with status 1"


def ends_with_words(tmp_path):
    return script(tmp_path / "openvpn", "#!/bin/sh\n"
                  "echo 'Options error: no such thing'\nexit 1\n"), \
        "no such thing"


def killed_at_once(tmp_path):
    return script(tmp_path / "openvpn", "#!/bin/sh\nkill -9 $$\n"), "signal 9"


def succeeds_at_once(tmp_path):
    return script(tmp_path / "openvpn", "#!/bin/sh\nexit 0\n"), \
        "ended with status 0"


NOT_RUN = [missing, missing_in_path, not_executable, directory, no_program,
           interpreter_missing]
ENDS = [ends_at_once, ends_with_words, killed_at_once, succeeds_at_once]


def assert_callee_says(lab, program, word, path=None):
    """500 with a Warning, no tunnel, and the UA stays."""
    reply = lab.dial().invite(lab.good())
    assert reply.code == 500, reply.first
    warning = reply.get("warning") or ""
    assert warning.startswith("399 ") and word in warning, warning
    told = program.wait_for(
        r"^sipvpn-ua: call from sip:peer@\S+ failed: (.*)").group(1)
    assert word in told
    if path:
        assert path in told
    lab.assert_clean()
    # the next call gets the same answer, so it is ready for a next one
    assert lab.dial().invite(lab.good()).code == 500
    assert program.running()
    assert program.stop() == ua.OK


def assert_caller_says(lab, program, invite, word, path=None):
    """ACK, BYE with the reason, exit code 6."""
    lab.peer.reply(invite, 200, "OK", body=lab.good(setup="passive"))
    lab.peer.take("ACK")
    reason = lab.peer.take("BYE").get("reason") or ""
    assert reason.startswith("SIP;cause=500;") and word in reason, reason
    assert program.wait() == ua.TUNNEL
    told = program.wait_for(
        r"^sipvpn-ua: call to sip:peer@\S+ failed: (.*)").group(1)
    assert word in told
    if path:
        assert path in told
    lab.clear_peers()
    lab.assert_clean()


@pytest.mark.parametrize("what", NOT_RUN + ENDS)
def test_callee(lab, tmp_path, what):
    path, word = what(tmp_path)
    program = lab.waiting("--openvpn", path)
    assert_callee_says(lab, program, word, path if what in NOT_RUN else None)


@pytest.mark.parametrize("what", NOT_RUN + ENDS)
def test_caller(lab, tmp_path, what):
    path, word = what(tmp_path)
    program, invite = lab.calling("--openvpn", path)
    assert_caller_says(lab, program, invite, word,
                       path if what in NOT_RUN else None)


def test_callee_whose_openvpn_does_nothing(lab, tmp_path):
    """It never connects to its management interface, nor heeds SIGTERM."""
    path = script(tmp_path / "openvpn",
                  "#!/bin/sh\ntrap '' TERM\necho here\n"
                  "while :; do sleep 1; done\n")
    program = lab.waiting("-d", "--openvpn", path)
    call = lab.dial()
    call.send("INVITE", lab.good())
    program.wait_for("openvpn: here")
    children = program.children()
    assert children
    reply = call.final(8.0)
    assert reply.code == 500
    assert "does not get ready" in reply.get("warning")
    program.waits_again()
    deadline = time.monotonic() + 5
    while [pid for pid in children if os.path.exists(f"/proc/{pid}")]:
        assert time.monotonic() < deadline, "it has outlived its call"
    assert program.stop() == ua.OK


def test_callee_without_the_right_to_a_device(lab):
    program = lab.waiting(before=NO_NET_ADMIN)
    assert_callee_says(lab, program, "the tun device is refused to us")


def test_caller_without_the_right_to_a_device(lab):
    program, invite = lab.calling(before=NO_NET_ADMIN)
    lab.listen(invite)  # OpenVPN opens the device when it is through
    assert_caller_says(lab, program, invite,
                       "the tun device is refused to us")


@pytest.mark.parametrize("caller", [False, True], ids=["callee", "caller"])
def test_no_tun_device_file(lab, tmp_path, caller):
    """A container without /dev/net/tun: an empty directory over it."""
    hide = ("unshare", "--mount", "sh", "-c",
            "mount -t tmpfs none /dev/net && exec \"$0\" \"$@\"")
    if caller:
        program, invite = lab.calling(before=hide)
        lab.listen(invite)
        assert_caller_says(lab, program, invite,
                           "the tun device is refused to us")
    else:
        program = lab.waiting(before=hide)
        assert_callee_says(lab, program, "the tun device is refused to us")


def test_usable_again_when_openvpn_is_there(lab, tmp_path):
    """The program may be installed while the UA waits."""
    path = tmp_path / "openvpn"
    program = lab.waiting("--openvpn", str(path))
    assert lab.dial().invite(lab.good()).code == 500
    path.symlink_to("/usr/sbin/openvpn")
    lab.assert_usable(program)
    assert program.user == USER
    assert program.stop() == ua.OK
