"""sipvpn-ua on a machine whose network changes: it is found again."""

import pytest

from testlib import ua
from testlib.kamailio import Kamailio
from testlib.lab import PASSWORD, USER, LabUA

DOMAIN = "example.org"
PORT = 5077
OTHER = "198.51.100.21"


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
