"""A call in an IPv6 network, for tunnels of either IP version."""

import pytest

from testlib import netns, ua
from testlib.kamailio import Kamailio

SERVER, CALLEE, CALLER = "2001:db8::10", "2001:db8::a", "2001:db8::b"
DOMAIN = "example.org"
PASSWORD = "secret"


@pytest.fixture(scope="module")
def hosts(tmp_path_factory):
    """A server and two hosts in one network: (callee, caller)."""
    with netns.Net(ipv6=True) as net:
        server = net.host("server")
        net.switch(server, "lan", SERVER + "/64")
        hosts = net.host("callee"), net.host("caller")
        for host, address in zip(hosts, (CALLEE, CALLER)):
            net.join(host, address + "/64", server, "lan")
        kamailio = Kamailio(tmp_path_factory.mktemp("v6"), f"[{SERVER}]",
                            netns=server, domain=DOMAIN)
        for user in ("2500", "2501"):
            kamailio.add_user(user, PASSWORD)
        kamailio.add_group("lab", ["2500", "2501"])
        try:
            kamailio.start()
            yield hosts
            kamailio.stop()
        finally:
            kamailio.close()


@pytest.mark.parametrize("more, remote, local", [
    ([], "192.168.234.1", "192.168.234.2"),
    (["-l", "fd00:77::1"], "fd00:77::1", "fd00:77::2"),
    (["-l", "fd00:1::9", "-r", "fd00:2::7"], "fd00:1::9", "fd00:2::7"),
], ids=["v4", "v6", "two prefixes"])
def test_tunnel_over_ipv6(hosts, more, remote, local):
    callee, caller = hosts
    options = ["--domain", DOMAIN]
    with ua.UA(callee, f"[{SERVER}]", "2500", PASSWORD,
               more=[*options, *more]) as waiting:
        waiting.waiting()
        assert not caller.ping(remote).received
        with ua.UA(caller, f"[{SERVER}]", "2501", PASSWORD, to="2500",
                   more=options) as calling:
            got = calling.connected()
            assert (got["local"], got["remote"]) == (local, remote)
            assert got["endpoint"].startswith(f"[{CALLEE}]:")
            assert caller.reach(remote)
            assert caller.ping(remote, 10, 0.01).ok
            assert callee.ping(local, 10, 0.01).ok
            assert calling.stop() == ua.OK
        waiting.ended()
        assert not caller.ping(remote).received
        assert waiting.stop() == ua.OK
