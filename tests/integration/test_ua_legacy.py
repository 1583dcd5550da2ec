"""--legacy: the call of the thesis of 2007, with sipp as the one and as the
other of its two PCs, and with the static key that its programs used.
"""

import os
import re
import signal

import pytest

from testlib import proc, sipp, ua
from testlib.peer import socket_in
from testlib.vpnend import attribute, body

CALLEE, CALLER = "2500", "2501"
SOON = 5.0
LOCAL, REMOTE = "192.168.234.1", "192.168.234.2"


@pytest.fixture
def site(kept_site):
    return kept_site


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    """A static key, as both sides have it."""
    path = tmp_path_factory.mktemp("key") / "static.key"
    proc.run(["openvpn", "--genkey", "secret", path])
    path.chmod(0o600)
    return str(path)


@pytest.fixture
def keep():
    """Programs that end with the test."""
    started = []

    def add(program):
        started.append(program)
        return program

    yield add
    while started:
        started.pop().close()


def program(host, key, *more):
    """What the thesis's -m script ran: no TLS, no certificate."""
    return host.start("openvpn", "--dev", "tun", "--secret", key, "--cipher",
                      "AES-256-CBC", "--ping", 10, "--ping-exit", 30,
                      "--float", "--user", "nobody", *more)


def waiting_side(host, key, port=8000):
    """PROGRAM PORT LOCAL REMOTE"""
    started = program(host, key, "--port", port, "--ifconfig", LOCAL, REMOTE)
    started.wait_for(r"link local \(bound\)")
    return started


def calling_side(host, key, peer, port):
    """PROGRAM PEER PORT and the two addresses"""
    started = program(host, key, "--remote", peer, port, "--nobind",
                      "--ifconfig", REMOTE, LOCAL)
    started.wait_for("link remote: ")
    return started


def legacy(key):
    return ["--legacy", "--secret", key]


@pytest.mark.parametrize("rewritten", [False, True],
                         ids=["as sent", "rewritten"])
def test_call_pc1(site, key, keep, tmp_path, rewritten):
    """sipp is PC1. A middlebox may have rewritten m= and c=, as in 2007."""
    mip, mport = (site.SERVER, 7084) if rewritten else (site.PC1, 8000)
    keep(waiting_side(site.pc1, key))
    here = {"ip": site.PC1, "port": 5060, "netns": site.pc1, "user": CALLEE}
    server = (site.SERVER, 5060)
    sipp.run(tmp_path, "register", server, password=site.USERS[CALLEE],
             domain=site.SERVER, **here)
    with sipp.Sipp(tmp_path, "thesis-callee", server, mip=mip, mport=mport,
                   **here) as pc1:
        pc1.ready()
        caller = site.ua(site.pc2, CALLER, to=CALLEE, more=legacy(key))
        got = caller.connected()
        assert (got["local"], got["remote"]) == (REMOTE, LOCAL)
        assert got["endpoint"] == f"{site.PC1}:8000"
        assert got["tun"] == "vpn-2500"
        assert int(got["ms"]) < 2000, "it waited for a keep-alive"
        assert site.pc1.reach(REMOTE) and site.pc2.reach(LOCAL)
        assert "no forward secrecy" in caller.output()
        openvpn = caller.openvpn()
        assert caller.stop() == ua.OK
        pc1.finish()
        proc.wait_gone(openvpn)


def tell_to_hang_up(host, ip, port, call_id):
    """An INFO for the scenario that waits for one."""
    with socket_in(host, ip) as sock:
        sock.sendto("\r\n".join([
            f"INFO sip:{ip} SIP/2.0",
            f"Via: SIP/2.0/UDP {ip};branch=z9hG4bKtest",
            f"From: <sip:test@{ip}>;tag=1", f"To: <sip:{ip}>;tag=2",
            f"Call-ID: {call_id}", "CSeq: 1 INFO", "Content-Length: 0", "",
            ""]).encode(), (ip, port))


def test_called_by_pc2(site, key, keep, tmp_path):
    """sipp is PC2."""
    callee = site.ua(site.pc1, CALLEE, more=["-d", *legacy(key)])
    callee.waiting()
    with sipp.Sipp(tmp_path, "thesis-caller", (site.SERVER, 5060),
                   ip=site.PC2, port=5060, netns=site.pc2, user=CALLER,
                   password=site.USERS[CALLER], to=CALLEE,
                   domain=site.SERVER) as pc2:
        since = callee.mark()
        callee.wait_for("^call from")
        call_id = callee.wait_for(r"INVITE sip:", since=since) and \
            callee.wait_for(r"^\W*[Cc]all-[Ii][Dd]: (\S+)", since=since)[1]
        peer = keep(calling_side(site.pc2, key, site.PC1, 8000))
        # who waits learns where to send to from the first packet that comes
        assert site.pc2.ping(LOCAL, 2).received
        got = callee.connected()
        assert (got["local"], got["remote"]) == (LOCAL, REMOTE)
        assert got["tun"] == "vpn-2501"
        peer.wait_for("Initialization Sequence Completed")
        assert site.pc1.reach(REMOTE) and site.pc2.reach(LOCAL)
        openvpn = callee.openvpn()
        tell_to_hang_up(site.pc2, site.PC2, 5060, call_id)
        pc2.finish()
        assert "hung up" in callee.ended()
        proc.wait_gone(openvpn)
        assert callee.running()


def both(site, callee_more, caller_more):
    """Two of ours, each with the other taken for a program of 2007."""
    callee = site.ua(site.pc1, CALLEE, more=["--legacy", *callee_more])
    callee.waiting()
    caller = site.ua(site.pc2, CALLER, to=CALLEE,
                     more=["--legacy", *caller_more])
    return callee, caller


def test_two_of_ours(site, key):
    callee, caller = both(site, ["--secret", key], ["--secret", key])
    caller.connected()
    callee.connected()
    assert site.pc1.reach(REMOTE) and site.pc2.reach(LOCAL)
    openvpn = callee.openvpn() + caller.openvpn()
    assert caller.stop() == ua.OK
    callee.ended()
    proc.wait_gone(openvpn)


@pytest.mark.parametrize("side", ["callee", "caller"])
def test_openvpn_that_is_killed(site, key, side):
    """Without TLS, too, the other end is told at once."""
    callee, caller = both(site, ["--secret", key], ["--secret", key])
    caller.connected()
    callee.connected()
    victim = callee if side == "callee" else caller
    os.kill(victim.openvpn()[0], signal.SIGTERM)
    why = victim.wait_for(r"^sipvpn-ua: call .* failed: (.*)", SOON).group(1)
    assert "somebody else ended the VPN program" in why
    assert caller.wait(SOON) == (ua.TUNNEL if side == "caller" else ua.OK)
    callee.wait_for(ua.WAITING, SOON, since=3)
    assert callee.running()


def test_two_keys_that_differ(site, key, tmp_path):
    """No tunnel, after some time; both sides say what is likely, and how to
    find out."""
    other = tmp_path / "other.key"
    proc.run(["openvpn", "--genkey", "secret", other])
    other.chmod(0o600)
    callee, caller = both(site, ["--secret", key], ["--secret", other])
    # who is first tells the other one by its BYE
    likely = "(does not fit our static key|static key may be another one)$"
    for program in callee, caller:
        program.wait_for("^(sipvpn-ua: call .* failed|call ended: the peer "
                         f"hung up): .*{likely}", 20)
    how = "^sipvpn-ua: are the static keys the same\\? 'sha256sum {}' here " \
        "and the like at the peer"
    callee.wait_for(how.format(key))
    caller.wait_for(how.format(other))


def test_program_of_the_thesis(site, key, tmp_path):
    """-m gets the arguments of 2007, and makes the tunnel of 2007."""
    path = tmp_path / "program"
    path.write_text("""#!/bin/sh
echo "$@" >"$1"; shift
if [ $# = 3 ]; then
	set -- --port "$1" --ifconfig "$2" "$3"
else
	set -- --remote "$1" "$2" --nobind --ifconfig "$4" "$3"
fi
exec openvpn --dev tun --secret "$SIPVPN_SECRET" --cipher AES-256-CBC \\
	--ping 10 --ping-exit 30 --float --user nobody "$@"
""")
    path.chmod(0o755)
    more = ["--secret", key, "-m", path]
    callee, caller = both(site, [*more, tmp_path / "callee"],
                          [*more, tmp_path / "caller"])
    caller.connected()
    callee.connected()
    assert site.pc2.ping(LOCAL, 20, 0.2).received
    assert site.pc1.reach(REMOTE)
    assert (tmp_path / "callee").read_text().split()[1:] == [
        "8000", LOCAL, REMOTE]
    assert (tmp_path / "caller").read_text().split()[1:] == [
        site.PC1, "8000", LOCAL, REMOTE]
    programs = [*callee.children(), *caller.children()]
    assert caller.stop() == ua.OK
    callee.ended()
    proc.wait_gone(programs)


def test_answer_in_the_ack_that_does_not_fit(lab, key):
    program = lab.waiting(*legacy(key))
    call = lab.dial()
    offer = call.invite()
    assert offer.code == 200 and attribute(offer.body, "IP4") == lab.PC
    call.ack(body([line for line in lab.lines(pair=("10.1.2.3", "10.1.2.4"))
                   if not line.startswith(("a=setup", "a=finger", "a=tls"))]))
    reason = lab.peer.take("BYE").get("reason")
    assert reason.startswith("SIP;cause=488;"), reason
    program.wait_for("unusable answer: .*not those of the offer")
    program.waits_again()


WRONG = {
    "missing": (None, "No such file"),
    "readable": (0o644, "others may read it"),
    "no key": ("-----BEGIN PRIVATE KEY-----\n", "holds no static key"),
    "empty": ("", "holds no static key"),
}


@pytest.mark.parametrize("what", WRONG)
def test_secret_that_will_not_do(tmp_path, key, what):
    content, words = WRONG[what]
    path = tmp_path / "file"
    if content == 0o644:
        with open(key, encoding="ascii") as good:
            path.write_text(good.read())
        path.chmod(content)
    elif content is not None:
        path.write_text(content)
        path.chmod(0o600)
    assert_usage([*legacy(path)], f"--secret: {path}: .*{words}")


def assert_usage(more, words):
    done = proc.run([ua.PROGRAM, "-s", "192.0.2.1", "-u", "2500", *more],
                    check=False)
    assert done.returncode == ua.USAGE
    assert re.search(words, done.stdout), done.stdout


def test_options_that_do_not_go_together(key):
    assert_usage(["--legacy"], "--secret FILE, or a program with -m")
    assert_usage(["--secret", key], "add --legacy")
    assert_usage(["--program-tls"], "only for a program")
    assert_usage([*legacy(key), "--program-tls", "-m", "x"], "not with")


def test_key_that_goes_away_while_we_wait(lab, key, tmp_path):
    path = tmp_path / "key"
    with open(key, encoding="ascii") as good:
        path.write_text(good.read())
    path.chmod(0o600)
    program = lab.waiting(*legacy(path))
    path.unlink()
    reply = lab.dial().invite()
    assert reply.code == 500
    program.wait_for(f"^sipvpn-ua: call .* failed: .*{path}: No such file")
    assert program.stop() == ua.OK


def test_no_session_timer(lab, key):
    """The program of 2007 refreshes nothing: no timer is asked for, and none
    that somebody on the way wants is agreed to.
    """
    legacy = ["--legacy", "--secret", key]
    unused, invite = lab.calling(*legacy)
    assert invite.get("session-expires") is invite.get("min-se") is None
    assert invite.get("supported") is None
    lab.clear()
    lab.waiting(*legacy)
    call = lab.dial()
    answer = call.invite(headers=["Session-Expires: 4"])
    assert answer.code == 200
    assert answer.get("session-expires") is None
    assert answer.get("supported") is None
    call.ack()
    assert call.bye().code == 200
