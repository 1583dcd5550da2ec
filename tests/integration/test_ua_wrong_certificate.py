"""OpenVPN with another certificate than the SDP announced: the call ends in
seconds and says why. A stranger's certificate ends nothing.
"""

import time

import pytest

from testlib import proc, ua
from testlib.lab import Lab
from testlib.vpnend import Cert

WHY = "the peer's certificate is not the one it announced"
SOON = 3.0  # seconds


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    with Lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    """A certificate that nobody announced."""
    return Cert(tmp_path_factory.mktemp("cert"), "other")


@pytest.fixture
def lab(standing):
    yield standing
    standing.clear()
    standing.assert_clean()


def assert_bye_says_why(lab):
    reason = lab.peer.take("BYE", SOON).get("reason")
    assert reason and WHY in reason, f"Reason: {reason}"


def test_caller_meets_a_liar(lab, other):
    program, invite = lab.calling()
    lab.listen(invite, other)
    began = time.monotonic()
    lab.peer.reply(invite, 200, "OK", body=lab.good(setup="passive"))
    lab.peer.take("ACK")
    assert_bye_says_why(lab)
    assert program.wait(SOON) == ua.TUNNEL
    assert time.monotonic() - began < SOON
    assert program.wait_for(r"call to sip:peer@\S+ failed: (.*)").group(1) \
        == WHY
    assert "CONNECTED" not in program.output()
    lab.assert_clean()


def test_callee_meets_a_liar(lab, other):
    program = lab.waiting()
    call = lab.dial()
    answer = call.invite(lab.good())
    call.ack()
    openvpn = program.openvpn()
    lab.connect(answer, other)
    assert_bye_says_why(lab)
    assert program.wait_for(r"call from sip:peer@\S+ failed: (.*)",
                            SOON).group(1) == WHY
    proc.wait_gone(openvpn, SOON)
    assert "CONNECTED" not in program.output()
    lab.clear_peers()
    lab.assert_clean()
    lab.assert_usable(program)


def test_callee_meets_a_liar_before_the_ack(lab, other):
    """RFC 3261 section 15: no BYE before the ACK has come, or given up."""
    program = lab.waiting()
    call = lab.dial()
    answer = call.invite(lab.good())
    openvpn = program.openvpn()
    lab.connect(answer, other)
    proc.wait_gone(openvpn, SOON)
    assert lab.peer.count("BYE") == 0
    call.ack()
    assert_bye_says_why(lab)
    program.wait_for(r"failed: " + WHY)
    lab.clear_peers()
    lab.assert_usable(program)


def test_late_offer_of_the_callee_meets_a_liar(lab, other):
    """There the peer is the one who listens."""
    program = lab.waiting()
    call = lab.dial()
    offer = call.invite()
    assert offer.code == 200
    lab.listen(offer, other)
    call.ack(lab.good(setup="passive"))
    assert_bye_says_why(lab)
    program.wait_for(r"failed: " + WHY)
    lab.clear_peers()
    lab.assert_usable(program)


def test_stranger_before_the_peer(lab, other):
    program = lab.waiting("-d")
    call = lab.dial()
    answer = call.invite(lab.good())
    call.ack()
    stranger = lab.connect(answer, other, ip=lab.STRANGER)
    program.wait_for(lab.STRANGER + r".*hash verification failed")
    end = lab.connect(answer)
    program.connected()
    end.wait_for("Initialization Sequence Completed")
    assert lab.far.reach("192.168.234.1")
    assert lab.peer.count("BYE") == 0
    assert "Initialization Sequence" not in stranger.output()
    assert lab.far.reach("192.168.234.1")
    call.bye()
    program.ended()


def test_stranger_while_the_tunnel_stands(lab, other):
    program = lab.waiting("-d")
    call = lab.dial()
    answer = call.invite(lab.good())
    call.ack()
    end = lab.connect(answer)
    program.connected()
    end.wait_for("Initialization Sequence Completed")
    for ip in (lab.STRANGER, lab.SERVER):
        seen = program.mark()
        stranger = lab.connect(answer, other, ip=ip)
        program.wait_for(ip + r".*hash verification failed", since=seen)
        assert lab.far.ping("192.168.234.1", 5, 0.01).ok
        stranger.close()
    assert lab.peer.count("BYE") == 0
    call.bye()
    program.ended()


def test_many_strangers_do_not_lock_the_peer_out(lab, other):
    """More half-open handshakes than OpenVPN has room for clients."""
    program = lab.waiting("-d")
    call = lab.dial()
    answer = call.invite(lab.good())
    call.ack()
    for unused in range(12):
        lab.connect(answer, other, ip=lab.STRANGER)
    program.wait_for(lab.STRANGER + r".*hash verification failed")
    lab.connect(answer)
    program.connected()
    call.bye()
    program.ended()
