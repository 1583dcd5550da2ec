"""sipvpn-ua over TCP: registration, a call, and what a connection can do."""

import socket
import threading

import pytest

from testlib import ua
from testlib.lab import USER, LabUA
from testlib.peer import Peer, granted, socket_in
from testlib.site import Site

TCP = ["--transport", "tcp"]


def test_call_over_tcp(site):
    """Both ends over connections that only they have opened."""
    with ua.UA(site.pc1, site.SERVER, "2500", site.USERS["2500"],
               more=TCP) as callee:
        callee.waiting()
        with ua.UA(site.pc2, site.SERVER, "2501", site.USERS["2501"],
                   to="2500", more=TCP) as caller:
            caller.connected()
            callee.connected()
            assert site.pc2.reach(Site.TUNNEL["2500"])
            assert site.pc2.ping(Site.TUNNEL["2500"], 3, 0.05).ok
            contacts = str(site.kamailio.rpc("ul.dump"))
            assert contacts.count("transport=tcp") == 2
            # the callee's program ends the call: BYE comes the other way
            assert callee.stop() == ua.OK
            caller.ended()
            assert caller.wait() == ua.OK
    assert site.registrations() == []


def test_call_between_tcp_and_udp(site):
    with ua.UA(site.pc1, site.SERVER, "2500", site.USERS["2500"],
               more=TCP) as callee:
        callee.waiting()
        with ua.UA(site.pc2, site.SERVER, "2501", site.USERS["2501"],
                   to="2500") as caller:
            caller.connected()
            assert caller.stop() == ua.OK
        callee.ended()
        assert callee.stop() == ua.OK


class Listener:
    """A TCP server of the test's own: one connection at a time, in pieces as
    the test wants them.
    """

    def __init__(self, lab):
        self.sock = socket_in(lab.far, lab.SERVER, 0, socket.SOCK_STREAM)
        self.port = self.sock.getsockname()[1]
        self.sock.listen(5)
        self.sock.settimeout(5.0)
        self.conn = None
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.drop()
        self.sock.close()

    def accept(self, timeout=5.0):
        self.sock.settimeout(timeout)
        self.conn, self.source = self.sock.accept()
        self.conn.settimeout(5.0)
        self.buffer = b""

    def drop(self):
        if self.conn:
            self.conn.close()
        self.conn = None

    def take(self):
        """One message without body, or the bytes of a ping."""
        while b"\r\n\r\n" not in self.buffer:
            data = self.conn.recv(65536)
            assert data, "the connection was closed"
            self.buffer += data
        head, unused, self.buffer = self.buffer.partition(b"\r\n\r\n")
        return head.decode()

    def answer(self, request, code=200, phrase="OK", more=()):
        lines = request.split("\r\n")
        keep = [line for line in lines if line.lower().startswith(
            ("via:", "from:", "to:", "call-id:", "cseq:", "contact:"))]
        text = "\r\n".join([f"SIP/2.0 {code} {phrase}", *keep, *more,
                            "Content-Length: 0", "", ""])
        self.conn.sendall(text.encode())


def header(message, name):
    """All values of a header, as one line would have them; None: none."""
    values = [line.split(":", 1)[1].strip() for line in message.split("\r\n")
              if line.lower().startswith(name + ":")]
    return ", ".join(values) or None


@pytest.fixture
def listener(lab):
    with Listener(lab) as one:
        yield one


def start(lab, listener):
    return lab.keep(LabUA(lab.pc, f"{lab.SERVER}:{listener.port}", more=TCP))


def test_register_says_what_we_can(lab, listener):
    """Via, Contact and Supported of a stream; reg-id only there."""
    program = start(lab, listener)
    listener.accept()
    register = listener.take()
    here = "%s:%d" % listener.source
    assert header(register, "via").startswith(f"SIP/2.0/TCP {here};")
    contact = header(register, "contact")
    assert f"<sip:{USER}@{here};transport=tcp>" in contact
    assert ";reg-id=1" in contact and "+sip.instance=" in contact
    assert '+sip.app-subtype="openvpn"' in contact
    supported = header(register, "supported").split(", ")
    assert set(supported) == {"path", "outbound", "gruu"}
    # the first hop has no outbound: it goes without
    listener.answer(register, 439, "First Hop Lacks Outbound Support")
    again = listener.take()
    assert "reg-id" not in header(again, "contact")
    assert header(again, "supported") == "path, gruu"
    listener.answer(again, more=["Expires: 60"])
    program.waiting()


def test_where_the_server_sees_us(lab, listener):
    """received and rport of the challenge are in the Contact that counts."""
    program = start(lab, listener)
    listener.accept()
    register = listener.take()
    via = header(register, "via")
    seen = register.replace(
        via, via.replace(";rport", ";rport=40000;received=203.0.113.77"))
    listener.answer(seen, 401, "Unauthorized", [
        'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"'])
    second = listener.take()
    assert "Authorization" in second
    assert f"<sip:{USER}@203.0.113.77:40000;transport=tcp>" in \
        header(second, "contact")
    listener.answer(second, more=["Expires: 60"])
    program.waiting()


def test_ping_in_halves(lab, listener):
    """The first one has been read when the message before it is answered."""
    program = start(lab, listener)
    listener.accept()
    listener.answer(listener.take(), more=["Expires: 60"])
    program.waiting()
    options = (f"OPTIONS sip:{USER}@here SIP/2.0\r\n"
               "Via: SIP/2.0/TCP 198.51.100.10;branch=z9hG4bKhalf\r\n"
               "Max-Forwards: 70\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\n"
               "Call-ID: half\r\nCSeq: 1 OPTIONS\r\n"
               "Content-Length: 0\r\n\r\n").encode()
    listener.conn.sendall(options + b"\r\n")
    assert listener.take().startswith("SIP/2.0 200")
    listener.conn.sendall(b"\r\n")
    assert listener.conn.recv(100) == b"\r\n"


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_pieces(lab, listener, size):
    """However the bytes are cut, and with pings between the messages."""
    program = start(lab, listener)
    listener.accept()
    listener.answer(listener.take(), more=["Expires: 60"])
    program.waiting()
    text = ("\r\n\r\n" + "".join(
        f"OPTIONS sip:{USER}@here SIP/2.0\r\n"
        f"Via: SIP/2.0/TCP 198.51.100.10;branch=z9hG4bK{i}\r\n"
        "Max-Forwards: 70\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\n"
        f"Call-ID: {size}-{i}\r\nCSeq: 1 OPTIONS\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
        for i, body in enumerate(["", "x" * 300, "\r\n\r\n\r\n"]))).encode()

    def write():
        for at in range(0, len(text), size):
            listener.conn.sendall(text[at:at + size])

    writer = threading.Thread(target=write)
    writer.start()
    # the answer to our ping, then three answers, in order
    got = [listener.take() for unused in range(3)]
    writer.join()
    assert got[0].startswith("\r\nSIP/2.0 200")
    for i, reply in enumerate(got):
        assert header(reply.lstrip(), "call-id") == f"{size}-{i}"


@pytest.mark.parametrize("rubbish", [
    b"x" * 70000,
    b"OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 99999999\r\n\r\n",
    b"OPTIONS sip:a@b SIP/2.0\r\nContent-Length: no\r\n\r\n"],
    ids=["endless", "huge", "no number"])
def test_rubbish_ends_the_connection(lab, listener, rubbish):
    program = start(lab, listener)
    listener.accept()
    listener.answer(listener.take(), more=["Expires: 60"])
    program.waiting()
    try:
        listener.conn.sendall(rubbish)
        while listener.conn.recv(4096):
            pass
    except ConnectionError:
        pass
    program.wait_for("is not SIP")
    program.wait_for(r"not registered; next try in (1\d|20) s")
    assert program.running()


def test_connections_that_die(lab):
    """Side by side: one is closed, and one goes silent. A Flow-Timer says
    that pings are answered, so that silence means something (RFC 5626
    section 4.4.1). In both cases back-off comes first, because all clients of
    a server lose theirs at once; then a registration on a new connection.
    And over UDP, a ping finds out that nobody is there any more.
    """
    def flow(request):
        code, phrase, headers = granted(request)
        return code, phrase, [*headers, "Flow-Timer: 10"]

    with Listener(lab) as silent, Listener(lab) as closing:
        with Peer(lab.far, lab.SERVER, 5079, register=flow):
            datagrams = lab.keep(LabUA(lab.pc, f"{lab.SERVER}:5079"))
            datagrams.waiting()
        quiet, program = start(lab, silent), start(lab, closing)
        for one, more in (silent, ["Flow-Timer: 10"]), (closing, []):
            one.accept()
            one.answer(one.take(), more=["Expires: 300", *more])
        program.waiting()
        quiet.waiting()
        closing.drop()
        program.wait_for("closed the connection")
        wait = int(program.wait_for(r"next try in (\d+) s").group(1))
        assert 10 <= wait <= 20
        closing.accept(wait + 5)
        seen = program.mark()
        register = closing.take()
        assert "%s:%d" % closing.source in header(register, "contact")
        closing.answer(register, more=["Expires: 300"])
        program.wait_for(ua.REGISTERED, since=seen)
        silent.conn.settimeout(14.0)
        assert silent.conn.recv(16) == b"\r\n\r\n"
        quiet.wait_for("does not answer a ping", 14.0)
        assert silent.conn.recv(16) == b""
        datagrams.wait_for("(?i)refused")
        datagrams.wait_for(r"not registered; next try in (1\d|20) s")


def test_nobody_listens(lab):
    program = lab.keep(LabUA(lab.pc, lab.SERVER + ":5098", to="peer",
                             more=TCP))
    program.wait_for(r"^sipvpn-ua: SIP server \S+ port 5098 does not answer: "
                     r".*refused")
    assert program.wait() == ua.UNREACHABLE
