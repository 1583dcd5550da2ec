"""--legacy: the call of the thesis of 2007, with sipp as the one and as the
other of its two PCs, and with the static key that its programs used.
"""

import pytest

from testlib import proc, sipp, ua
from testlib.peer import socket_in
from testlib.site import Site

CALLEE, CALLER = "2500", "2501"
SOON = 5.0
LOCAL, REMOTE = "192.168.234.1", "192.168.234.2"


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    with Site(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture
def site(standing):
    before = len(standing.programs)
    yield standing
    while len(standing.programs) > before:
        standing.programs.pop().close()
    for host in (standing.pc1, standing.pc2):
        assert host.links() == ["eth0"]
        assert not host.pids()


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
        assert site.pc1.ping(REMOTE).ok and site.pc2.ping(LOCAL).ok
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
        assert site.pc1.ping(REMOTE).ok and site.pc2.ping(LOCAL).ok
        openvpn = callee.openvpn()
        tell_to_hang_up(site.pc2, site.PC2, 5060, call_id)
        pc2.finish()
        assert "hung up" in callee.ended()
        proc.wait_gone(openvpn)
        assert callee.running()
