"""One call from the command line to the hang-up, by either side."""

import pytest

from testlib import proc, ua

CALLEE, CALLER = "2500", "2501"


def call(site):
    """A call that is up: (callee, caller, what the caller reported)."""
    callee = site.ua(site.pc1, CALLEE)
    callee.registered()
    callee.waiting()
    caller = site.ua(site.pc2, CALLER, to=CALLEE)
    got = caller.connected()
    return callee, caller, got


def assert_tunnel_gone(site, openvpn):
    """No OpenVPN, no device and no answer on either side."""
    proc.wait_gone(openvpn)
    assert site.pc1.links() == ["eth0"]
    assert site.pc2.links() == ["eth0"]
    assert site.pc2.ping(site.TUNNEL[CALLEE]).received == 0


def test_ping_fails_before_works_during_fails_after(site):
    address = site.TUNNEL[CALLEE]
    assert site.pc2.ping(address).received == 0
    callee, caller, got = call(site)
    assert got["remote"] == address
    assert got["local"] == site.TUNNEL[CALLER]
    assert got["endpoint"].startswith(site.PC1 + ":")
    assert callee.connected()["remote"] == site.TUNNEL[CALLER]
    assert site.pc2.reach(address)
    assert site.pc2.ping(address, 20, 0.01).ok
    assert site.pc1.ping(site.TUNNEL[CALLER], 20, 0.01).ok
    openvpn = callee.openvpn() + caller.openvpn()
    assert caller.stop() == ua.OK
    callee.ended()
    assert_tunnel_gone(site, openvpn)


def test_caller_hangs_up(site):
    callee, caller, unused = call(site)
    openvpn = callee.openvpn() + caller.openvpn()
    assert len(openvpn) == 2
    assert caller.stop() == ua.OK
    callee.ended()
    assert callee.running(), "one who waits goes on waiting"
    assert_tunnel_gone(site, openvpn)
    assert site.registrations() == [CALLEE]


def test_callee_hangs_up(site):
    callee, caller, unused = call(site)
    openvpn = callee.openvpn() + caller.openvpn()
    assert callee.stop() == ua.OK
    caller.ended()
    assert caller.wait() == ua.OK, "its one call ended as calls do"
    assert_tunnel_gone(site, openvpn)
    assert site.registrations() == []


def test_next_call_works_like_the_first(site):
    callee, caller, unused = call(site)
    assert caller.stop() == ua.OK
    callee.ended()
    seen = callee.mark()
    again = site.ua(site.pc2, CALLER, to=CALLEE)
    again.connected()
    callee.connected(since=seen)
    assert site.pc2.reach(site.TUNNEL[CALLEE])
    assert again.stop() == ua.OK


@pytest.mark.parametrize("sender,receiver", [("pc1", "pc2"), ("pc2", "pc1")])
def test_server_carries_no_tunnel_byte(site, sender, receiver):
    call(site)
    sender, receiver = getattr(site, sender), getattr(site, receiver)
    to = site.TUNNEL[CALLER if receiver is site.pc2 else CALLEE]
    before = site.server.counters()
    # 200 packets of 1300 bytes: 260 kB each way through the tunnel
    done = sender.run("ping", "-n", "-q", "-c", 200, "-i", 0.002, "-s", 1300,
                      to)
    after = site.server.counters()
    assert " 0% packet loss" in done.stdout
    carried = sum(after[way] - before[way]
                  for way in ("rx_bytes", "tx_bytes"))
    assert carried < 20000, "signalling and ARP at the most"


def test_stopped_before_any_call_unregisters(site):
    callee = site.ua(site.pc1, CALLEE)
    callee.registered()
    assert site.registrations() == [CALLEE]
    assert callee.stop() == ua.OK
    callee.wait_for(ua.UNREGISTERED)
    assert site.registrations() == []
