"""The answer to an offer that was admitted: it may name no other group, and
no other tunnel addresses than those that the group assigns.
"""

import pytest

from testlib import bed
from testlib.talk import call, within

OWN, OTHER = "10.8.0.1", "10.8.0.2"  # of 2500, who is called, and of 2501
AUDIO = bed.AUDIO


def section(local, remote, group="site", m="m=application/vpn 8000 OpenVPN 0",
            more=()):
    lines = [m, "a=IP4:127.0.0.1", "a=PORT:8000",
             group and f"a=VPN_ID:{group}",
             local and f"a=VPN_LOCAL_ADDR:{local}",
             remote and f"a=VPN_REMOTE_ADDR:{remote}", *more]
    return "\r\n".join(line for line in lines if line)


OFFER = bed.sdp(section(OTHER, OWN))
GOOD = bed.sdp(section(OWN, OTHER))
CLOSED = bed.sdp("m=application/vpn 0 OpenVPN 0")
BAD = {
    "local": section(OTHER, OTHER), "remote": section(OWN, OWN),
    "a stranger's": section("10.8.0.9", OTHER),
    "other group": section(OWN, OTHER, "lab"),
    "no address": section("10.8.0.300", OTHER),
    "a second one": section(OWN, OTHER, more=["a=VPN_LOCAL_ADDR:10.8.0.9"]),
    "other case": section(None, OTHER, more=["a=vpn_local_addr:10.8.0.9"]),
    "a second group": section(OWN, OTHER, more=["a=VPN_ID:lab"]),
}
REASONS = {"local": "VPN_LOCAL_ADDR is not the sender's own",
           "remote": "VPN_REMOTE_ADDR is not the other end's own",
           "other group": "VPN_ID names another group"}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with bed.kamailio(tmp_path_factory.mktemp("answer"),
                      start=False) as running:
        bed.assign(running, {"2500": OWN, "2501": OTHER})
        running.start()
        yield running
        running.stop()


def rejected(server, before):
    return server.counters()["rejected"] - before["rejected"]


@pytest.mark.parametrize("answer", [
    GOOD, bed.sdp(section(OWN, OTHER, None)), bed.sdp(section(None, None)),
    bed.sdp(AUDIO, section(OWN, OTHER), AUDIO), CLOSED, bed.sdp(AUDIO), b"",
    bed.sdp(section("0.0.0.0", OTHER)).replace(b"0.0.0.0", OWN.encode())],
    ids=["all", "no group", "no addresses", "audio", "closed", "no section",
         "no body", "again"])
def test_a_good_answer_is_not_touched(server, member, callee, answer):
    before = server.counters()
    reply = call(member, callee, OFFER, answer, early=(183,))[3]
    assert reply.body == answer
    now = server.counters()
    # the offer alone is counted, whatever comes of it
    assert {name: now[name] - before[name] for name in
            ("offers", "allowed", "rejected")} == \
        {"offers": 1, "allowed": 1, "rejected": 0}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_answer_is_closed(server, member, callee, what):
    before = server.counters()
    answer = bed.sdp(BAD[what])
    leg, unused, invite, reply = call(member, callee, OFFER, answer,
                                      early=(183,))
    assert invite.body == OFFER
    assert reply.body == CLOSED
    assert int(reply.get("content-length")) == len(CLOSED)
    # once a call, however many replies
    assert rejected(server, before) == 1
    if what in REASONS:
        server.logged("VPN call refused: caller 2501@example.org, callee "
                      "2500@example.org, group 'site': " + REASONS[what])


def test_a_bad_section_is_closed_and_the_audio_is_not(member, callee):
    reply = call(member, callee, bed.sdp(AUDIO, section(OTHER, OWN)),
                 bed.sdp(AUDIO, section(OTHER, OTHER)))[3]
    assert reply.body == bed.sdp(AUDIO, "m=application/vpn 0 OpenVPN 0")


@pytest.mark.parametrize("kind", ["text/plain", "multipart/mixed"])
def test_where_it_stands_is_no_way_round(member, callee, kind):
    """What names nothing wrong may stand anywhere, what does nowhere."""
    assert call(member, callee, OFFER, GOOD, kind)[3].body == GOOD
    assert call(member, callee, OFFER, OFFER, kind)[3].body == CLOSED


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_within_a_call_whoever_answers(server, member, callee, method):
    here, there, unused, unused = call(member, callee, OFFER, GOOD)
    here.ack()
    callee.take("ACK")
    assert within(here, callee, method, OFFER, GOOD)[1].body == GOOD
    assert within(here, callee, method, OFFER, OFFER)[1].body == CLOSED
    assert within(there, member, method, GOOD, OFFER)[1].body == OFFER
    assert within(there, member, method, GOOD, GOOD)[1].body == CLOSED


def test_a_group_without_a_subnet_minds_its_name_alone(member, callee):
    offer = bed.sdp(bed.vpn("lab"))
    answer = bed.sdp(bed.vpn("lab").replace("192.168.234", "192.0.2"))
    assert call(member, callee, offer, answer)[3].body == answer
    assert call(member, callee, offer,
                bed.sdp(bed.vpn("site")))[3].body == CLOSED
