"""The servers that are compared: one configuration, with or without a policy.

Rule: all relay alike. What a variant does about VPN calls it does for the
INVITE, and looks at the replies as far as it can, since a VPN may be offered
there, too.
"""

from collections import namedtuple

# name, what the report calls it, modules, parameters, within a dialog, at an
# INVITE, what stands behind request_route
Variant = namedtuple("Variant", "name title modules params within begin more")

CORE = """#!KAMAILIO
debug=1
children=1
disable_tcp=yes
auto_aliases=no
dns=no
rev_dns=no
listen=udp:127.0.0.1:{port}
{modules}
modparam("rr", "enable_full_lr", 0)
modparam("rr", "append_fromtag", 0)
modparam("jsonrpcs", "transport", 4)
modparam("jsonrpcs", "dgram_socket", "{rpc}")
{params}
{routes}
"""
ROUTES = """
request_route {{
	if (!mf_process_maxfwd_header("10")) {{
		sl_send_reply("483", "Too Many Hops");
		exit;
	}}
	if (has_totag()) {{
		if (loose_route()) {{
			{within}
			t_relay();
		}}
		exit;
	}}
	if ($fd != "example.org") {{
		sl_send_reply("403", "This server serves its own users only");
		exit;
	}}
	record_route();
	{begin}
	$du = "sip:127.0.0.1:{callee}";
	t_relay();
}}
{more}
"""
MODULES = ("tm", "sl", "rr", "pv", "maxfwd", "siputils", "kex", "jsonrpcs")
DB = ("db_sqlite",)

# Who calls is taken from From in every variant, as if proved before.
OURS = """
modparam("sipvpn", "db_url", "{db}")
modparam("sipvpn", "domain", "example.org")
modparam("sipvpn", "trusted_caller", "$fu")
modparam("sipvpn", "poll_interval", 3600)
modparam("sipvpn", "reload_delta", 0)
"""

# What one would write with Debian's modules: recognise the section, read the
# group that it names, look both ends up.
REFUSE = 'sl_send_reply("403", "VPN refused"); exit;'
ANSWERS = """
onreply_route[ANSWER] {
	if (!isflagset(1) && sdp_with_media("application/vpn")) {
		drop;
	}
}
"""
NAMED = """
	if (sdp_with_media("application/vpn")) {
		sdp_get_line_startswith("$avp(id)", "a=VPN_ID:");
		$var(g) = $(avp(id){s.substr,9,7});
		%s
		setflag(1);
	}
	t_on_reply("ANSWER");
"""
HTABLE = NAMED % f"""if ($sht(vpn=>$var(g)::$fU) == $null ||
				$sht(vpn=>$var(g)::$rU) == $null) {{
			{REFUSE}
		}}"""
SQL = NAMED % f"""sql_query("ca", "select 1 from sipvpn_group g
join sipvpn_member a on a.group_id = g.id
join sipvpn_member b on b.group_id = g.id
where g.name = '$(var(g){{s.escape.common}})'
and a.username = '$(fU{{s.escape.common}})' and a.domain = '$fd'
and b.username = '$(rU{{s.escape.common}})' and b.domain = '$rd'", "ra");
		if ($dbr(ra=>rows) == 0) {{
			{REFUSE}
		}}
		sql_result_free("ra");"""
GROUP = """
	if (sdp_with_media("application/vpn")) {
		if (!is_user_in("From", "vpn") ||
				!is_user_in("Request-URI", "vpn")) {
			%s
		}
		setflag(1);
	}
	t_on_reply("ANSWER");
""" % REFUSE
HTABLE_PARAMS = """
modparam("htable", "db_url", "{db}")
modparam("htable", "htable", "vpn=>size=18;dbtable=htable;")
"""
LUA = """
function ksr_request_route()
	if KSR.maxfwd.process_maxfwd(10) < 0 then
		KSR.sl.sl_send_reply(483, "Too Many Hops")
		return 1
	end
	if KSR.siputils.has_totag() > 0 then
		if KSR.rr.loose_route() > 0 then
			KSR.tm.t_relay()
		end
		return 1
	end
	if KSR.pv.gete("$fd") ~= "example.org" then
		KSR.sl.sl_send_reply(403, "This server serves its own users only")
		return 1
	end
	local body = KSR.pv.gete("$rb")
	if string.find(body, "m=application/vpn", 1, true) then
		local g = string.match(body, "a=VPN_ID:(%%w+)") or ""
		local from, to = KSR.pv.gete("$fU"), KSR.pv.gete("$rU")
		if KSR.htable.sht_get("vpn", g .. "::" .. from) == nil or
				KSR.htable.sht_get("vpn", g .. "::" .. to) == nil then
			KSR.sl.sl_send_reply(403, "VPN refused")
			return 1
		end
		KSR.setflag(1)
	end
	KSR.tm.t_on_reply("ksr_onreply_answer")
	KSR.rr.record_route()
	KSR.pv.sets("$du", "sip:127.0.0.1:{callee}")
	KSR.tm.t_relay()
	return 1
end

function ksr_onreply_answer()
	if not KSR.isflagset(1) and
			string.find(KSR.pv.gete("$rb"), "m=application/vpn", 1, true) then
		KSR.x.drop()
	end
	return 1
end
""".replace("%%", "%")

VARIANTS = {variant.name: variant for variant in (
    Variant("plain", "plain relaying", (), "", "", "", ""),
    Variant("ours", "sipvpn: `sipvpn_manage()`", DB + ("SIPVPN",), OURS,
            "sipvpn_manage();",
            "sipvpn_manage();", ""),
    Variant("loaded", "sipvpn loaded and never called", DB + ("SIPVPN",),
            OURS, "", "", ""),
    Variant("watched", "sipvpn, where a module may edit bodies (`textops`)",
            DB + ("textops", "SIPVPN"), OURS, "sipvpn_manage();",
            "sipvpn_manage();", ""),
    Variant("htable", "`htable` + `sdpops`", DB + ("sdpops", "htable"),
            HTABLE_PARAMS, "", HTABLE, ANSWERS),
    Variant("sqlops", "`sqlops` + SQLite + `sdpops`",
            DB + ("sdpops", "sqlops"),
            'modparam("sqlops", "sqlcon", "ca=>{db}")', "", SQL, ANSWERS),
    Variant("group", "`group` + `sdpops` (one group for all)",
            DB + ("sdpops", "group"),
            'modparam("group", "db_url", "{db}")', "", GROUP, ANSWERS),
    Variant("lua", "Lua (KEMI) + `htable`", DB + ("htable", "app_lua"),
            HTABLE_PARAMS + 'modparam("app_lua", "load", "{lua}")\n'
            'cfgengine "lua"\n', None, LUA, ""),
)}


def text(variant, port, callee, rpc, db, module, lua):
    """The configuration; and the Lua file beside it, None without one."""
    names = [module if name == "SIPVPN" else name + ".so"
             for name in MODULES + variant.modules]
    uses_lua = variant.within is None
    routes = "" if uses_lua else ROUTES.format(
        within=variant.within, begin=variant.begin, more=variant.more,
        callee=callee)
    return CORE.format(
        port=port, rpc=rpc, routes=routes,
        modules="\n".join(f'loadmodule "{name}"' for name in names),
        params=variant.params.format(db="sqlite:///" + db, lua=lua)), \
        variant.begin.replace("{callee}", str(callee)) if uses_lua else None
