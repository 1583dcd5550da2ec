"""The return codes a script sees, native and from Lua, are the same."""

import pytest

from testlib import bed

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
"""

NATIVE = COMMON + """
request_route {
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
	sl_send_reply("480", "codes $var(offer) $var(code)");
}
"""

LUA_CFG = COMMON + """
loadmodule "app_lua.so"
modparam("app_lua", "load", LUA_FILE)
cfgengine "lua"
"""

LUA = """
function ksr_request_route()
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
	KSR.sl.sl_send_reply(480, "codes " .. offer .. " " .. code)
	return 1
end
"""

GOOD = bed.sdp(bed.vpn())
NAMED = bed.sdp(bed.vpn("lab"))

# what, caller, callee, body, group of the script, authenticate, codes
CASES = [
    ("allowed", "2500", "2501", GOOD, None, True, (1, 1)),
    ("allowed, named", "2500", "2501", NAMED, None, True, (1, 1)),
    ("allowed, demanded", "2500", "2501", GOOD, "lab", True, (1, 1)),
    ("allowed, both", "2500", "2501", NAMED, "lab", True, (1, 1)),
    ("no offer", "2500", "2501", bed.sdp(bed.AUDIO), None, True, (-1, -1)),
    ("no body", "2500", "2501", b"", None, True, (-1, -1)),
    ("malformed", "2500", "2501", GOOD + GOOD, None, True, (1, -2)),
    ("not authenticated", "2500", "2501", GOOD, None, False, (1, -3)),
    ("caller in no group", "2502", "2501", GOOD, None, True, (1, -4)),
    ("caller not in it", "2503", "2501", NAMED, None, True, (1, -4)),
    ("callee in no group", "2500", "2502", GOOD, None, True, (1, -5)),
    ("callee not in it", "2500", "2503", NAMED, None, True, (1, -5)),
    ("none shared", "2500", "2503", GOOD, None, True, (1, -6)),
    ("no such group", "2500", "2501", bed.sdp(bed.vpn("x")), None, True,
     (1, -7)),
    ("no such demand", "2500", "2501", GOOD, "x", True, (1, -7)),
    ("they disagree", "2500", "2501", NAMED, "attic", True, (1, -8)),
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
    assert (reply.code, reply.phrase) == (480, "codes %d %d" % codes)
