"""A bad path to one of the two: a fifth of its SIP messages and a tenth of its
VPN packets are lost, others overtake each other. Calls come up all the same,
carry data, and end on both sides.
"""

import pytest

from testlib import proc, ua
from testlib.lossy import Lossy

CALLEE, CALLER = "2500", "2501"
LOSS = {"sip": 0.2, "vpn": 0.1}
DELAY = 0.02
# RFC 3261 repeats a request for 32 s; one in a thousand takes half of that
PATIENCE = 30.0


@pytest.fixture
def site(kept_site):
    return kept_site


# the seeds lose some of the first messages
@pytest.mark.parametrize("side, seed", [("caller", 8), ("callee", 11)])
def test_call(site, side, seed):
    """PC2 is behind the bad path, PC1 and the server are not."""
    here, there = (site.pc1, site.pc2) if side == "caller" \
        else (site.pc2, site.pc1)
    with Lossy(site.router, ["net-a", "net-b"], seed, LOSS, DELAY) as path:
        callee = site.ua(here, CALLEE)
        callee.registered(PATIENCE)
        caller = site.ua(there, CALLER, to=CALLEE)
        caller.connected(PATIENCE)
        callee.connected(PATIENCE)
        # a tenth is lost each way: four in five come back
        ping = there.ping("192.168.234.1", 60, 0.01)
        assert 30 <= ping.received <= 60, ping.text
        openvpn = callee.openvpn() + caller.openvpn()
        assert caller.stop(PATIENCE) == ua.OK
        callee.wait_for(r"call (ended|.* failed): ", PATIENCE)
        proc.wait_gone(openvpn)
        assert callee.stop(PATIENCE) == ua.OK
        for kind in LOSS:
            assert path.dropped.get(kind), f"no {kind} packet was lost"


def test_the_path_itself(site):
    """What the others rely on: the share that is lost, and that the same
    seed loses the same.
    """
    def lost(seed):
        with Lossy(site.router, ["net-b"], seed, {"other": 0.3}) as path:
            ping = site.pc2.ping(site.PC1, 100, 0.002, wait=0.2)
        return ping.lost, path.dropped["other"]

    first, second = lost(7), lost(7)
    assert first == second
    assert first[0] == first[1] and 15 <= first[0] <= 45
