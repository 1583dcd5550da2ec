"""An INVITE whose SDP will not do: refused in words, and the UA goes on."""

import re

import pytest

from testlib.lab import LabUA
from testlib.peer import Peer
from testlib.vpnend import attribute, body, changed

WARNING = re.compile(r'(\d{3}) (\S+) "([\x20-\x7e]*)"$')


def refused(reply):
    """Status, code and text of a refusal; it must say why."""
    found = WARNING.match(reply.get("warning") or "")
    assert found, f"{reply.first}, Warning: {reply.get('warning')}"
    return reply.code, int(found.group(1)), found.group(3)


AUDIO = ["m=audio 4000 RTP/AVP 0", "a=rtpmap:0 PCMU/8000"]
M, LOCAL, REMOTE = "m=", "a=VPN_LOCAL_ADDR", "a=VPN_REMOTE_ADDR"


def m_port(port):
    return {M: [f"m=application/vpn {port} OpenVPN 0"]}


# lines to be replaced, the status, the Warning's code, a word of its text
BAD = {
    "m-port-0": (m_port(0), 488, 304, "port is 0"),
    "m-port-65536": (m_port(65536), 488, 399, "port"),
    "m-port--1": (m_port(-1), 488, 399, "port"),
    "m-port-text": (m_port("http"), 488, 399, "port"),
    "m-port-none": ({M: ["m=application/vpn OpenVPN 0"]}, 488, 399, ""),
    "m-without-format": ({M: ["m=application/vpn 9000"]}, 488, 399, ""),
    "m-other-transport": ({M: ["m=application/vpn 9000 IPsec 0"]},
                          488, 399, "IPsec"),
    "PORT-0": ({"a=PORT": ["a=PORT:0"]}, 488, 304, "port is 0"),
    "PORT-65536": ({"a=PORT": ["a=PORT:65536"]}, 488, 399, "65536"),
    "PORT--1": ({"a=PORT": ["a=PORT:-1"]}, 488, 399, "-1"),
    "PORT-text": ({"a=PORT": ["a=PORT:ssh"]}, 488, 399, "ssh"),
    "PORT-twice": ({"a=PORT": ["a=PORT:9000", "a=PORT:9001"]},
                   488, 399, "twice"),
    "two-VPN": ({"a=setup": ["a=setup:actpass",
                             "m=application/vpn 9002 OpenVPN 0"]},
                488, 399, "more than one VPN"),
    "audio-only": ({M: AUDIO}, 488, 304, "no VPN"),
    "IP4-text": ({"a=IP4": ["a=IP4:here"]}, 488, 399, "here"),
    "IP4-octet": ({"a=IP4": ["a=IP4:198.51.100.256"]}, 488, 399, "256"),
    "IP4-octal": ({"a=IP4": ["a=IP4:198.051.100.10"]}, 488, 399, "051"),
    "IP4-any": ({"a=IP4": ["a=IP4:0.0.0.0"]}, 488, 399, "endpoint"),
    "IP4-broadcast": ({"a=IP4": ["a=IP4:255.255.255.255"]},
                      488, 399, "endpoint"),
    "IP4-multicast": ({"a=IP4": ["a=IP4:224.0.0.1"]}, 488, 399, "endpoint"),
    "c-text": ({"c=": ["c=IN IP4 nowhere/else"], "a=IP4": []}, 488, 399, ""),
    "c-none": ({"c=": [], "a=IP4": []}, 488, 399, "neither c="),
    "other-IP-version": ({"c=": ["c=IN IP6 2001:db8::1"],
                          "a=IP4": ["a=IP6:2001:db8::1"]},
                         488, 399, "other IP version"),
    "o-malformed": ({"o=": ["o=me"]}, 400, 399, "o="),
    "o-none": ({"o=": []}, 400, 399, "o="),
    "version-1": ({"v=": ["v=1"]}, 400, 399, "v=0"),
    "no-equals-sign": ({"t=": ["hello"]}, 400, 399, "hello"),
    "no-fingerprint": ({"a=fingerprint": []}, 488, 399, "fingerprint"),
    "fingerprint-SHA-1": ({"a=fingerprint": ["a=fingerprint:SHA-1 "
                                             + ":".join(["AA"] * 20)]},
                          488, 399, "SHA-256 fingerprint"),
    "fingerprint-short": ({"a=fingerprint": ["a=fingerprint:SHA-256 AA:BB"]},
                          488, 399, "fingerprint"),
    "fingerprint-long": ({"a=fingerprint": ["a=fingerprint:SHA-256 "
                                            + ":".join(["AA"] * 33)]},
                         488, 399, "fingerprint"),
    "fingerprint-no-hex": ({"a=fingerprint": ["a=fingerprint:SHA-256 "
                                              + ":".join(["GG"] * 32)]},
                           488, 399, "fingerprint"),
    "setup-none": ({"a=setup": []}, 488, 399, "setup"),
    "setup-unknown": ({"a=setup": ["a=setup:maybe"]}, 488, 399, "maybe"),
    "setup-holdconn": ({"a=setup": ["a=setup:holdconn"]}, 488, 399, "setup"),
    "tls-id-forbidden": ({"a=tls-id": ["a=tls-id:<script>aaaaaaaaaaaaaaa"]},
                         488, 399, "tls-id"),
    "tunnel-text": ({LOCAL: [LOCAL + ":localhost"]}, 488, 399, "localhost"),
    "tunnel-prefix": ({LOCAL: [LOCAL + ":192.168.234.2/24"]},
                      488, 399, "192.168.234.2/24"),
    "tunnel-only-local": ({REMOTE: []}, 488, 399, "pair"),
    "tunnel-only-remote": ({LOCAL: []}, 488, 399, "pair"),
    "tunnel-twice-the-same": ({LOCAL: [LOCAL + ":192.168.234.1"]},
                              488, 399, "pair"),
    "tunnel-two-versions": ({LOCAL: [LOCAL + ":fd00::1"]}, 488, 399, "pair"),
    "tunnel-public": ({LOCAL: [LOCAL + ":192.0.2.1"],
                       REMOTE: [REMOTE + ":192.0.2.2"]},
                      488, 399, "not a private one"),
    "tunnel-public-remote": ({REMOTE: [REMOTE + ":192.0.2.2"]},
                             488, 399, "not a private one"),
    "tunnel-loopback": ({LOCAL: [LOCAL + ":127.0.0.2"]}, 488, 399, ""),
    "tunnel-multicast": ({LOCAL: [LOCAL + ":224.0.0.5"]}, 488, 399, "pair"),
    "tunnel-is-the-server": ({LOCAL: [LOCAL + ":198.51.100.10"]},
                             488, 399, "198.51.100.10"),
    "quote-and-escape": ({"a=setup": ['a=setup:"\\\x01\x1b[31m\tö']},
                         488, 399, "setup"),
    "very-long-value": ({"a=setup": ["a=setup:" + "x" * 4000]},
                        488, 399, "setup"),
    "long-line-header-injection": ({"a=setup": ["a=setup:a%0d%0aVia: x"]},
                                   488, 399, "setup"),
}


@pytest.mark.parametrize("name", BAD)
def test_refused_with_the_reason(lab, name):
    changes, status, warning, word = BAD[name]
    lines = lab.lines()
    for start, new in changes.items():
        lines = changed(lines, start, *new)
    program = lab.waiting()
    got_status, got_warning, text = refused(lab.dial().invite(body(lines)))
    assert (got_status, got_warning) == (status, warning), text
    assert word in text
    program.wait_for(r"^sipvpn-ua: call from sip:\S+ refused: " +
                     re.escape(text[:20]) if '"' not in text else "refused")
    lab.assert_clean()
    lab.assert_usable(program)
    assert program.stop() == 0


GARBAGE = {
    "binary": bytes(range(256)),
    "zeros": b"\0" * 200,
    "text": b"VPN, please!\r\n",
    "line-ends": b"\r\n" * 50,
    "lf": b"\n",
    "blank": b" ",
    "xml": b'<?xml version="1.0"?><sdp/>\r\n',
    "v-only": b"v=0",
    "60-kB": b"v=0\r\n" + b"a=x:" + b"y" * 60000 + b"\r\n",
    "many-media": b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n"
                  + b"m=audio 9 RTP/AVP 0\r\n" * 2000,
    "many-lines": b"v=0\r\n" + b"a=x\r\n" * 10000,
}


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_refused(lab, name):
    program = lab.waiting()
    status, warning, unused = refused(lab.dial().invite(GARBAGE[name]))
    assert status in (400, 488) and warning in (304, 399)
    lab.assert_usable(program)
    assert program.stop() == 0


def test_cut_off_after_every_byte(lab):
    """Whatever is cut off, the fingerprint is not whole."""
    whole = lab.good().rstrip(b"\r\n")
    program = lab.waiting()
    for end in range(1, len(whole)):
        status, unused, text = refused(lab.dial().invite(whole[:end]))
        assert status in (400, 488), f"{whole[:end]}: {text}"
    lab.assert_usable(program)
    assert program.stop() == 0


@pytest.mark.parametrize("local,remote", [
    ("192.168.234.1", "192.168.234.2"),  # as if the UA had written it
    ("192.168.234.3", "192.168.234.1"),
    ("192.168.234.2", "192.168.234.9"),
])
def test_addresses_that_do_not_mirror_those_of_the_user(lab, local, remote):
    program = lab.waiting("-l", "192.168.234.1", "-r", "192.168.234.2")
    status, warning, text = refused(
        lab.dial().invite(lab.good(pair=(local, remote))))
    assert (status, warning) == (488, 399)
    assert "mirror" in text
    lab.assert_usable(program)
    assert program.stop() == 0


def test_tunnel_address_of_the_server_behind_a_router(lab):
    """The route to it would lead into the tunnel, and our signalling,
    digests included, to the peer.
    """
    server = "10.77.0.10"
    lab.net.address(lab.far, "lo", server + "/32")
    lab.net.route(lab.pc, server + "/32", lab.SERVER)
    with Peer(lab.far, server) as peer, LabUA(lab.pc, server) as program:
        program.waiting()
        reply = peer.dialog(lab.PC, "2500").invite(
            lab.good(pair=(server, "10.77.0.1")))
        status, unused, text = refused(reply)
        assert status == 488
        assert server in text
        assert program.stop() == 0


def test_another_group(lab):
    program = lab.waiting("--group", "lab")
    status, warning, text = refused(lab.dial().invite(
        body(changed(lab.lines(), "a=setup", "a=setup:actpass",
                     "a=VPN_ID:attic"))))
    assert (status, warning) == (488, 399)
    assert "attic" in text
    lab.assert_usable(program)
    assert program.stop() == 0


def test_audio_beside_the_vpn_gets_port_0(lab):
    """RFC 3264 section 6: the answer has as many sections, in order."""
    program = lab.waiting()
    call = lab.dial()
    answer = call.invite(body(changed(
        lab.lines(), "t=", "t=0 0", *AUDIO)))
    assert answer.code == 200
    media = [line for line in answer.body.decode().split("\r\n")
             if line.startswith("m=")]
    assert [line.split()[0] for line in media] == \
        ["m=audio", "m=application/vpn"]
    assert media[0].split()[1] == "0"
    assert int(attribute(answer.body, "PORT")) > 0
    call.ack()
    call.bye()
    program.ended()
    lab.assert_usable(program)
    assert program.stop() == 0
