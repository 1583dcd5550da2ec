"""Finding the SIP server by its domain (RFC 3263), in IPv4 and IPv6."""

import pytest

from testlib import netns, ua
from testlib.kamailio import Kamailio
from testlib.dns import Dns
from testlib.lab import PASSWORD, USER, LabUA
from testlib.peer import Peer
from testlib.tlscert import Authority
from testlib.tlsserver import TlsRegistrar

PC, FAR = "198.51.100.20", "198.51.100.10"
PC6, FAR6 = "2001:db8::20", "2001:db8::10"

RECORDS = [
    "host-record=one.example.test," + FAR,
    "host-record=two.example.test," + FAR,
    "host-record=six.example.test," + FAR6,
    "host-record=both.example.test," + FAR + "," + FAR6,
    # the preferred target is dead
    "srv-host=_sip._udp.example.test,one.example.test,5071,10",
    "srv-host=_sip._udp.example.test,two.example.test,5072,20",
    "srv-host=_sips._tcp.example.test,one.example.test,5074,10",
    "srv-host=_sip._tcp.six.test,six.example.test,5075,10",
    # what is no server leads nowhere, and the next name is tried
    "srv-host=_sip._udp.lost.test,nowhere.example.test,5072,10",
    "srv-host=_sip._udp.lost.test,two.example.test,5072,20",
    "host-record=plain.test," + FAR,
    "local=/test/",
]


class Bed:
    def __init__(self):
        self.net = netns.Net(ipv6=True)
        self.pc, self.far = self.net.host("pc"), self.net.host("far")
        self.net.link(self.pc, "eth0", PC + "/24", self.far, "eth0",
                      FAR + "/24")
        self.net.address(self.pc, "eth0", PC6 + "/64")
        self.net.address(self.far, "eth0", FAR6 + "/64")

    def ua(self, server, *more, **options):
        return LabUA(self.pc, server, more=["-d", *more], **options)


@pytest.fixture(scope="module")
def bed():
    made = Bed()
    with made.net, Dns(made.pc, RECORDS):
        yield made


def in_use(program, text):
    program.wait_for(f"SIP server in use: {text}$")


def test_second_target_when_the_first_is_dead(bed):
    with Peer(bed.far, FAR, 5072) as peer, bed.ua("example.test") as program:
        in_use(program, f"udp {FAR}:5072")
        program.waiting()
        register = peer.take("REGISTER")
        # the domain stays what was configured
        assert register.first == "REGISTER sip:example.test SIP/2.0"
        assert program.stop() == ua.OK


def test_target_without_an_address(bed):
    with Peer(bed.far, FAR, 5072), bed.ua("lost.test") as program:
        in_use(program, f"udp {FAR}:5072")
        program.wait_for("nowhere.example.test: ")
        program.waiting()


@pytest.mark.parametrize("name", ["plain.test", "one.example.test"])
def test_name_without_srv(bed, name):
    """Its addresses, and the default port."""
    with Peer(bed.far, FAR, 5060), bed.ua(name) as program:
        in_use(program, f"udp {FAR}:5060")
        program.waiting()


def test_name_with_a_port_asks_for_no_srv(bed):
    with Peer(bed.far, FAR, 5079), bed.ua("example.test:5079") as program:
        # example.test itself has no address
        program.wait_for("^sipvpn-ua: SIP server example.test: ")
        assert program.running()
    with Peer(bed.far, FAR, 5079), bed.ua("one.example.test:5079") as program:
        in_use(program, f"udp {FAR}:5079")


def test_name_that_does_not_exist(bed):
    with bed.ua("no.such.test", to="peer") as program:
        program.wait_for("^sipvpn-ua: SIP server no.such.test: ")
        assert program.wait() == ua.UNREACHABLE


@pytest.mark.parametrize("name, good", [("example.test", True),
                                        ("one.example.test", False)])
def test_certificate_is_the_domains(bed, tmp_path, name, good):
    """And not the SRV target's (RFC 5922 section 7.3)."""
    authority = Authority(tmp_path)
    cert, key = authority.sign("server", san=[f"DNS:{name}"])
    with TlsRegistrar(bed.far, FAR, cert, key, 5074), \
            bed.ua("example.test", "--transport", "tls", "--ca",
                   authority.ca, to="peer") as program:
        if good:
            in_use(program, rf"tls {FAR}:5074")
            program.registered()
        else:
            program.wait_for("it is for one.example.test, CN sip server, "
                             "not for example.test")
            assert program.wait() == ua.UNREACHABLE


@pytest.fixture(scope="module")
def six(bed, tmp_path_factory):
    with Kamailio(tmp_path_factory.mktemp("six"), f"[{FAR6}]", 5075,
                  netns=bed.far, domain="six.test") as server:
        server.add_user(USER, PASSWORD)
        yield server.start()
        server.stop()


@pytest.mark.parametrize("server, more", [
    ("six.test", ["--transport", "tcp"]),
    ("six.example.test:5075", ["--domain", "six.test"]),
    # IPv4 and IPv6: the server listens on one of them only
    ("both.example.test:5075", ["--domain", "six.test"]),
    (f"[{FAR6}]:5075", ["--domain", "six.test", "--transport", "tcp"]),
], ids=["srv tcp", "name udp", "both", "address tcp"])
def test_ipv6(bed, six, server, more):
    with bed.ua(server, *more) as program:
        in_use(program, rf"(tcp|udp) \[{FAR6}\]:5075")
        program.waiting()
        contacts = str(six.rpc("ul.dump"))
        assert f"@[{PC6}]:" in contacts
        assert program.stop() == ua.OK
    assert f"@[{PC6}]:" not in str(six.rpc("ul.dump"))
