"""-m: a program of the user's in OpenVPN's place, with the thesis's
arguments, and what was agreed on in its environment.
"""

import os
import signal
import time

import pytest

from testlib import proc, ua
from testlib.lab import Lab

CALLEE, CALLER = "2500", "2501"
SOON = 4.0

# Writes its arguments and environment down, then waits; SIGTERM ends it.
RECORDER = """#!/bin/sh
out=$1
env >"$out.env"
printf '%s\\n' "$@" >"$out.part"
trap 'echo TERM >"$out.end"; exit 0' TERM
mv "$out.part" "$out"
while :; do sleep 0.05; done
"""


@pytest.fixture
def site(kept_site):
    return kept_site


@pytest.fixture
def recorder(tmp_path):
    path = tmp_path / "program"
    path.write_text(RECORDER)
    path.chmod(0o755)
    return str(path)


def until(path):
    """The lines of a file that is about to appear."""
    deadline = time.monotonic() + 5
    while not os.path.exists(path):
        assert time.monotonic() < deadline, f"no {path}"
        os.sched_yield()
    with open(path, encoding="utf-8") as text:
        return text.read().split("\n")[:-1]


# OpenVPN started by hand from nothing but SIPVPN_*.
BY_HAND = """#!/bin/sh
case $SIPVPN_ROLE in
server) set -- --mode server --tls-server --dh none --max-clients 8 \\
	--port "$SIPVPN_PORT" \\
	--ifconfig-pool "$SIPVPN_REMOTE" "${SIPVPN_REMOTE%.*}.254" ;;
client) set -- --client --lport 0 --tls-timeout 1 \\
	--remote "$SIPVPN_PEER_ADDR" "$SIPVPN_PEER_PORT" \\
	--pull-filter accept "peer-id " --pull-filter accept "cipher " \\
	--pull-filter accept "protocol-flags " \\
	--pull-filter accept "key-derivation " --pull-filter ignore "" ;;
esac
exec openvpn --dev tun --topology p2p --tun-mtu 1400 --tls-version-min 1.3 \\
	--proto udp4 --local "$SIPVPN_ADDR" --ping 10 --ping-exit 30 "$@" \\
	--ifconfig "$SIPVPN_LOCAL" "$SIPVPN_REMOTE" --cert "$SIPVPN_CERT" \\
	--key "$SIPVPN_KEY" --peer-fingerprint "$SIPVPN_FINGERPRINT"
"""


def call(site, recorder, tmp_path, more=(), more_caller=()):
    """(callee, caller) with the recorder on both sides."""
    callee = site.ua(site.pc1, CALLEE, more=[
        *more, "-m", recorder, tmp_path / "callee", "--own", "two words"])
    callee.waiting()
    caller = site.ua(site.pc2, CALLER, to=CALLEE, more=[
        *more_caller, "-m", recorder, tmp_path / "caller"])
    caller.connected()
    return callee, caller


def test_arguments(site, recorder, tmp_path):
    callee, caller = call(site, recorder, tmp_path, ["-v", "8123"])
    assert until(tmp_path / "callee") == [
        str(tmp_path / "callee"), "--own", "two words", "8123",
        "192.168.234.1", "192.168.234.2"]
    assert until(tmp_path / "caller") == [
        str(tmp_path / "caller"), site.PC1, "8123", "192.168.234.1",
        "192.168.234.2"]
    for side in ("callee", "caller"):
        env = until(tmp_path / (side + ".env"))
        assert not [line for line in env if "secret" in line]
    assert not callee.openvpn() and not caller.openvpn()
    assert site.pc1.links() == ["eth0"]


def negotiated(path):
    """SIPVPN_* of an environment that was written down, as a dict."""
    return dict(line[7:].split("=", 1) for line in until(path)
                if line.startswith("SIPVPN_"))


def test_environment(site, recorder, tmp_path):
    call(site, recorder, tmp_path, ["-v", "8123", "--group", "lab"])
    until(tmp_path / "callee")
    until(tmp_path / "caller")
    assert negotiated(tmp_path / "caller.env") == {
        "ROLE": "client", "LOCAL": "192.168.234.2",
        "REMOTE": "192.168.234.1", "ADDR": site.PC2, "PORT": "8000",
        "PEER": f"sip:2500@{site.SERVER}", "PEER_ADDR": site.PC1,
        "PEER_PORT": "8123"}
    callee = negotiated(tmp_path / "callee.env")
    assert callee == {
        "ROLE": "server", "LOCAL": "192.168.234.1",
        "REMOTE": "192.168.234.2", "ADDR": site.PC1, "PORT": "8123",
        "PEER": f"sip:2501@{site.SERVER}", "PEER_ADDR": site.PC2,
        "PEER_PORT": "8000", "GROUP": "lab"}


def test_certificate_in_the_environment(site, tmp_path):
    """Readable as often as the program likes, and in no directory."""
    path = tmp_path / "program"
    path.write_text("""#!/bin/sh
cat "$SIPVPN_CERT" "$SIPVPN_KEY" >/dev/null
cat "$SIPVPN_CERT" "$SIPVPN_KEY" >"$1.pem"
readlink /proc/self/fd/* >"$1.fds"
env >"$1.env"
mv "$1.pem" "$1"
while :; do sleep 0.05; done
""")
    path.chmod(0o755)
    call(site, str(path), tmp_path, more_caller=["--program-tls"],
         more=["--program-tls"])
    for side in ("callee", "caller"):
        pem = "\n".join(until(tmp_path / side))
        assert pem.startswith("-----BEGIN CERTIFICATE-----")
        assert pem.count("-----BEGIN PRIVATE KEY-----") == 1
        assert pem.endswith("-----END PRIVATE KEY-----")
        found = negotiated(tmp_path / (side + ".env"))
        assert len(found["FINGERPRINT"]) == 95 and len(found["TLS_ID"]) >= 20
        fds = until(tmp_path / (side + ".fds"))
        assert len([fd for fd in fds if "memfd:sipvpn-" in fd]) == 2
        assert not [fd for fd in fds if "socket" in fd or "event" in fd]


@pytest.mark.parametrize("by_hand", ["callee", "caller"])
def test_program_with_tls_meets_openvpn(site, tmp_path, by_hand):
    """The other side need not use -m then."""
    path = tmp_path / "program"
    path.write_text(BY_HAND)
    path.chmod(0o755)
    more = {by_hand: ["--program-tls", "-m", path]}
    callee = site.ua(site.pc1, CALLEE, more=more.get("callee", ()))
    callee.waiting()
    caller = site.ua(site.pc2, CALLER, to=CALLEE, more=more.get("caller", ()))
    caller.connected()
    callee.connected()
    # who started a program does not know when it is through
    assert site.pc2.ping("192.168.234.1", 20, 0.2).received
    assert site.pc1.reach("192.168.234.2")
    programs = [*callee.children(), *caller.children()]
    assert caller.stop() == ua.OK
    callee.ended()
    proc.wait_gone(programs, SOON)


def test_addresses_of_the_user(site, recorder, tmp_path):
    call(site, recorder, tmp_path, ["-l", "10.9.8.7", "-r", "10.9.8.1"])
    assert until(tmp_path / "callee")[-2:] == ["10.9.8.7", "10.9.8.1"]
    assert until(tmp_path / "caller")[-2:] == ["10.9.8.7", "10.9.8.1"]


def test_hang_up_ends_both_programs(site, recorder, tmp_path):
    callee, caller = call(site, recorder, tmp_path)
    until(tmp_path / "callee")
    until(tmp_path / "caller")
    programs = [*callee.children(), *caller.children()]
    assert caller.stop() == ua.OK
    callee.ended()
    assert until(tmp_path / "callee.end") == ["TERM"]
    assert until(tmp_path / "caller.end") == ["TERM"]
    proc.wait_gone(programs, SOON)
    assert callee.running()


@pytest.mark.parametrize("side", ["callee", "caller"])
def test_program_that_ends_ends_the_call(site, recorder, tmp_path, side):
    callee, caller = call(site, recorder, tmp_path)
    until(tmp_path / "callee")
    until(tmp_path / "caller")
    mine = callee if side == "callee" else caller
    leader = min(mine.children())
    os.kill(leader, signal.SIGTERM)
    mine.wait_for(r"call .* (ended|failed): .*VPN program", SOON)
    other = caller if side == "callee" else callee
    other.wait_for(r"call (ended|.* failed): .*", SOON)
    caller.wait(SOON)
    assert callee.running()
    assert not callee.children()


def test_children_of_the_program_end_too(site, tmp_path):
    """A shell script's OpenVPN is the script's child, not ours."""
    path = tmp_path / "program"
    path.write_text("#!/bin/sh\nsleep 300 &\necho $! >\"$1\"\nwait\n")
    path.chmod(0o755)
    callee, caller = call(site, str(path), tmp_path)
    until(tmp_path / "callee")
    until(tmp_path / "caller")
    children = [*callee.children(), *caller.children()]
    assert len(children) == 4
    assert caller.stop() == ua.OK
    callee.ended()
    proc.wait_gone(children, SOON)


def test_program_that_does_not_heed_sigterm(site, tmp_path):
    path = tmp_path / "program"
    path.write_text("#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 1; done\n")
    path.chmod(0o755)
    callee, caller = call(site, str(path), tmp_path)
    children = [*callee.children(), *caller.children()]
    assert caller.stop(8.0) == ua.OK
    callee.ended(8.0)
    proc.wait_gone(children, SOON)


def test_ua_killed_takes_the_program_with_it(site, recorder, tmp_path):
    callee, caller = call(site, recorder, tmp_path)
    until(tmp_path / "caller")
    programs = list(caller.children())
    caller.send_signal(9)
    proc.wait_gone(programs, SOON)
    assert callee.running()
    callee.send_signal(9)  # it would wait for the answer to its BYE


def test_program_on_the_calling_side_only(site, recorder, tmp_path):
    callee = site.ua(site.pc1, CALLEE)
    callee.waiting()
    caller = site.ua(site.pc2, CALLER, to=CALLEE,
                     more=["-m", recorder, tmp_path / "caller"])
    assert caller.wait() == ua.REFUSED_CALL
    caller.wait_for(r"refused: 488 ")
    callee.wait_for(r"refused: .*fingerprint")
    assert not (tmp_path / "caller").exists()


def test_program_on_the_waiting_side_only(site, recorder, tmp_path):
    """It would wait for something that is not OpenVPN with TLS."""
    callee = site.ua(site.pc1, CALLEE,
                     more=["-m", recorder, tmp_path / "callee"])
    callee.waiting()
    caller = site.ua(site.pc2, CALLER, to=CALLEE)
    assert caller.wait(SOON) == ua.REFUSED_CALL
    assert "fingerprint" in caller.output() or "488" in caller.output()
    assert callee.running()
    proc.wait_gone(list(callee.children()), SOON)


@pytest.fixture
def lab(tmp_path):
    with Lab(tmp_path) as standing:
        yield standing


@pytest.mark.parametrize("what", ["missing", "not-executable"])
def test_program_that_cannot_be_run(lab, tmp_path, what):
    path = tmp_path / "program"
    if what == "not-executable":
        path.write_text(RECORDER)
    program = lab.waiting("-m", path)
    lines = [line for line in lab.lines()
             if not line.startswith(("a=fingerprint", "a=setup", "a=tls-id"))]
    reply = lab.dial().invite("\r\n".join([*lines, ""]))
    assert reply.code == 500
    assert str(path) in reply.get("warning")
    assert program.stop() == ua.OK
