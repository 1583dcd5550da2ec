"""Every Record-Route that the server writes shows whose dialog it is: wherever
record_route() stands, on each branch, and on one that comes later; whether or
not a module is loaded that may edit bodies.
"""

import contextlib
import re

import pytest

from testlib import bed
from testlib.kamailio import free_port
from testlib.line import Line

CFG = """
debug=2
listen=udp:LISTEN_IP:LISTEN_PORT
listen=udp:@SECOND@
dns=no
rev_dns=no
auto_aliases=no
children=2
""" + "".join(f'loadmodule "{name}.so"\n' for name in (
    "db_sqlite", "kex", "tm", "sl", "pv", "rr", "siputils", "corex", "ctl",
    "jsonrpcs")) + """@EDITOR@
loadmodule SIPVPN_SO
modparam("ctl", "binrpc", CTL_SOCKET)
modparam("jsonrpcs", "transport", 4)
modparam("jsonrpcs", "dgram_socket", RPC_SOCKET)
modparam("rr", "append_fromtag", FROMTAG)
modparam("sipvpn", "db_url", DB_URL)
modparam("sipvpn", "trusted_caller", "$fu")
modparam("sipvpn", "preserve", PRESERVE)

request_route {
	if (has_totag()) {
		if (loose_route() && sipvpn_manage()) {
			t_relay();
		}
		exit;
	}
	switch ($hdr(X-Way)) {
	case "behind":
		sipvpn_manage();
		record_route();
		break;
	case "preset":
		record_route_preset("@FIRST@");
		sipvpn_manage();
		break;
	case "params":
		record_route(";other=1");
		add_rr_param(";more=2");
		sipvpn_manage();
		break;
	case "in branch_route":
		sipvpn_manage();
		t_on_branch("RECORD");
		break;
	default:
		record_route();
		sipvpn_manage();
	}
	if ($hdr(X-Way) == "two sockets") {
		$fs = "udp:@SECOND@";
	}
	$du = $hdr(X-To);
	if ($hdr(X-Way) == "parallel") {
		$ru = $ru;
		append_branch("$ru");
		$(branch(dst_uri)[0]) = $hdr(X-Next);
	}
	if ($hdr(X-Way) == "one by one") {
		t_on_failure("NEXT");
	}
	t_relay();
}
branch_route[RECORD] {
	record_route();
}
failure_route[NEXT] {
	$du = $hdr(X-Next);
	t_relay();
}
"""
EDITOR = 'loadmodule "textops.so"\n'
GOOD = bed.sdp(bed.vpn())
AUDIO = bed.sdp(bed.AUDIO)
ONE = ["before", "behind", "preset", "params", "in branch_route",
       "two sockets"]


@contextlib.contextmanager
def a_server(folder, editor, fromtag=0, preserve=1):
    with bed.kamailio(folder, cfg=str(folder / "pass.cfg"), start=False,
                      defines={"FROMTAG": fromtag,
                               "PRESERVE": preserve}) as running:
        (folder / "pass.cfg").write_text(
            CFG.replace("@FIRST@", f"{running.ip}:{running.port}")
            .replace("@SECOND@", f"{bed.IP}:{free_port(bed.IP)}")
            .replace("@EDITOR@", EDITOR if editor else ""))
        running.add_group("passes", ["me", "you"])
        running.start()
        yield running
        running.stop()


@pytest.fixture(scope="module", params=[(True, 0), (True, 1), (False, 0),
                                        (False, 1)],
                ids=["edits", "edits ftag", "none", "ftag"])
def server(request, tmp_path_factory):
    with a_server(tmp_path_factory.mktemp("pass"), *request.param) as running:
        yield running


@pytest.fixture
def lines(server):
    address = (server.ip, server.port)
    with Line(address) as one, Line(address) as two, Line(address) as three:
        yield one, two, three


def at(line):
    return f"sip:{line.ip}:{line.port}"


def invite(caller, way, first, following=None):
    headers = [f"X-Way: {way}", f"X-To: {at(first)}"]
    if following:
        headers.append(f"X-Next: {at(following)}")
    return caller.request("INVITE", "sip:you@example.org", GOOD, headers)


def passes(request):
    """Of each Record-Route; None where there is none."""
    found = [re.findall(r";vpn=([\w-]{8})[;>]", route)
             for route in request.all("record-route")]
    assert all(len(one) < 2 for one in found), found
    return [one[0] if one else None for one in found]


def goes_on(caller, callee, got, call_id):
    """Whether a VPN may be offered with the routes of this INVITE."""
    routes = [f"Route: {route}" for route in got.all("record-route")[::-1]]
    caller.request("UPDATE", callee.uri, GOOD, routes, call_id, "t", 2)
    update = callee.take("UPDATE")
    assert update.body == GOOD
    callee.reply(update, 200)
    return caller.take(200).get("cseq") == "2 UPDATE"


@pytest.mark.parametrize("way", ONE)
def test_each_record_route_has_it(lines, way):
    caller, callee, unused = lines
    call_id = invite(caller, way, callee)
    got = callee.take("INVITE")
    found = passes(got)
    assert len(found) == (2 if way == "two sockets" else 1)
    assert None not in found and len(set(found)) == 1
    if way == "params":
        assert ";other=1" in got.get("record-route")
        assert ";more=2" in got.get("record-route")
    assert got.body == GOOD
    assert goes_on(caller, callee, got, call_id)
    callee.reply(got, 486)


def test_every_branch_has_it(lines):
    caller, first, second = lines
    call_id = invite(caller, "parallel", first, second)
    got = [line.take("INVITE") for line in (first, second)]
    assert passes(got[0]) == passes(got[1]) != [None]
    for line, request in zip((first, second), got):
        assert goes_on(caller, line, request, call_id)
        line.reply(request, 486)


def test_a_later_branch_has_it(lines):
    caller, first, second = lines
    call_id = invite(caller, "one by one", first, second)
    got = first.take("INVITE")
    assert passes(got) != [None]
    first.reply(got, 404)
    later = second.take("INVITE")
    assert passes(later) == passes(got)
    assert goes_on(caller, second, later, call_id)
    second.reply(later, 486)


def test_a_branch_leaves_nothing_behind(lines):
    """What was written for one call is not in the next one's headers."""
    caller, callee, unused = lines
    seen = set()
    for unused in range(3):
        invite(caller, "before", callee)
        got = callee.take("INVITE")
        seen.update(passes(got))
        callee.reply(got, 486)
    assert len(seen) == 3 and None not in seen
    caller.request("INVITE", "sip:you@example.org", AUDIO,
                   [f"X-To: {at(callee)}"])
    got = callee.take("INVITE")
    assert passes(got) == [None]
    callee.reply(got, 486)


@pytest.mark.parametrize("editor, preserve, said", [
    (True, 1, "the module textops may edit bodies"),
    (False, 1, "no module that edits bodies is loaded"),
    (False, 2, ""), (True, 0, "")])
def test_says_whether_it_watches(tmp_path, editor, preserve, said):
    with a_server(tmp_path, editor, preserve=preserve) as running:
        log = running.log
    assert said in log
    assert bool(said) == ("edit" in log)
