"""The same from a script in Lua: nothing is needed there but the call of
manage(), and event_callback learns of the end.
"""

import pytest

from testlib import bed
from testlib.calls import Byes, OFFER, until_listed, up
from testlib.talk import Talker, within

CFG = """
listen=udp:LISTEN_IP:LISTEN_PORT
dns=no
rev_dns=no
auto_aliases=no
children=2
debug=2
""" + "".join(f'loadmodule "{name}.so"\n' for name in (
    "db_sqlite", "kex", "tm", "sl", "pv", "rr", "textopsx", "siputils",
    "ctl", "jsonrpcs")) + """
loadmodule SIPVPN_SO
loadmodule "dialog.so"
loadmodule "app_lua.so"
modparam("ctl", "binrpc", CTL_SOCKET)
modparam("jsonrpcs", "transport", 4)
modparam("jsonrpcs", "dgram_socket", RPC_SOCKET)
modparam("sipvpn", "db_url", DB_URL)
modparam("sipvpn", "trusted_caller", "$avp(caller)")
modparam("sipvpn", "event_callback", "on_vpn")
modparam("app_lua", "load", LUA_FILE)
cfgengine "lua"
"""

LUA = """
function on_vpn(event)
	KSR.notice("event " .. event .. " " .. KSR.pv.gete("$ci") .. " " ..
		KSR.pv.gete("$vpn(caller)") .. " " ..
		KSR.pv.gete("$vpn(reason)") .. " end\\n")
	return 1
end

function ksr_request_route()
	if KSR.siputils.has_totag() > 0 then
		KSR.rr.loose_route()
		KSR.tm.t_relay()
		return 1
	end
	KSR.pv.sets("$avp(caller)", KSR.pv.gete("$fu"))
	KSR.rr.record_route()
	if KSR.sipvpn.manage() > 0 then
		KSR.setdsturi(KSR.hdr.get("X-Hop"))
		KSR.tm.t_relay()
	end
	return 1
end
"""


@pytest.fixture
def server(tmp_path):
    cfg, lua = tmp_path / "calls.cfg", tmp_path / "calls.lua"
    cfg.write_text(CFG)
    lua.write_text(LUA)
    with bed.kamailio(tmp_path, cfg=str(cfg),
                      defines={"LUA_FILE": f'"{lua}"'}) as running:
        yield running
        running.stop()


def test_lua_learns_of_the_end(server):
    address = (server.ip, server.port)
    with Talker(address, "2501") as one, Talker(address, "2500") as two:
        hop = {"headers": [f"X-Hop: sip:{two.ip}:{two.port}"]}
        here, unused = up(one, two, **hop)
        assert within(here, two, "BYE")[1].code == 200
        server.logged(f"event sipvpn:ended {here.call_id} 2501@example.org "
                      "hung up end")
        here, unused = up(one, two, b"", OFFER, **hop)
        until_listed(server, 1)
        byes = Byes(one, two)
        server.rpc("sipvpn.revoke", "2500@example.org")
        assert set(byes.all()) == {"2500", "2501"}
        server.logged(f"event sipvpn:ended {here.call_id} 2501@example.org "
                      "revoked end")
