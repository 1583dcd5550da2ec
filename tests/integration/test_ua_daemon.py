"""sipvpn-ua daemon: many calls at once, and what becomes of the others when
one of them ends.
"""

import pytest

from testlib import proc, ua
from testlib.star import Star


@pytest.fixture
def star(tmp_path):
    with Star(tmp_path, 4) as standing:
        yield standing


def peer(number, more=""):
    return f"[peer pc{number}]\nuri = {2500 + number}\n{more}\n"


def ping(host, line):
    assert host.ping(line["remote"], 3, 0.05).ok


def test_three_calls_at_once(star):
    """One that the daemon makes, one from another daemon, one of a command
    line; the one in the middle ends."""
    waits = star.ua(1)
    waits.waiting()
    hub = star.daemon(0, star.account(0) + peer(1, "call = start"))
    hub.wait_for(ua.REGISTERED)
    second = star.daemon(2, star.account(2)
                         + "[peer hub]\nuri = 2500\ncall = start\n")
    third = star.ua(3, to="2500")
    lines = [hub.connected(user) for user in (2501, 2502, 2503)]
    ends = [waits.connected(), second.connected(2500), third.connected()]
    assert len({line["id"] for line in lines}) == 3
    assert len({line["tun"] for line in lines}) == 3
    addresses = {line[end] for line in lines for end in ("local", "remote")}
    assert len(addresses) == 6, "every tunnel has its own"
    assert len(hub.openvpn()) == 3
    for host, line in [(star.pcs[0], line) for line in lines] \
            + list(zip(star.pcs[1:], ends)):
        ping(host, line)
    before = hub.openvpn()
    assert second.stop() == ua.OK
    hub.wait_for(rf"^call {lines[1]['id']}: call ended: the peer hung up")
    proc.wait_gone(set(before) - set(hub.openvpn()))
    ping(star.pcs[0], lines[0])
    ping(star.pcs[0], lines[2])
    assert hub.stop(5.0) == ua.OK
    waits.ended()
    assert third.wait() == ua.OK
    assert star.pcs[0].links() == ["eth0"]
