"""What a group says about calls in it: its policy, and whose address is whose."""

import pytest

from testlib import bed

LOCAL, REMOTE = "-13", "-14"
PHRASES = {
    LOCAL: "VPN refused: VPN_LOCAL_ADDR is not your address in the group",
    REMOTE: "VPN refused: VPN_REMOTE_ADDR is not the callee's address",
}


@pytest.fixture
def server(tmp_path):
    with bed.kamailio(tmp_path, start=False) as running:
        for name, policy, net in (("net", "open", "10.8.0.0/24"),
                                  ("spokes", "hub", None),
                                  ("closed", "off", None)):
            running.add_group(name, ["2500", "2501"])
            running.sql("update sipvpn_group set policy = ?, subnet4 = ? "
                        "where name = ?", policy, net, name)
        for user, addr in (("2500", "10.8.0.1"), ("2501", "10.8.0.2")):
            running.sql(
                "update sipvpn_member set addr4 = ? where username = ? and "
                "group_id = (select id from sipvpn_group where name = 'net')",
                addr, user)
        running.start()
        yield running
        running.stop()


def offer(group, local=None, remote=None):
    lines = ["m=application/vpn 8000 OpenVPN 0", "a=IP4:127.0.0.1",
             "a=PORT:8000", f"a=VPN_ID:{group}"]
    if local:
        lines += [f"a=VPN_LOCAL_ADDR:{local}", f"a=VPN_REMOTE_ADDR:{remote}"]
    return bed.sdp("\r\n".join(lines))


@pytest.mark.parametrize("local, remote, refused", [
    (None, None, None),
    ("10.8.0.1", "10.8.0.2", None),
    ("10.8.0.2", "10.8.0.1", LOCAL),
    ("10.8.0.9", "10.8.0.2", LOCAL),
    ("10.8.0.1", "10.8.0.9", REMOTE),
    ("fd00:8::1", "fd00:8::2", LOCAL),
])
def test_addresses_are_the_members_own(server, local, remote, refused):
    body = offer("net", local, remote)
    with bed.phone(server, "2500") as one, bed.phone(server, "2501") as two:
        two.register()
        if refused:
            reply = one.invite("2501", body)
            assert (reply.code, reply.phrase) == (403, PHRASES[refused])
            assert not two.was_called()
        else:
            reply, got = bed.ring(one, two, body)
            assert reply.code == 486 and got.body == body


@pytest.mark.parametrize("group, phrase", [
    ("closed", "VPN refused: the VPN group is switched off"),
    ("spokes", "VPN refused: in this VPN group calls go to or from a hub"),
])
def test_policies_refuse_in_words(server, group, phrase):
    with bed.phone(server, "2500") as one:
        reply = one.invite("2501", offer(group))
        assert (reply.code, reply.phrase) == (403, phrase)
