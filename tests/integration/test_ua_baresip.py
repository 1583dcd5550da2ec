"""sipvpn-ua among real softphones at a server that knows nothing of VPNs:
no sipvpn.so, every call is forked to all that the callee has registered.

    PC1  2500's sipvpn-ua and 2500's softphone
    PC2  2501's sipvpn-ua and 2502's softphone
"""

import os
import re

import pytest

from testlib import ua
from testlib.kamailio import TOP, Kamailio
from testlib.softphone import PhoneSite

PLAIN = os.path.join(TOP, "tests", "data", "kamailio", "plain.cfg")


class Plain(PhoneSite):
    def _serve(self):
        self.kamailio = Kamailio(
            self.workdir, self.SERVER, netns=self.server, domain=self.SERVER,
            cfg=PLAIN, ready="plain server is ready")
        for user, password in self.USERS.items():
            self.kamailio.add_user(user, password)
        self.programs.append(self.kamailio.start().proc)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    with Plain(tmp_path_factory.mktemp("plain")) as standing:
        yield standing


@pytest.fixture(scope="module")
def waiting(plain):
    """2500's sipvpn-ua."""
    program = plain.ua(plain.pc1, "2500", more=["-d"])
    program.waiting()
    return program


@pytest.fixture(scope="module")
def shared(plain):
    """2500's softphone, on the address of its sipvpn-ua."""
    return plain.phone(plain.pc1, plain.PC1, "2500")


@pytest.fixture(scope="module")
def phone(plain):
    """2502's softphone."""
    return plain.phone(plain.pc2, plain.PC2, "2502")


def test_a_vpn_call_forked_to_a_phone_as_well(plain, waiting, shared):
    with plain.ua(plain.pc2, "2501", to="2500") as caller:
        up = caller.connected()
        assert plain.pc2.reach(up["remote"])
        assert caller.stop() == ua.OK
    waiting.ended()
    assert "Active calls (0)" in shared.command("listcalls")


def test_a_voice_call_forked_to_both(plain, waiting, shared, phone):
    """The phone on the same address rings on when sipvpn-ua has refused."""
    since = waiting.mark()
    phone.command("dial", f"sip:2500@{plain.SERVER}")
    shared.event("CALL_INCOMING")
    phone.event("CALL_RINGING")
    waiting.wait_for(r"SIP/2\.0 488 ", since=since)
    shared.command("accept")
    phone.event("CALL_ESTABLISHED")
    shared.event("CALL_ESTABLISHED")
    phone.command("hangup")
    shared.event("CALL_CLOSED")
    phone.event("CALL_CLOSED")
    assert waiting.running()


def test_a_voice_call_where_no_phone_is(plain, phone):
    with plain.ua(plain.pc2, "2501", more=["-d"]) as alone:
        alone.waiting()
        phone.command("dial", f"sip:2501@{plain.SERVER}")
        assert phone.event("CALL_CLOSED")["param"].startswith("488 ")
        phone.wait_for(r'^Warning: 30[45] \S+ "[^"]+"')
        since = phone.mark()
        phone.command("options", f"sip:2501@{plain.SERVER}")
        alone.wait_for(r"OPTIONS sip:2501@")
        phone.wait_for(r"^CSeq: \d+ OPTIONS", since=since)
        phone.wait_for(r"^(?i:Accept): application/sdp", since=since)
        assert alone.running()


def test_calling_a_phone(plain, phone):
    """It refuses both forms of the offer; the user is told what that means."""
    since = phone.mark()
    with plain.ua(plain.pc2, "2501", to="2502") as caller:
        refused = caller.wait_for(ua.REFUSED)
        assert refused["code"] == "488"
        assert "VPN" in refused["phrase"]
        assert caller.wait() == ua.REFUSED_CALL
    offers = [line for line in phone.lines[since:]
              if re.match("m=application", line)]
    assert offers == ["m=application/vpn 8000 OpenVPN 0",
                      "m=application 8000 udp openvpn"]
