"""A SIP server that is not there, is silent, or comes up late."""

import time

from testlib import ua
from testlib.kamailio import Kamailio
from testlib.lab import PASSWORD, USER, LabUA
from testlib.peer import Peer

AT_ONCE = 1.5
TIMER_F = 32.0  # RFC 3261 section 17.1.2.2: 64 times T1 of 500 ms


NOT_THERE = r"^sipvpn-ua: SIP server (\S+) port (\d+) does not answer: (.*)"


def test_caller_and_nobody_at_the_port(lab):
    """ICMP says so: no reason to wait half a minute."""
    with LabUA(lab.pc, lab.SERVER + ":5999", to="peer") as program:
        said = program.wait_for(NOT_THERE, AT_ONCE)
        assert said.groups()[:2] == (lab.SERVER, "5999")
        assert "refused" in said.group(3)
        assert program.wait(AT_ONCE) == ua.UNREACHABLE


def test_caller_and_no_route(lab):
    with LabUA(lab.pc, "192.0.2.1", to="peer") as program:
        program.wait_for("(?i)unreachable", AT_ONCE)
        assert program.wait(AT_ONCE) == ua.UNREACHABLE


def test_caller_and_no_machine(lab):
    """In our network, but nobody answers ARP: 3 s, then EHOSTUNREACH."""
    with LabUA(lab.pc, "198.51.100.99", to="peer") as program:
        assert program.wait(8.0) == ua.UNREACHABLE
        program.wait_for(r"(?i)no route|unreachable")


def test_name_that_does_not_exist(lab):
    with LabUA(lab.pc, "no-such-host.invalid", to="peer") as program:
        program.wait_for(r"^sipvpn-ua: SIP server no-such-host.invalid: \S",
                         AT_ONCE)
        assert program.wait(AT_ONCE) == ua.UNREACHABLE


def served(lab, tmp_path):
    """A real server, on the port that a UA has been trying in vain."""
    server = Kamailio(tmp_path, lab.SERVER, 5080, netns=lab.far,
                      domain=lab.SERVER)
    server.add_user(USER, PASSWORD)
    return server


def test_those_that_take_their_time(lab, tmp_path):
    """Side by side: a server that comes up late, one that says nothing to
    REGISTER, and one that says nothing to INVITE (timer B, as long as F).
    """
    began = time.monotonic()
    late = lab.keep(LabUA(lab.pc, lab.SERVER + ":5080"))
    late.wait_for(NOT_THERE, AT_ONCE)
    wait = int(late.wait_for(r"next try in (\d+) s", AT_ONCE).group(1))
    assert 9 <= wait <= 21
    with Peer(lab.far, lab.SERVER, 5070, silent=True) as silent, \
            served(lab, tmp_path) as server, \
            LabUA(lab.pc, lab.SERVER + ":5070", to="peer") as program, \
            LabUA(lab.pc, lab.SERVER + ":5070") as waiting:
        other, unused = lab.calling()
        server.start()
        late.registered(wait + 3)
        late.waiting()
        assert late.stop() == ua.OK
        server.stop()
        assert program.wait(TIMER_F + 5) == ua.UNREACHABLE
        program.wait_for(NOT_THERE)
        assert time.monotonic() - began > TIMER_F - 2
        waiting.wait_for(r"not registered; next try in \d+ s")
        assert waiting.running()
        assert other.wait(5.0) == ua.REFUSED_CALL
        other.wait_for(r"call to sip:peer@\S+ failed: no answer")
        assert silent.count("INVITE") == 0
