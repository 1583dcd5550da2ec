-- What keep.cfg does, by KEMI and as far as the tests need it.

function edit()
	if KSR.hdr.get("X-Nat") ~= nil then
		KSR.nathelper.fix_nated_sdp(tonumber(KSR.hdr.get("X-Nat")))
	end
	if KSR.hdr.get("X-Restore") == "yes" then
		KSR.notice("restore() says " .. KSR.sipvpn.restore() .. "\n")
	end
end

function ksr_request_route()
	edit()
	KSR.tm.t_on_reply("on_reply")
	KSR.tm.t_relay()
end

function on_reply()
	edit()
end
