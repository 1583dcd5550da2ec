"""The return codes a script sees, native and from Lua, are the same."""

import re

import pytest

from testlib import bed
from testlib.calls import wait_until

MODULES = ("db_sqlite", "kex", "tm", "sl", "pv", "auth", "auth_db", "ctl",
           "jsonrpcs")

COMMON = """
listen=udp:LISTEN_IP:LISTEN_PORT
dns=no
rev_dns=no
auto_aliases=no
debug=2
""" + "".join(f'loadmodule "{name}.so"\n' for name in MODULES) + """
loadmodule SIPVPN_SO
modparam("auth_db", "db_url", DB_URL)
modparam("auth_db", "password_column", "ha1")
modparam("auth_db", "load_credentials", "")
modparam("ctl", "binrpc", CTL_SOCKET)
modparam("jsonrpcs", "transport", 4)
modparam("jsonrpcs", "dgram_socket", RPC_SOCKET)
modparam("sipvpn", "db_url", DB_URL)
modparam("sipvpn", "trusted_caller", "$avp(caller)")
"""

NATIVE = COMMON + """
loadmodule "xlog.so"
event_route[sipvpn:admitted] {
	xlog("L_NOTICE", "event sipvpn:admitted $hdr(X-Mark) $vpn(reason) end\\n");
}
event_route[sipvpn:rejected] {
	xlog("L_NOTICE", "event sipvpn:rejected $hdr(X-Mark) $vpn(reason) end\\n");
}
reply_route {
	route(REPLY);
}
route[REPLY] {
	sipvpn_authorize();
	$var(code) = $rc;
	sipvpn_manage("n");
	xlog("L_NOTICE", "reply codes $var(code) $rc end\\n");
}
request_route {
	if (is_present_hf("X-Trusted")) {
		$avp(caller) = $ai;
	}
	if (is_present_hf("X-Auth")) {
		if (!auth_check(DOMAIN, "subscriber", "1")) {
			auth_challenge(DOMAIN, "1");
			exit;
		}
	}
	sipvpn_is_offer();
	$var(offer) = $rc;
	if ($hdr(X-Group) == $null) {
		sipvpn_authorize();
	} else {
		sipvpn_authorize("$hdr(X-Group)");
	}
	$var(code) = $rc;
	if (is_present_hf("X-Answer")) {
		sipvpn_manage();
		$var(manage) = $rc;
	} else {
		sipvpn_manage("n");
		$var(manage) = $rc;
	}
	sipvpn_strip();
	$var(strip) = $rc;
	sl_send_reply("480",
		"codes $var(offer) $var(code) $var(manage) $var(strip)");
}
"""

LUA_CFG = COMMON + """
modparam("sipvpn", "event_callback", "on_vpn")
loadmodule "app_lua.so"
modparam("app_lua", "load", LUA_FILE)
cfgengine "lua"
"""

LUA = """
function on_vpn(event)
	KSR.notice("event " .. event .. " " .. KSR.pv.gete("$hdr(X-Mark)") ..
		" " .. KSR.pv.get("$vpn(reason)") .. " end\\n")
	return 1
end

function ksr_reply_route()
	local code = KSR.sipvpn.authorize()
	KSR.notice("reply codes " .. code .. " " ..
		KSR.sipvpn.manage_flags("n") .. " end\\n")
	return 1
end

function ksr_request_route()
	if KSR.hdr.is_present("X-Trusted") > 0 then
		KSR.pv.sets("$avp(caller)", KSR.pv.gete("$ai"))
	end
	if KSR.hdr.is_present("X-Auth") > 0 then
		if KSR.auth_db.auth_check("example.org", "subscriber", 1) < 0 then
			KSR.auth.auth_challenge("example.org", 1)
			return 1
		end
	end
	local offer = KSR.sipvpn.is_offer()
	local group = KSR.pv.get("$hdr(X-Group)")
	local code
	if group == nil then
		code = KSR.sipvpn.authorize()
	else
		code = KSR.sipvpn.authorize_group(group)
	end
	local manage
	if KSR.hdr.is_present("X-Answer") > 0 then
		manage = KSR.sipvpn.manage()
		if manage < 0 then
			return 1
		end
	else
		manage = KSR.sipvpn.manage_flags("n")
	end
	local strip = KSR.sipvpn.strip()
	KSR.sl.sl_send_reply(480, "codes " .. offer .. " " .. code .. " " ..
		manage .. " " .. strip)
	return 1
end
"""

GOOD = bed.sdp(bed.vpn())
NAMED = bed.sdp(bed.vpn("lab"))
CLOSED = bed.sdp("m=application/vpn 0 OpenVPN 0")

# what, caller, callee, body, group of the script, authenticate; then what
# is_offer, authorize, manage (which takes no group) and strip return
CASES = [
    ("allowed", "2500", "2501", GOOD, None, True, (1, 1, 1, 1)),
    ("allowed, named", "2500", "2501", NAMED, None, True, (1, 1, 1, 1)),
    ("allowed, demanded", "2500", "2501", GOOD, "lab", True, (1, 1, 1, 1)),
    ("allowed, both", "2500", "2501", NAMED, "lab", True, (1, 1, 1, 1)),
    ("no offer", "2500", "2501", bed.sdp(bed.AUDIO), None, True,
     (-1, -1, 2, -1)),
    ("no body", "2500", "2501", b"", None, True, (-1, -1, 3, -1)),
    ("no SDP", "2500", "2501", b"what is none", None, True, (-1, -1, 3, -1)),
    ("no body, none shared", "2500", "2503", b"", None, True,
     (-1, -1, 2, -1)),
    ("no body, not authenticated", "2500", "2501", b"", None, False,
     (-1, -1, 2, -1)),
    ("malformed", "2500", "2501", GOOD + GOOD, None, True, (1, -2, -2, 1)),
    ("closed already", "2500", "2501", CLOSED, None, True, (1, 1, 1, -1)),
    ("not authenticated", "2500", "2501", GOOD, None, False,
     (1, -3, -3, 1)),
    ("caller in no group", "2502", "2501", GOOD, None, True,
     (1, -4, -4, 1)),
    ("caller not in it", "2503", "2501", NAMED, None, True, (1, -4, -4, 1)),
    ("callee in no group", "2500", "2502", GOOD, None, True,
     (1, -5, -5, 1)),
    ("callee not in it", "2500", "2503", NAMED, None, True, (1, -5, -5, 1)),
    ("none shared", "2500", "2503", GOOD, None, True, (1, -6, -6, 1)),
    ("no such group", "2500", "2501", bed.sdp(bed.vpn("x")), None, True,
     (1, -7, -7, 1)),
    ("no such demand", "2500", "2501", GOOD, "x", True, (1, -7, 1, 1)),
    ("they disagree", "2500", "2501", NAMED, "attic", True, (1, -8, 1, 1)),
]


@pytest.fixture(scope="module", params=["native", "lua"])
def server(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    cfg, lua = folder / "codes.cfg", folder / "codes.lua"
    text = NATIVE if request.param == "native" else LUA_CFG
    for name in ("textops",) if request.param == "native" else ("textopsx",):
        text = text.replace("loadmodule SIPVPN_SO",
                            f'loadmodule "{name}.so"\nloadmodule SIPVPN_SO')
    cfg.write_text(text)
    lua.write_text(LUA)
    with bed.kamailio(folder, cfg=str(cfg),
                      defines={"LUA_FILE": f'"{lua}"'}) as running:
        yield running
        running.stop()


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_codes(server, case):
    unused, caller, callee, body, group, known, codes = case
    headers = ["X-Auth: yes"] if known else []
    if group is not None:
        headers.append(f"X-Group: {group}")
    with bed.phone(server, caller) as phone:
        reply = phone.invite(callee, body, headers=headers)
    assert (reply.code, reply.phrase) == (480, "codes %d %d %d %d" % codes)


@pytest.mark.parametrize("caller, body, known, code, phrase", [
    ("2500", GOOD, True, 480, "codes 1 1 1 1"),
    ("2500", bed.sdp(bed.AUDIO), True, 480, "codes -1 -1 2 -1"),
    ("2502", GOOD, True, 403,
     "VPN refused: you are not a member of the VPN group"),
    ("2500", GOOD, False, 403, "VPN refused: you are not authenticated"),
    ("2500", GOOD + GOOD, True, 488,
     "VPN refused: malformed VPN section in the offer"),
])
def test_manage_answers_and_ends(server, caller, body, known, code, phrase):
    headers = ["X-Answer: yes"] + (["X-Auth: yes"] if known else [])
    with bed.phone(server, caller) as phone:
        reply = phone.invite("2501", body, headers=headers)
    assert (reply.code, reply.phrase) == (code, phrase)


@pytest.mark.parametrize("asserted, trusted, codes", [
    ("<sip:2500@example.org>", True, (1, 1, 1, 1)),
    ('"Two" <sip:2500@Example.ORG;user=phone>', True, (1, 1, 1, 1)),
    ("<sip:2500@example.org>", False, (1, -3, -3, 1)),
    ("<sip:2502@example.org>", True, (1, -4, -4, 1)),
    ("<sip:2500@elsewhere.example>", True, (1, -4, -4, 1)),
    ("<tel:2500>", True, (1, -3, -3, 1)),
    ("<sip:example.org>", True, (1, -3, -3, 1)),
    ("<sip:2500@%s>" % ("x" * 600), True, (1, -3, -3, 1)),
])
def test_an_asserted_caller_counts_if_the_script_says_so(
        server, asserted, trusted, codes):
    headers = ["P-Asserted-Identity: " + asserted]
    if trusted:
        headers.append("X-Trusted: yes")
    with bed.phone(server, "2502") as phone:
        reply = phone.invite("2501", GOOD, headers=headers)
    assert (reply.code, reply.phrase) == (480, "codes %d %d %d %d" % codes)


def test_a_password_counts_more_than_what_is_asserted(server):
    with bed.phone(server, "2502") as phone:
        reply = phone.invite("2501", GOOD, headers=[
            "P-Asserted-Identity: <sip:2500@example.org>", "X-Trusted: yes",
            "X-Auth: yes"])
    assert reply.phrase == "codes 1 -4 -4 1"


@pytest.mark.parametrize("caller, event", [
    ("2500", "event sipvpn:admitted mine-2500 allowed end"),
    ("2502", "event sipvpn:rejected mine-2502 the caller is not a member "
             "end"),
])
def test_events(server, caller, event):
    with bed.phone(server, caller) as phone:
        phone.invite("2501", GOOD, headers=["X-Auth: yes",
                                            f"X-Mark: mine-{caller}"])
    server.logged(event)


@pytest.mark.parametrize("code", [180, 183, 200, 401, 488])
def test_a_reply_is_no_request(server, code):
    """A script may come there from anywhere."""
    before, mark = server.counters(), server.proc.mark()
    with bed.phone(server, "2500") as phone:
        request = phone.build("INVITE", "sip:2501@example.org", 1,
                              f"reply-{code}", f"z9hG4bKreply{code}",
                              body=GOOD)
        phone.send(re.sub(rb"^INVITE .*", b"SIP/2.0 %d Fine\r" % code,
                          request))
    server.proc.wait_for("reply codes -10 -10 end", since=mark)
    assert server.counters() == before


def test_what_cannot_be_watched_is_refused_and_logged(tmp_path):
    """The script has forgotten a module, which the start does not tell where
    it gives flags; or memory is short.
    """
    cfg = tmp_path / "no-tm.cfg"
    cfg.write_text(COMMON.replace('loadmodule "tm.so"\n', "") + """
request_route {
	$avp(caller) = "sip:2500@example.org";
	$var(flags) = "";
	sipvpn_manage("$var(flags)");
	sl_send_reply("480", "$rc");
}
""")
    refused = "VPN refused: the server cannot check groups now"
    with bed.kamailio(tmp_path, cfg=str(cfg)) as server:
        with bed.phone(server, "2500") as phone:
            for number, body in enumerate((GOOD, b"", bed.sdp(bed.AUDIO))):
                reply = phone.invite("2501", body)
                assert (reply.code, reply.phrase) == (403, refused)
                server.logged("sipvpn_manage() needs the module tm")
                wait_until(lambda: server.log.count(
                    "INVITE refused: nobody would look at its "
                    "replies") == number + 1)
        counted = server.counters()
        assert (counted["offers"], counted["allowed"],
                counted["rejected"]) == (1, 0, 1)
        server.stop()
