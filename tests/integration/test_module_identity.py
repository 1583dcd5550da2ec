"""Who is calling is who has proved it: nothing else in a message counts."""

import re

import pytest

from testlib import bed, sip

OFFER = bed.sdp(bed.vpn("lab"))


@pytest.fixture
def server(tmp_path):
    with bed.kamailio(tmp_path) as running:
        yield running
        running.stop()


@pytest.fixture
def callee(server):
    with bed.phone(server, "2500") as phone:
        yield phone.register()


@pytest.fixture
def caller(server):
    with bed.phone(server, "2501") as phone:
        yield phone


def test_an_unauthenticated_offer_is_challenged(caller, callee):
    reply = caller.invite("2500", OFFER, authenticate=False)
    assert reply.code == 407
    assert not callee.was_called()


def test_a_wrong_password_never_passes(caller, callee):
    caller.password = "wrong"
    assert caller.invite("2500", OFFER).code == 407
    assert not callee.was_called()


def test_from_must_be_the_one_who_authenticated(server, callee):
    with bed.phone(server, "2502") as stranger:
        reply = stranger.invite("2500", OFFER, from_user="2501")
        assert (reply.code, reply.phrase) == (
            403, "From is not the authenticated user")
    assert not callee.was_called()


@pytest.mark.parametrize("username", [
    "2501@example.org", "2501@elsewhere.example", "2501@"])
def test_a_username_with_a_domain_proves_nothing(caller, callee, username):
    """Kamailio would look up another column for it, which is empty here."""
    caller.password = ""
    assert caller.invite("2500", OFFER, username=username).code != 486
    assert not callee.was_called()


def test_other_headers_that_name_a_user_do_not_count(server, callee):
    with bed.phone(server, "2502") as stranger:
        reply = stranger.invite("2500", OFFER, headers=[
            "P-Asserted-Identity: <sip:2501@example.org>",
            "P-Preferred-Identity: <sip:2501@example.org>",
            "Remote-Party-ID: <sip:2501@example.org>",
            "Contact: <sip:2501@127.0.0.1>"])
        assert reply.code == 403
    assert not callee.was_called()


def test_a_registration_needs_the_password(server):
    with bed.phone(server, "2500") as phone:
        phone.password = "wrong"
        reply = phone.request("REGISTER", "sip:example.org",
                              to="sip:2500@example.org")
        assert reply.code == 401


def test_nobody_registers_for_somebody_else(server):
    with bed.phone(server, "2502") as phone:
        reply = phone.request("REGISTER", "sip:example.org",
                              from_user="2500", to="sip:2500@example.org")
        assert reply.code == 403


@pytest.mark.parametrize("uri", [
    "sip:2500@example.org", "sip:2500@EXAMPLE.org", "sip:2500@{ip}:{port}"])
def test_the_callee_is_the_same_by_all_our_names(caller, callee, uri):
    uri = uri.format(ip=caller.server[0], port=caller.server[1])
    caller.password = bed.PASSWORD + "2501"
    # Not answered here: it is enough that it is passed on.
    raw = caller.build("INVITE", uri, 1, "names", "z9hG4bKnames1",
                       body=OFFER)
    caller.send(raw)
    challenge = caller.receive()
    assert challenge.code == 407
    value = sip.credentials(challenge.get("proxy-authenticate"), "2501",
                            caller.password, "INVITE", uri)
    caller.send(caller.build("INVITE", uri, 2, "names", "z9hG4bKnames2",
                             body=OFFER,
                             headers=["Proxy-Authorization: " + value]))
    got = callee.called()
    assert got and got.body == OFFER


@pytest.mark.parametrize("uri", [
    "sip:%32500@example.org", "sip:2500;x=1@example.org",
    "sip:example.org", "tel:2500", "sip:2500@elsewhere.example"])
def test_an_odd_callee_is_no_way_round(caller, callee, uri):
    reply = caller.request("INVITE", uri, body=OFFER,
                           to="sip:2500@example.org")
    assert 400 <= reply.code < 700
    assert not callee.was_called()


def test_no_password_leaves_the_server(server, caller, callee):
    unused, got = bed.ring(caller, callee, OFFER)
    assert got
    assert not re.search(rb"(?i)authorization", got.raw)


def test_options_to_the_server_are_answered(server, caller):
    reply = caller.request("OPTIONS", f"sip:{server.ip}:{server.port}")
    assert reply.code == 200
