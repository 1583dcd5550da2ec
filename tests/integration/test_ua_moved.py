"""sipvpn-ua on a machine whose network changes: it is found again."""

import pytest

from testlib import ua
from testlib.kamailio import Kamailio
from testlib.lab import PASSWORD, USER, LabUA
from testlib.uad import Daemon, configuration

DOMAIN = "example.org"
PORT = 5077
OTHER = "198.51.100.21"
SYSCTL = "/proc/sys/net/ipv6/conf/{}/disable_ipv6"
OTHER_NET = "192.0.2.9/24"


@pytest.fixture(scope="module")
def server(standing_lab, tmp_path_factory):
    with Kamailio(tmp_path_factory.mktemp("moved"), standing_lab.SERVER, PORT,
                  netns=standing_lab.far, domain=DOMAIN) as one:
        one.add_user(USER, PASSWORD)
        one.add_user("2501", PASSWORD)
        one.add_group("lab", [USER, "2501"])
        yield one.start()
        one.stop()


def contacts(server):
    return str(server.rpc("ul.dump"))


def only(lab, *addresses):
    """The machine has these addresses now."""
    lab.pc.run("ip", "addr", "flush", "dev", "eth0")
    for one in addresses:
        lab.pc.run("ip", "addr", "add", f"{one}/24", "dev", "eth0")


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_another_address(lab, server, transport):
    """It registers from there at once, and can be called there."""
    program = lab.keep(LabUA(
        lab.pc, f"{lab.SERVER}:{PORT}", more=[
            "--domain", DOMAIN, "--transport", transport, "-d"]))
    program.waiting()
    assert f"@{lab.PC}:" in contacts(server)
    try:
        for here in OTHER, lab.PC:
            seen = program.mark()
            only(lab, here)
            program.wait_for(f"Contact: <sip:{USER}@{here}:", 5.0, seen)
            program.wait_for("SIP/2.0 200 OK", 5.0, seen)
            assert f"@{here}:" in contacts(server)
            with LabUA(lab.far, f"{lab.SERVER}:{PORT}", user="2501", to=USER,
                       more=["--domain", DOMAIN]) as caller:
                assert caller.connected()["endpoint"] == f"{here}:8000"
                assert caller.stop() == ua.OK
            program.wait_for(ua.ENDED, since=seen)
    finally:
        only(lab, lab.PC)
    assert program.stop() == ua.OK
    program.wait_for(ua.UNREGISTERED)


def test_no_network_for_a_while(lab, server):
    """Whatever the back-off has come to: back at once."""
    program = lab.keep(LabUA(lab.pc, f"{lab.SERVER}:{PORT}",
                             more=["--domain", DOMAIN]))
    program.waiting()
    other = lab.keep(LabUA(lab.pc, f"{lab.SERVER}:5999",
                           more=["--domain", DOMAIN]))
    other.wait_for(r"next try in \d+ s")
    seen = other.mark()
    only(lab)
    only(lab, lab.PC)
    # the one that was not registered tries again, earlier than in 10 s
    other.wait_for("does not answer", 5.0, seen)
    assert program.stop() == ua.OK


@pytest.fixture
def six(kept_site):
    """The site, its PCs with IPv6 in tunnels, and nowhere else."""
    hosts = kept_site.pc1, kept_site.pc2
    for host in hosts:
        host.write(SYSCTL.format("all"), 0)
        host.write(SYSCTL.format("eth0"), 1)
    yield kept_site
    for host in hosts:
        host.write(SYSCTL.format("all"), 1)


@pytest.mark.parametrize("local, remote", [
    ("192.168.234.2", "192.168.234.1"), ("fd00:5::2", "fd00:5::1")])
def test_a_tunnel_of_our_own_is_no_change(six, tmp_path, local, remote):
    """Not when it comes and not when it goes: an account that waits with its
    next try is not woken; by another address it is.
    """
    site = six
    callee = site.ua(site.pc1, "2500")
    callee.waiting()
    config = configuration(
        tmp_path, site.SERVER, "2501", site.USERS["2501"],
        f"[account away]\nuser = 2501\nproxies = udp:{site.SERVER}:5999\n"
        f"password_file = {tmp_path}/2501.password\n[peer one]\nuri = 2500\n"
        f"local = {local}\nremote = {remote}\n", debug="yes")
    with Daemon(site.pc2, config) as daemon:
        daemon.registered()
        daemon.wait_for(r"next try in \d+ s")
        seen = daemon.mark()
        assert daemon.run("call", "-b", "one").returncode == ua.OK
        longer_than_it_takes_to_settle(site.pc2, remote)
        assert daemon.run("hangup", "one").returncode == ua.OK
        callee.ended()
        longer_than_it_takes_to_settle(site.pc2, site.SERVER)
        assert "the network has changed" not in daemon.output()
        assert daemon.run("call", "-b", "one").returncode == ua.OK
        site.pc2.run("ip", "addr", "add", OTHER_NET, "dev", "eth0")
        try:
            daemon.wait_for("the network has changed", since=seen)
            daemon.wait_for("does not answer", since=seen)
        finally:
            site.pc2.run("ip", "addr", "del", OTHER_NET, "dev", "eth0")
        assert daemon.stop() == ua.OK


def longer_than_it_takes_to_settle(host, address):
    assert host.ping(address, 6, 0.2).received
