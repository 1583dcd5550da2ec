/* vpnsdp_names.c - group and tunnel addresses of a body, no more. PURE. */
#include "vpnsdp_priv.h"

/* The value of "NAME:value"; false when the line is another. */
static bool value_of(struct slice line, struct slice name, struct slice *value)
{
	if (line.len < name.len ||
		!slice_caseeq((struct slice){line.p, name.len}, name))
		return false;
	*value = slice_skip(line, name.len);
	return true;
}

static enum vpnsdp_err read_addr(struct slice value, struct vpnsdp_addr *out)
{
	if (out->family)
		return VPNSDP_TWICE;
	return vpnsdp_addr_parse(value, out) ? VPNSDP_OK : VPNSDP_BAD_ADDRESS;
}

static enum vpnsdp_err read_id(struct slice value, struct slice *out)
{
	if (out->len > 0)
		return VPNSDP_TWICE;
	if (value.len == 0 || value.len > VPNSDP_MAX_VPN_ID)
		return VPNSDP_BAD_VPN_ID;
	*out = value;
	return VPNSDP_OK;
}

static enum vpnsdp_err read_line(struct slice line, struct vpnsdp_names *names)
{
	struct slice value = SLICE("");

	if (!slice_starts(line, SLICE("a=")))
		return VPNSDP_OK;
	line = slice_skip(line, 2);
	if (value_of(line, SLICE("VPN_LOCAL_ADDR:"), &value))
		return read_addr(value, &names->local);
	if (value_of(line, SLICE("VPN_REMOTE_ADDR:"), &value))
		return read_addr(value, &names->remote);
	if (value_of(line, SLICE("VPN_ID:"), &value))
		return read_id(value, &names->vpn_id);
	return VPNSDP_OK;
}

enum vpnsdp_err vpnsdp_read_names(struct slice body, struct vpnsdp_names *out)
{
	struct vpnsdp_names names = {.vpn_id = SLICE("")};
	struct slice line = SLICE("");
	enum vpnsdp_err ret;

	while (vpnsdp_line_with_vpn(&body, &line)) {
		ret = read_line(line, &names);
		if (ret)
			return ret;
	}
	*out = names;
	return VPNSDP_OK;
}
