"""sipvpn-ua over TLS: whose certificate is good enough (RFC 5922), and calls
to and from a real server.
"""

import socket

import pytest

from testlib import ua
from testlib.lab import LabUA
from testlib.peer import socket_in
from testlib.site import Site
from testlib.streampeer import TlsPeer
from testlib.tlscert import Authority
from testlib.tlsserver import TlsRegistrar, tls_server

DOMAIN = "example.org"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"))


GOOD = {
    "dns": dict(san=["DNS:other.test", f"DNS:{DOMAIN}"]),
    "upper case": dict(san=["DNS:EXAMPLE.org"]),
    "sip uri": dict(san=[f"URI:sip:{DOMAIN}"]),
    "uri of others, our dns": dict(
        san=["URI:sip:other.test", f"DNS:{DOMAIN}"]),
    "cn alone": dict(cn=DOMAIN),
}
BAD = {
    "other domain": (dict(san=["DNS:other.test"]), "other.test"),
    "wildcard": (dict(san=["DNS:*.org"]), r"\*\.org"),
    "parent": (dict(san=["DNS:sip.example.org"]), "sip.example.org"),
    "a user's": (dict(san=[f"URI:sip:2500@{DOMAIN}"]), "2500@"),
    "cn beside a san": (dict(cn=DOMAIN, san=["DNS:other.test"]),
                        "other.test, CN example.org"),
    "expired": (dict(san=[f"DNS:{DOMAIN}"], expired=True), "has expired"),
}


def start(lab, server, ca, *more):
    return lab.keep(LabUA(lab.pc, f"{lab.SERVER}:{server.port}", more=[
        "--transport", "tls", "--domain", DOMAIN, *ca, *more], to="peer"))


@pytest.mark.parametrize("name", GOOD)
def test_certificate_of_the_domain(lab, authority, name):
    cert, key = authority.sign(f"good {name}".replace(" ", "-"), **GOOD[name])
    with TlsRegistrar(lab.far, lab.SERVER, cert, key) as server:
        program = lab.keep(LabUA(lab.pc, f"{lab.SERVER}:{server.port}", more=[
            "--transport", "tls", "--domain", DOMAIN, "--ca", authority.ca]))
        program.waiting()
        assert server.names == [DOMAIN]
        assert server.registered == 1
        assert program.stop() == ua.OK


@pytest.mark.parametrize("name", BAD)
def test_certificate_that_is_refused(lab, authority, name):
    """Nothing is said to such a server, and the message says why."""
    fields, says = BAD[name]
    cert, key = authority.sign(f"bad {name}".replace(" ", "-"), **fields)
    with TlsRegistrar(lab.far, lab.SERVER, cert, key) as server:
        program = start(lab, server, ["--ca", authority.ca])
        program.wait_for("does not answer: the server's certificate: "
                         f".*{says}")
        assert program.wait() == ua.UNREACHABLE
        assert server.registered == 0


@pytest.mark.parametrize("ca", ["another", "system's"])
def test_authority_that_is_not_trusted(lab, authority, tmp_path, ca):
    cert, key = authority.sign("stranger", san=[f"DNS:{DOMAIN}"])
    more = ["--ca", Authority(tmp_path, "another").ca] \
        if ca == "another" else []
    with TlsRegistrar(lab.far, lab.SERVER, cert, key) as server:
        program = start(lab, server, more)
        program.wait_for("certificate: it is not signed by an authority")
        assert program.wait() == ua.UNREACHABLE
        assert server.registered == 0


def test_certificate_of_our_own(lab, authority, tmp_path):
    """For a server that asks for one."""
    cert, key = authority.sign("asks", san=[f"DNS:{DOMAIN}"])
    mine = tmp_path / "mine.pem"
    mine.write_bytes(b"".join(open(one, "rb").read()
                              for one in authority.sign("client")))
    with TlsRegistrar(lab.far, lab.SERVER, cert, key, client_ca=authority.ca) as server:
        program = lab.keep(LabUA(lab.pc, f"{lab.SERVER}:{server.port}", more=[
            "--transport", "tls", "--domain", DOMAIN, "--ca", authority.ca,
            "--cert", str(mine)]))
        program.waiting()
        assert program.stop() == ua.OK
        server.registered = 0
        program = start(lab, server, ["--ca", authority.ca])
        assert program.wait() == ua.UNREACHABLE
        assert server.registered == 0


def test_ca_file_that_is_none(lab, tmp_path):
    nonsense = tmp_path / "ca.pem"
    nonsense.write_text("-----BEGIN CERTIFICATE-----\nno\n")
    for name in nonsense, tmp_path / "missing.pem":
        program = lab.keep(LabUA(lab.pc, lab.SERVER, more=[
            "--transport", "tls", "--ca", str(name)]))
        assert program.wait() == 1
        program.wait_for(str(name))


def test_server_that_speaks_no_tls(lab):
    """A clear end, and not the eight seconds that TLS may take."""
    sock = socket_in(lab.far, lab.SERVER, 0, socket.SOCK_STREAM)
    with sock:
        sock.listen(1)
        port = sock.getsockname()[1]
        program = lab.keep(LabUA(lab.pc, f"{lab.SERVER}:{port}", to="peer",
                                 more=["--transport", "tls"]))
        conn, unused = sock.accept()
        with conn:
            conn.sendall(b"SIP/2.0 400 Bad Request\r\n\r\n")
            program.wait_for("does not answer: .*TLS")
            assert program.wait() == ua.UNREACHABLE


@pytest.fixture
def site(tmp_path, authority):
    """The site of testlib/site.py with TLS, for the domain that is its
    server's address.
    """
    cert, key = authority.sign("site", san=[f"IP:{Site.SERVER}"])

    class TlsSite(Site):
        def _serve(self):
            self.kamailio = tls_server(
                self.workdir, self.SERVER, cert, key, netns=self.server,
                domain=self.SERVER)
            for user, password in self.USERS.items():
                self.kamailio.add_user(user, password)
            self.kamailio.add_group(self.GROUP, list(self.TUNNEL))
            self.programs.append(self.kamailio.start().proc)

    with TlsSite(tmp_path) as standing:
        yield standing


def test_call_over_tls(site, authority):
    tls = ["--transport", "tls", "--ca", authority.ca]
    with ua.UA(site.pc1, site.SERVER, "2500", site.USERS["2500"],
               more=tls) as callee:
        callee.waiting()
        with ua.UA(site.pc2, site.SERVER, "2501", site.USERS["2501"],
                   to="2500", more=tls) as caller:
            caller.connected()
            assert site.pc2.reach(Site.TUNNEL["2500"])
            assert site.pc2.ping(Site.TUNNEL["2500"], 3, 0.05).ok
            contacts = str(site.kamailio.rpc("ul.dump"))
            assert contacts.count("transport=tls") == 2
            assert callee.stop() == ua.OK
            caller.ended()
            assert caller.wait() == ua.OK
    assert site.registrations() == []


def test_sips(lab, authority):
    """Taken over TLS, and then our Contact is one, too (RFC 3261 section
    12.1.1); refused where it has come in the open.
    """
    cert, key = authority.sign("sips", san=[f"DNS:{DOMAIN}"])
    with TlsPeer(lab.far, lab.SERVER, cert, key) as peer, LabUA(
            lab.pc, f"{lab.SERVER}:{peer.port}", more=[
                "--transport", "tls", "--domain", DOMAIN,
                "--ca", authority.ca]) as program:
        program.waiting()
        for scheme in "sips", "sip":
            call = peer.dialog(lab.PC, "2500")
            call.target = f"{scheme}:2500@{lab.PC}"
            answer = call.invite(lab.good())
            assert answer.code == 200, answer.first
            assert answer.get("contact").startswith(f"<{scheme}:2500@")
            call.ack()
            assert call.bye().code == 200
    lab.waiting()
    call = lab.dial()
    call.target = f"sips:2500@{lab.PC}"
    assert call.invite(lab.good()).code == 416
