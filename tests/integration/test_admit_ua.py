"""Two real sipvpn-ua and a stranger who calls without an offer, at a server
whose script lets him reach every device: he gets no tunnel, they do.
"""

import pytest

from testlib import bed
from testlib.kamailio import CFG
from testlib.site import Site
from testlib.talk import Leg, Talker


@pytest.fixture
def site(tmp_path):
    with open(CFG, encoding="utf-8") as shipped:
        text = shipped.read().replace("rlf_bflags) = MASK_PHONE",
                                      "rlf_bflags) = 0")
    cfg = tmp_path / "open.cfg"
    cfg.write_text(text)

    class Open(Site):
        OPTIONS = {"cfg": str(cfg)}

    with Open(tmp_path) as standing:
        yield standing


def caller(site, user):
    """A user at PC2 who calls without an offer: his 200."""
    phone = Talker((site.SERVER, 5060), user, site.USERS[user],
                   domain=site.SERVER, netns=str(site.pc2), ip=site.PC2)
    return phone, phone.invite("2500", b"", timeout=10.0)


def test_a_stranger_gets_no_tunnel_and_members_do(site):
    callee = site.ua(site.pc1, "2500")
    callee.registered()
    callee.waiting()
    stranger, reply = caller(site, "2502")
    with stranger:
        assert reply.code == 200
        assert b"\r\nm=application/vpn 0 OpenVPN " in reply.body
        for gone in (b"IP4:", b"PORT:", b"VPN_", b"fingerprint", b"setup"):
            assert b"\r\na=" + gone not in reply.body
        seen = callee.mark()
        leg = Leg.of_caller(stranger, reply)
        leg.ack(bed.sdp(bed.vpn(more=[
            "a=setup:passive", "a=tls-id:abcdefghijklmnopqrstu",
            "a=fingerprint:SHA-256 " + ":".join(["AB"] * 32)])))
        # The UA finds a refusal in his answer and ends the call.
        bye = stranger.take("BYE", 10.0)
        stranger.answer(bye)
        callee.wait_for("waiting for calls", 10.0, since=seen)
    assert site.pc1.links() == ["eth0"]
    assert callee.openvpn() == []
    assert site.pc2.ping(site.TUNNEL["2500"]).received == 0
    assert site.kamailio.counters()["rejected"] == 2  # his 200, his ACK

    member = site.ua(site.pc2, "2501", to="2500")
    got = member.connected()
    assert got["remote"] == site.TUNNEL["2500"]
    assert site.pc2.reach(site.TUNNEL["2500"])


def test_a_members_late_offer_is_the_uas_own(site):
    callee = site.ua(site.pc1, "2500")
    callee.registered()
    callee.waiting()
    member, reply = caller(site, "2501")
    with member:
        assert reply.code == 200
        assert b"m=application/vpn 8000 OpenVPN " in reply.body
        assert b"a=fingerprint:" in reply.body
        leg = Leg.of_caller(member, reply)
        leg.ack()
        member.answer(member.take("BYE", 10.0))
