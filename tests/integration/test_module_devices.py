"""A phone and a VPN endpoint of one user: each is called for what it is."""

import pytest

from testlib import bed

ENDPOINT = '+sip.app-subtype="openvpn"'


@pytest.fixture
def server(tmp_path):
    with bed.kamailio(tmp_path) as running:
        yield running
        running.stop()


@pytest.fixture
def devices(server):
    """2500's phone and 2500's VPN endpoint, and 2501 who calls."""
    with bed.phone(server, "2500") as phone, \
            bed.phone(server, "2500") as endpoint, \
            bed.phone(server, "2501") as caller:
        phone.register()
        endpoint.register(contact=ENDPOINT)
        yield phone, endpoint, caller


def test_a_vpn_call_reaches_the_endpoint_alone(devices):
    phone, endpoint, caller = devices
    reply, got = bed.ring(caller, endpoint, bed.sdp(bed.vpn("lab")))
    assert reply.code == 486
    assert got
    assert not phone.was_called()


@pytest.mark.parametrize("body", [bed.sdp(bed.AUDIO), b""],
                         ids=["audio", "late offer"])
def test_a_phone_call_rings_the_phone_alone(devices, body):
    phone, endpoint, caller = devices
    reply, got = bed.ring(caller, phone, body)
    assert reply.code == 486
    assert got
    assert not endpoint.was_called()


def test_a_call_without_offer_reaches_no_endpoint(server):
    """Its VPN offer would come in the 200, where no group is asked for."""
    with bed.phone(server, "2500") as endpoint, \
            bed.phone(server, "2502") as stranger:
        endpoint.register(contact=ENDPOINT)
        assert stranger.invite("2500", b"").code == 480
        assert not endpoint.was_called()


def test_a_vpn_program_that_does_not_say_so_is_called_too(server):
    with bed.phone(server, "2500") as endpoint, \
            bed.phone(server, "2501") as caller:
        endpoint.register()
        reply, got = bed.ring(caller, endpoint, bed.sdp(bed.vpn("lab")))
        assert reply.code == 486
        assert got
