"""Somebody kills OpenVPN or a whole sipvpn-ua: the other side ends its call
in seconds, and nothing stays. Real server, two real sipvpn-ua.
"""

import os
import signal

import pytest

from testlib import proc, ua
from testlib.lab import is_openvpn

CALLEE, CALLER = "2500", "2501"
SOON = 4.0  # seconds
# to the end of a call whose peer does not answer the BYE
DEAD_PEER = 10.0


@pytest.fixture
def call(standing):
    """(site, callee, caller), the call being up; all gone afterwards."""
    callee = standing.ua(standing.pc1, CALLEE)
    callee.waiting()
    caller = standing.ua(standing.pc2, CALLER, to=CALLEE)
    caller.connected()
    callee.connected()
    yield standing, callee, caller
    for program in (caller, callee):
        program.close()
        standing.programs.remove(program)
    for host in (standing.pc1, standing.pc2):
        assert host.links() == ["eth0"]
        assert not host.pids()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("side", ["callee", "caller"])
def test_openvpn_is_killed(call, side, number):
    site, callee, caller = call
    victim, other = (callee, caller) if side == "callee" else (caller, callee)
    openvpn = callee.openvpn() + caller.openvpn()
    standing = callee.mark()
    os.kill(victim.openvpn()[0], number)
    why = victim.wait_for(r"^sipvpn-ua: call .* failed: (.*)", SOON).group(1)
    assert "somebody else ended the VPN program" in why
    assert "hung up" in other.wait_for(
        r"call (ended: |.* failed: )(.*)", SOON).group(2)
    proc.wait_gone(openvpn, SOON)
    assert caller.wait(SOON) == (ua.TUNNEL if side == "caller" else ua.OK)
    callee.wait_for(ua.WAITING, SOON, since=standing)
    assert callee.running()
    assert site.registrations() == [CALLEE]


@pytest.mark.parametrize("side", ["callee", "caller"])
def test_ua_is_killed(call, side):
    site, callee, caller = call
    victim, other = (callee, caller) if side == "callee" else (caller, callee)
    openvpn = callee.openvpn() + caller.openvpn()
    host = site.pc1 if victim is callee else site.pc2
    routes = host.run("ip", "route").stdout
    assert "192.168.234." in routes and "vpn-" in routes
    victim.send_signal(signal.SIGKILL)
    proc.wait_gone(openvpn, SOON)
    assert host.links() == ["eth0"], "the device has outlived its program"
    assert "192.168.234." not in host.run("ip", "route").stdout
    assert not [pid for pid in host.pids() if is_openvpn(pid)]
    why = other.wait_for(r"^sipvpn-ua: call .* failed: (.*)",
                         DEAD_PEER).group(1)
    assert "the peer's VPN program ended" in why
    if other is caller:
        assert caller.wait(SOON) == ua.TUNNEL
        return
    again = site.ua(site.pc2, CALLER, to=CALLEE)
    again.connected()
    assert again.stop() == ua.OK


def test_both_are_killed_and_started_again(call):
    site, callee, caller = call
    openvpn = callee.openvpn() + caller.openvpn()
    for program in (callee, caller):
        program.send_signal(signal.SIGKILL)
    proc.wait_gone(openvpn, SOON)
    second = site.ua(site.pc1, CALLEE)
    second.waiting()
    assert site.registrations() == sorted([CALLEE, CALLER]), \
        "nobody could take those back"
    again = site.ua(site.pc2, CALLER, to=CALLEE)
    again.connected()
    assert again.stop() == ua.OK
    assert second.stop() == ua.OK
    assert site.registrations() == []
