"""A broken VPN offer, from members, ends at the server; which lives on."""

import pytest

from testlib import bed

MEMBER = bed.vpn("lab")
GOOD = bed.sdp(MEMBER)


def multipart(*parts, boundary="b1"):
    """A body of (type, content)."""
    out = b"preamble\r\n"
    for kind, content in parts:
        out += (f"--{boundary}\r\nContent-Type: {kind}\r\n\r\n".encode()
                + content + b"\r\n")
    return out + f"--{boundary}--\r\n".encode()


def m(port, rest="OpenVPN 0"):
    return bed.sdp(bed.vpn("lab", m=f"m=application/vpn {port} {rest}"))


def line(text):
    return bed.sdp(bed.vpn("lab", more=[text]))


BAD = {
    "port 65536": m("65536"),
    "port -1": m("-1"),
    "port text": m("ssh"),
    "port empty": bed.sdp(bed.vpn("lab", m="m=application/vpn  OpenVPN 0")),
    "port huge": m("99999999999999999999"),
    "a=PORT text": bed.sdp(bed.vpn("lab", port="a=PORT:x")),
    "a=PORT 65536": bed.sdp(bed.vpn("lab", port="a=PORT:65536")),
    "a=IP4 name": bed.sdp(bed.vpn("lab", ip4="a=IP4:host.example")),
    "a=IP4 short": bed.sdp(bed.vpn("lab", ip4="a=IP4:1.2.3")),
    "a=IP4 256": bed.sdp(bed.vpn("lab", ip4="a=IP4:1.2.3.256")),
    "c= text": bed.sdp(MEMBER, session="c=IN IP4 nowhere at all"),
    "c= none, no a=IP4": bed.sdp(bed.vpn("lab", ip4=None), session=None),
    "two sections": bed.sdp(MEMBER, MEMBER),
    "two sections, two groups": bed.sdp(MEMBER, bed.vpn("attic")),
    "two VPN_ID": line("a=VPN_ID:attic"),
    "VPN_ID empty": bed.sdp(bed.vpn(None, more=["a=VPN_ID:"])),
    "VPN_ID long": bed.sdp(bed.vpn("x" * 65)),
    "local not an address": line("a=VPN_LOCAL_ADDR:x"),
    "one tunnel address": GOOD.replace(
        b"a=VPN_LOCAL_ADDR:192.168.234.1\r\n", b""),
    "fingerprint": line("a=fingerprint:SHA-256 AA:BB"),
    "setup": line("a=setup:both"),
    "no v=": GOOD[5:],
    "no o=": GOOD.replace(b"o=- 1 1 IN IP4 127.0.0.1\r\n", b""),
    "cut in m=": bed.sdp() + b"m=application/vpn 8000 OpenVPN",
    "NUL": GOOD.replace(b"a=PORT:8000", b"a=PORT:80\x0000"),
    "too long": line("a=x:" + "y" * 17000),
    "too many media": bed.sdp(*["m=audio 0 RTP/AVP 0"] * 40, MEMBER),
}

# name -> body, Content-Type
HIDDEN = {
    "as text": (GOOD, "text/plain"),
    "no multipart": (GOOD, "multipart/mixed"),
    "multipart, no boundary": (
        multipart(("application/sdp", GOOD)), "multipart/mixed"),
    "multipart, wrong boundary": (
        multipart(("application/sdp", GOOD)), "multipart/mixed;boundary=zz"),
    "two SDP parts with a VPN": (
        multipart(("application/sdp", GOOD),
                  ("application/sdp", bed.sdp(bed.vpn("attic")))),
        "multipart/mixed;boundary=b1"),
    "SDP and a text with a VPN": (
        multipart(("application/sdp", GOOD), ("text/plain", GOOD)),
        "multipart/mixed;boundary=b1"),
    "in the preamble": (
        b"m=application/vpn 8000 OpenVPN 0\r\n"
        + multipart(("application/sdp", bed.sdp(bed.AUDIO))),
        "multipart/mixed;boundary=b1"),
}

OPEN = {
    "alone": (multipart(("application/sdp", GOOD)),
              "multipart/mixed;boundary=b1"),
    "quoted boundary, after text": (
        multipart(("text/plain", b"hello"), ("application/sdp", GOOD)),
        'Multipart/Mixed; charset=x; BOUNDARY="b1"'),
    "nested": (
        multipart(("multipart/alternative; boundary=in", multipart(
            ("application/sdp", GOOD), boundary="in")), boundary="out"),
        "multipart/related;boundary=out"),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One for all: a fault that one case leaves shows in the next."""
    with bed.kamailio(tmp_path_factory.mktemp("malformed")) as running:
        yield running
        running.stop()


@pytest.fixture(scope="module")
def pair(server):
    with bed.phone(server, "2501") as one, bed.phone(server, "2500") as two:
        yield one, two.register()


def refused(pair, body, **fields):
    one, two = pair
    reply = one.invite("2500", body, **fields)
    assert (reply.code, reply.phrase) == (
        488, "VPN refused: malformed VPN section in the offer")
    assert not two.was_called()
    # That the server lives and passes a good offer on, and no other one.
    reply, got = bed.ring(one, two, GOOD)
    assert reply.code == 486
    assert got.body == GOOD


@pytest.mark.parametrize("name", BAD)
def test_a_malformed_section_is_refused(pair, name):
    refused(pair, BAD[name])


@pytest.mark.parametrize("name", HIDDEN)
def test_a_section_where_it_does_not_belong_is_refused(pair, name):
    body, kind = HIDDEN[name]
    refused(pair, body, content_type=kind)


@pytest.mark.parametrize("name", OPEN)
def test_a_section_in_a_multipart_is_found(server, pair, name):
    one, two = pair
    body, kind = OPEN[name]
    reply, got = bed.ring(one, two, body, content_type=kind)
    assert reply.code == 486
    assert got.body == body
    with bed.phone(server, "2502") as stranger:
        assert stranger.invite("2500", body, content_type=kind).code == 403


@pytest.mark.parametrize("length", [0, 10, len(GOOD) - 1, len(GOOD) + 1])
def test_a_content_length_that_lies_is_refused(pair, length):
    """By the sanity checks before us."""
    one, two = pair
    assert one.invite("2500", GOOD, length=length).code == 400
    assert not two.was_called()
    reply, got = bed.ring(one, two, GOOD)
    assert reply.code == 486 and got.body == GOOD


@pytest.mark.parametrize("length", [4000000000, -1, "x"])
def test_a_content_length_that_is_none_is_ignored(pair, length):
    """Kamailio's parser drops the message without a word."""
    one, two = pair
    one.send(one.build("INVITE", "sip:2500@example.org", 1, f"cl{length}",
                       f"z9hG4bKcl{length}", body=GOOD, length=length))
    assert not one.was_called() and not two.was_called()
    reply, got = bed.ring(one, two, GOOD)
    assert reply.code == 486 and got.body == GOOD


def test_a_stranger_with_a_malformed_section_gets_no_further(server, pair):
    unused, two = pair
    with bed.phone(server, "2502") as stranger:
        for body in BAD.values():
            assert stranger.invite("2500", body).code == 488
    assert not two.was_called()
