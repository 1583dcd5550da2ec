"""Phones and VPN endpoints side by side: real softphones, a real media relay
and a real tunnel, all at one server.

    PC1  2500's sipvpn-ua and 2500's softphone
    PC2  2501's sipvpn-ua and 2502's softphone
"""

import re
import time

import pytest

from testlib.rtpengine import Rtpengine
from testlib.softphone import PhoneSite

INVITE = r"(?m)^INVITE sip:"  # in what a phone says
PACKETS = 50  # a second of voice each way


class Office(PhoneSite):
    """The site, with rtpengine on its server."""

    def _serve(self):
        self.relay = Rtpengine(self.workdir, self.SERVER, self.server)
        self.programs.append(self.relay.proc)
        self.OPTIONS = {"defines": {"RTPENGINE": f'"{self.relay.control}"'}}
        super()._serve()


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    with Office(tmp_path_factory.mktemp("office")) as standing:
        yield standing


@pytest.fixture(scope="module")
def phones(office):
    """2500's and 2502's."""
    return (office.phone(office.pc1, office.PC1, "2500"),
            office.phone(office.pc2, office.PC2, "2502"))


@pytest.fixture(scope="module")
def tunnel(office, phones):
    """2501's call to 2500, up; the two sipvpn-ua."""
    callee = office.ua(office.pc1, "2500")
    callee.waiting()
    caller = office.ua(office.pc2, "2501", to="2500")
    caller.connected()
    return callee, caller


def relayed(office, phones):
    """Packets of voice that the relay has got from each phone."""
    call, = office.relay.calls()
    answer = office.relay.ask("query", **{"call-id": call})
    found = {}
    for tag in answer["tags"].values():
        for media in tag["medias"]:
            for stream in media["streams"]:
                if "RTCP" not in stream["flags"]:
                    address = stream["endpoint"]["address"]
                    found[address] = stream["stats"]["packets"]
    return [found[phone.ip] for phone in phones]


def test_a_vpn_call_rings_no_phone_and_needs_no_relay(office, phones, tunnel):
    assert office.registrations() == ["2500", "2501", "2502"]
    assert office.pc2.reach(office.TUNNEL["2500"])
    assert office.relay.calls() == []
    # it says what it has got, rung or not, before the answer to a command
    assert "Active calls (0)" in phones[0].command("listcalls")
    assert not re.findall(INVITE, phones[0].output())
    assert "Received command 'offer'" not in office.relay.proc.output()


def test_a_phone_call_beside_the_tunnel(office, phones, tunnel):
    called, calling = phones
    heard = tunnel[0].mark()
    pinger = office.pc2.start("ping", "-n", "-i", "0.05",
                              office.TUNNEL["2500"])
    office.programs.append(pinger)

    def still_pings():
        return int(pinger.wait_for(r"icmp_seq=(\d+) ",
                                   since=pinger.mark())[1])

    still_pings()
    calling.command("dial", f"sip:2500@{office.SERVER}")
    ring = called.event("CALL_INCOMING")
    called.wait_for(INVITE)
    assert ring["peeruri"].startswith("sip:2502@")
    calling.event("CALL_RINGING")
    called.command("accept")
    calling.event("CALL_ESTABLISHED")
    called.event("CALL_ESTABLISHED")
    deadline = time.monotonic() + 10
    while min(relayed(office, phones)) < PACKETS:
        assert time.monotonic() < deadline, relayed(office, phones)
        still_pings()
    for phone in phones:
        phone.wait_for(f"receiving from {office.SERVER}:")
    calling.command("hangup")
    called.event("CALL_CLOSED")
    calling.event("CALL_CLOSED")
    assert office.relay.calls() == []
    last = still_pings()
    answered = {int(seq) for seq in
                re.findall(r"icmp_seq=(\d+) ", pinger.output())}
    assert set(range(1, last)) <= answered, "a ping was lost"
    assert tunnel[0].mark() == heard, "it heard of the phone call"


def test_a_call_given_up_while_it_rings(office, phones, tunnel):
    called, calling = phones
    since = office.relay.proc.mark()
    calling.command("dial", f"sip:2500@{office.SERVER}")
    called.event("CALL_INCOMING")
    calling.event("CALL_RINGING")
    call, = office.relay.calls()
    calling.command("hangup")
    called.event("CALL_CLOSED")
    office.relay.proc.wait_for(f"{call}.* Replying to 'delete'", since=since)
    assert office.relay.calls() == []
    assert office.pc2.reach(office.TUNNEL["2500"])
