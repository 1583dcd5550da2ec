"""A revocation as two real endpoints see it: the tunnel is gone."""

import time

from testlib import proc, ua

CALLEE, CALLER = "2500", "2501"


def test_the_tunnel_goes_with_the_call(site):
    callee = site.ua(site.pc1, CALLEE)
    callee.registered()
    callee.waiting()
    caller = site.ua(site.pc2, CALLER, to=CALLEE)
    caller.connected()
    callee.connected()
    one, = site.kamailio.rpc("sipvpn.calls")["calls"]
    assert one["state"] == "up"
    assert {one["caller_addr"], one["callee_addr"]} == set(
        site.TUNNEL.values())
    openvpn = callee.openvpn() + caller.openvpn()
    assert len(openvpn) == 2
    started = time.monotonic()
    site.kamailio.rpc("sipvpn.revoke", one["id"])
    callee.ended()
    caller.ended()
    assert time.monotonic() - started < 1.0
    assert caller.wait() == ua.OK
    proc.wait_gone(openvpn)
    assert site.pc1.links() == ["eth0"] and site.pc2.links() == ["eth0"]
    assert callee.running(), "one who waits goes on waiting"
    assert site.kamailio.rpc("sipvpn.calls")["calls"] == []
