"""The VPN section leaves as it came, the audio section as rtpengine and
nathelper want it: requests and replies, UDP and TCP, every kind of body.

The same messages through the same server with preserve=0 show that without
us the section does not.
"""

import pytest

from testlib import keepbed as kb
from testlib.rtpengine import IP as RELAY_IP, Rtpengine

EDITORS = {"rtpengine": [kb.RELAY], "both": [kb.NAT, kb.RELAY],
           **{f"nat {flags}": [f"X-Nat: {flags}"] for flags in range(1, 16)}}
SECTIONS = {"session c=": kb.BARE, "own c=": kb.OWN, "IPv6 c=": kb.OWN_V6}


@pytest.fixture(scope="module")
def relay(tmp_path_factory):
    with Rtpengine(tmp_path_factory.mktemp("rtpengine")) as running:
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory, relay):
    with kb.kamailio(tmp_path_factory.mktemp("keep"), relay) as running:
        yield running
        running.stop()


@pytest.fixture(scope="module")
def idle(tmp_path_factory, relay):
    """Puts back only when the script says so."""
    with kb.kamailio(tmp_path_factory.mktemp("idle"), relay,
                     PRESERVE=0) as running:
        yield running
        running.stop()


def check(message, section, editors):
    """VPN as it came, audio as the editors make it, Content-Length right."""
    body = kb.whole(message)
    assert kb.vpn(body) == kb.expected(section, body), body
    if section == kb.OWN_V6 and editors != "rtpengine":
        return  # nathelper gives up half-way through mixed families
    address, port = kb.address(body)
    if editors in ("rtpengine", "both"):
        assert address == RELAY_IP and port != 4000, body
    else:
        flags = int(editors.split()[1])
        assert (b"a=nortpproxy:yes" in body) == bool(flags & 4)
        moved = flags & 2
        assert (address, port) == \
            ("127.0.0.1" if moved else kb.HOST, 4000), body


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("editors", EDITORS)
def test_offer_and_answer(server, editors, section):
    headers, section = EDITORS[editors], SECTIONS[section]
    body = kb.sdp(kb.AUDIO, section)
    with kb.Pair(server) as call:
        check(call.offer(body, *headers), section, editors)
        check(call.answer(body, *headers), section, editors)


@pytest.mark.parametrize("kind", ["udp", "tcp"])
@pytest.mark.parametrize("where", ["request", "branch"])
@pytest.mark.parametrize("order", ["audio first", "audio last", "alone"])
@pytest.mark.parametrize("editors", ["rtpengine", "nat 11"])
def test_transports_routes_and_order(server, kind, where, order, editors):
    media = {"audio first": [kb.AUDIO, kb.BARE],
             "audio last": [kb.BARE, kb.AUDIO], "alone": [kb.BARE]}[order]
    headers = [*EDITORS[editors], f"X-Where: {where}"]
    before = server.counters()
    with kb.Pair(server, kind) as call:
        for got in (call.offer(kb.sdp(*media), *headers),
                    call.answer(kb.sdp(*media), *headers),):
            if order == "alone":
                body = kb.whole(got)
                assert kb.vpn(body) == kb.expected(kb.BARE, body)
            else:
                check(got, kb.BARE, editors)
    after = server.counters()
    assert after["restored"] == before["restored"] + 2
    assert after["restore_failed"] == before["restore_failed"]


@pytest.mark.parametrize("editors", ["rtpengine", "nat 2", "nat 11", "both"])
@pytest.mark.parametrize("section", ["session c=", "own c="])
def test_without_us_the_section_is_changed(idle, editors, section):
    headers, section = EDITORS[editors], SECTIONS[section]
    body = kb.sdp(kb.AUDIO, section)
    with kb.Pair(idle) as call:
        for got in (call.offer(body, *headers), call.answer(body, *headers)):
            sdp = kb.whole(got)
            assert sdp != body
            assert kb.vpn(sdp) != kb.expected(section, sdp)
    assert idle.counters()["restored"] == 0


@pytest.mark.parametrize("kind", ["udp", "tcp"])
@pytest.mark.parametrize("editors", ["rtpengine", "nat 11"])
def test_multipart(server, kind, editors):
    body, content = kb.multipart(kb.sdp(kb.AUDIO, kb.BARE))
    front = body.index(b"v=0")
    with kb.Pair(server, kind) as call:
        for got in (call.offer(body, *EDITORS[editors], kind=content),
                    call.answer(body, *EDITORS[editors], kind=content)):
            whole = kb.whole(got)
            assert whole.startswith(body[:front])
            assert got.get("content-type") == content
            sdp, delimiter, rest = whole[front:].partition(b"--cut-here--")
            assert delimiter and rest in (b"", b"\r\n")
            expected = kb.expected(kb.BARE, sdp)
            assert kb.vpn(sdp) == expected, whole
            assert kb.address(sdp)[0] == \
                (RELAY_IP if editors == "rtpengine" else "127.0.0.1")


@pytest.mark.parametrize("method", ["UPDATE", "PRACK"])
def test_other_requests_with_an_offer(server, method):
    body = kb.sdp(kb.AUDIO, kb.BARE)
    with kb.Pair(server) as call:
        check(call.offer(body, "X-Nat: 10", method=method), kb.BARE, "nat 10")
        check(call.answer(body, "X-Nat: 10"), kb.BARE, "nat 10")


@pytest.mark.parametrize("other", [b"", b"what is no SDP"])
def test_late_offer_and_its_answer_in_the_ack(server, other):
    body = kb.sdp(kb.AUDIO, kb.BARE)
    with kb.Pair(server) as call:
        assert call.offer(other, kind="text/plain").body == other
        check(call.answer(body, kb.RELAY, code=183), kb.BARE, "rtpengine")
        check(call.answer(body, kb.RELAY), kb.BARE, "rtpengine")
        check(call.ack(body, kb.RELAY, "X-Restore: yes"), kb.BARE,
              "rtpengine")


@pytest.mark.parametrize("kind", ["udp", "tcp"])
@pytest.mark.parametrize("editors", ["rtpengine", "both", "nat 11"])
@pytest.mark.parametrize("restore", [True, False])
def test_ack_by_the_function(idle, kind, editors, restore):
    body = kb.sdp(kb.AUDIO, kb.BARE)
    more = ["X-Restore: yes"] if restore else []
    with kb.Pair(idle, kind) as call:
        call.offer(b"")
        call.answer(body, *EDITORS[editors])
        got = call.ack(body, *EDITORS[editors], *more)
        if restore:
            check(got, kb.BARE, editors)
        else:
            assert kb.vpn(kb.whole(got)) != kb.expected(kb.BARE, got.body)


@pytest.mark.parametrize("editors", ["rtpengine", "nat 11"])
def test_stateless_by_the_function(idle, editors):
    body = kb.sdp(kb.AUDIO, kb.OWN)
    headers = [*EDITORS[editors], "X-Restore: yes", "X-Stateless: yes"]
    with kb.Pair(idle) as call:
        check(call.offer(body, *headers), kb.OWN, editors)
        check(call.answer(body, *headers), kb.OWN, editors)


@pytest.mark.parametrize("where", ["request", "branch"])
def test_by_the_function_and_by_itself(server, where):
    """Twice is once."""
    body = kb.sdp(kb.AUDIO, kb.BARE)
    headers = [kb.RELAY, "X-Restore: yes", f"X-Where: {where}"]
    before = server.counters()["restored"]
    with kb.Pair(server) as call:
        check(call.offer(body, *headers), kb.BARE, "rtpengine")
        check(call.answer(body, *headers), kb.BARE, "rtpengine")
    assert server.counters()["restored"] == before + 2


@pytest.mark.parametrize("where", ["request", "branch"])
@pytest.mark.parametrize("editors", ["rtpengine", "nat 11"])
def test_two_branches(server, where, editors):
    body = kb.sdp(kb.AUDIO, kb.BARE)
    with kb.Pair(server) as call, kb.Line(call.server) as second:
        got = call.offer(body, *EDITORS[editors], f"X-Where: {where}",
                         f"X-Also: {second.uri}")
        check(got, kb.BARE, editors)
        check(second.take("INVITE"), kb.BARE, editors)
        check(call.answer(body, *EDITORS[editors]), kb.BARE, editors)


@pytest.mark.parametrize("where", ["request", "branch"])
@pytest.mark.parametrize("editors", ["rtpengine", "nat 11"])
def test_a_branch_from_failure_route(server, where, editors):
    body = kb.sdp(kb.AUDIO, kb.BARE)
    with kb.Pair(server) as call, kb.Line(call.server) as second:
        got = call.offer(body, *EDITORS[editors], f"X-Where: {where}",
                         f"X-Next: {second.uri}")
        check(got, kb.BARE, editors)
        call.callee.reply(call.invite, 486)
        call.invite = second.take("INVITE")
        check(call.invite, kb.BARE, editors)
        call.callee.close()
        call.callee = second
        check(call.answer(body, *EDITORS[editors]), kb.BARE, editors)


def test_in_failure_route_the_function_says_no(server):
    body = kb.sdp(kb.AUDIO, kb.BARE)
    failed = server.counters()["restore_failed"]
    mark = server.proc.mark()
    with kb.Pair(server) as call, kb.Line(call.server) as second:
        call.offer(body, kb.NAT, f"X-Next: {second.uri}", "X-Restore: yes")
        call.callee.reply(call.invite, 486)
        check(second.take("INVITE"), kb.BARE, "nat 10")
    server.proc.wait_for(
        r"in failure_route, sipvpn_restore\(\) says -2", since=mark)
    assert server.counters()["restore_failed"] == failed + 1


def test_a_section_taken_away_is_reported(server):
    body = kb.sdp(kb.AUDIO, kb.BARE)
    failed = server.counters()["restore_failed"]
    mark = server.proc.mark()
    with kb.Pair(server) as call:
        got = call.offer(body, kb.NAT, "X-Remove: yes")
        assert b"application/vpn" not in kb.whole(got)
    server.proc.wait_for("not put back into a request: others have added or "
                         "removed", since=mark)
    assert server.counters()["restore_failed"] == failed + 1


def test_a_section_refused_on_the_way_stays_refused(server):
    body = kb.sdp(kb.AUDIO, kb.OWN)
    with kb.Pair(server) as call:
        call.offer(body)
        got = kb.whole(call.answer(body, kb.NAT, "X-Refuse: yes"))
        assert kb.vpn(got).startswith(b"m=application/vpn 0 OpenVPN 0")


def test_what_nobody_edits_is_not_touched(server):
    before = server.counters()
    for body in (kb.sdp(kb.AUDIO, kb.BARE), kb.sdp(kb.AUDIO), b"nonsense"):
        with kb.Pair(server) as call:
            assert kb.whole(call.offer(body)) == body
            assert kb.whole(call.answer(body)) == body
    assert server.counters() == before


def test_audio_alone_is_the_editors_affair(server, idle):
    """Both servers let the same leave."""
    body = kb.sdp(kb.AUDIO)
    with kb.Pair(server) as one, kb.Pair(idle) as two:
        for ask in [(one, two)]:
            got = [kb.whole(call.offer(body, "X-Nat: 15")) for call in ask]
            assert got[0] == got[1] != body


def test_other_media_by_parameter(tmp_path, relay):
    bfcp = "m=application 5070 UDP/BFCP *\r\na=floorctrl:c-s\r\na=confid:1"
    with kb.kamailio(tmp_path, relay,
                     PROTECT='"application UDP/BFCP"') as server:
        with kb.Pair(server) as call:
            got = kb.whole(call.offer(kb.sdp(kb.AUDIO, bfcp, kb.BARE),
                                      kb.RELAY))
            assert kb.media(got, b"application ") == \
                kb.expected(bfcp, got)
            assert kb.vpn(got) != kb.expected(kb.BARE, got)
            assert kb.address(got)[0] == RELAY_IP
        server.stop()


@pytest.mark.parametrize("preserve", [1, 0])
def test_from_lua(tmp_path, relay, preserve):
    body = kb.sdp(kb.AUDIO, kb.BARE)
    restore = [] if preserve else ["X-Restore: yes"]
    with kb.kamailio(tmp_path, relay, PRESERVE=preserve,
                     LUA=f'"{kb.LUA}"') as server:
        with kb.Pair(server) as call:
            check(call.offer(body, kb.NAT, *restore), kb.BARE, "nat 10")
            check(call.answer(body, kb.NAT, *restore), kb.BARE, "nat 10")
            if restore:
                server.logged("restore() says 1")
                got = kb.whole(call.offer(body, kb.NAT))
                assert kb.vpn(got) != kb.expected(kb.BARE, got)
        server.stop()


def test_what_stands_behind_the_body(server):
    """A datagram longer than its Content-Length: the rest is not sent on as
    a part of the body.
    """
    body = kb.sdp(kb.AUDIO, kb.BARE)
    with kb.Pair(server) as call:
        line = call.caller
        sent = []
        line.send, send = sent.append, line.send
        line.request("INVITE", call.callee.uri, body, headers=[kb.NAT])
        send(sent[0] + b"\r\n\r\n")
        got = call.callee.take("INVITE")
        length = int(got.get("content-length"))
        assert got.body[length:].strip() == b""
        assert kb.vpn(got.body[:length]) == \
            kb.expected(kb.BARE, got.body[:length])
        assert kb.address(got.body) == ("127.0.0.1", 4000)


def test_without_tm_the_function_works(tmp_path, relay):
    body = kb.sdp(kb.AUDIO, kb.BARE)
    with kb.kamailio(tmp_path, relay, WITHOUT_TM=1) as server:
        server.logged("without the tm module")
        with kb.Pair(server) as call:
            got = call.offer(body, kb.NAT, "X-Restore: yes")
            check(got, kb.BARE, "nat 10")
            got = kb.whole(call.offer(body, kb.NAT))
            assert kb.vpn(got) != kb.expected(kb.BARE, got)
        server.stop()


@pytest.mark.parametrize("preserve", [1, 0])
@pytest.mark.parametrize("kind", ["udp", "tcp"])
def test_a_message_that_the_script_replaces(tmp_path, relay, preserve, kind):
    """msg_apply_changes() makes the edited text the message."""
    headers = ["X-Apply: yes", kb.RELAY]
    if not preserve:
        headers.append("X-Restore: yes")
    body = kb.sdp(kb.AUDIO, kb.BARE)
    with kb.kamailio(tmp_path, relay, REPLACING=1,
                     PRESERVE=preserve) as server:
        with kb.Pair(server, kind) as call:
            for _ in range(3):
                got = call.offer(body, *headers)
                assert b"a=direction:active" in kb.media(got.body, b"audio")
                check(got, kb.BARE, "rtpengine")
                check(call.answer(body, *headers), kb.BARE, "rtpengine")
            without = [h for h in headers if "Restore" not in h]
            got = kb.whole(call.offer(body, *without))
            kept = kb.vpn(got) == kb.expected(kb.BARE, got)
            assert kept == bool(preserve)
        server.stop()
