"""What a peer or a server wrote reaches no terminal and no log as it came."""

import pytest

from testlib import ua
from testlib.lab import Lab, LabUA
from testlib.peer import Peer

ESCAPE = "\x1b]0;owned\x07"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    with Lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


def assert_tame(text):
    assert "owned" in text, "it is told, too"
    assert not [c for c in text if c != "\n" and not c.isprintable()]


@pytest.mark.parametrize("details", [[], ["-d"]], ids=["plain", "-d"])
def test_reason_phrase_of_the_registrar(lab, tmp_path, details):
    log = tmp_path / "log"
    with Peer(lab.far, lab.SERVER, 5062,
              register=lambda request: (403, "No " + ESCAPE, [])), \
            LabUA(lab.pc, lab.SERVER + ":5062",
                  more=["-f", str(log), *details]) as program:
        assert program.wait() == ua.AUTH
        assert_tame(program.output())
    assert_tame(log.read_text(encoding="utf-8"))


def test_name_and_farewell_of_a_caller(lab, tmp_path):
    log = tmp_path / "log"
    program = lab.waiting("-d", "-f", str(log))
    call = lab.dial()
    call.local = call.local.replace("sip:peer@", "sip:owned%1b[31m@")
    assert call.invite(lab.good()).code == 200
    call.ack()
    call.bye(headers=[f'Reason: SIP;cause=500;text="gone {ESCAPE}"'])
    program.waits_again()
    lab.clear()
    assert_tame(program.output())
    assert_tame(log.read_text(encoding="utf-8"))


@pytest.mark.parametrize("old,new", [
    (b"Max-Forwards: 70", b"Max-Forwards"), (b"Max-Forwards: 70", b"\xff"),
    (b"SIP/2.0\r\nVia", b"SIP/2.0 \r\nVia"), (b"OPTIONS sip", b"OPTIONS"),
    (b"To: <", b"To: "), (b"From: ", b"From: \xff"), (b"\r\n\r\n", b"")])
def test_malformed_messages_make_no_noise(lab, old, new):
    """The library that parses them has nothing to say to the user."""
    program = lab.waiting()
    seen = program.mark()
    call = lab.dial()
    raw = call.build("OPTIONS")
    assert old in raw
    lab.peer.send(raw.replace(old, new), (lab.PC, 5060))
    call.send("OPTIONS")
    lab.peer.take(200)
    assert program.stop() == ua.OK
    assert program.lines[seen:] == ["told to end", "unregistered"]
