/*
 * sipvpn_pv.c - the pseudo-variable $vpn(...): what was decided about the
 * message being worked on, and what its VPN section says.
 */
#include "sipvpn_pv.h"

#include "core/dprint.h"
#include "core/pvapi.h"

#include "kam_slice.h"
#include "sipvpn_body.h"
#include "sipvpn_only.h"
#include "sipvpn_record.h"
#include "vpnsdp/vpnsdp.h"

enum field {
	GROUP,
	IP,
	PORT,
	LOCAL,
	REMOTE,
	CALLER,
	CALLEE,
	REASON,
	ONLY,
	FIELDS
};

static const struct slice field_names[] = {
	[GROUP] = {"group", 5},
	[IP] = {"ip", 2},
	[PORT] = {"port", 4},
	[LOCAL] = {"local", 5},
	[REMOTE] = {"remote", 6},
	[CALLER] = {"caller", 6},
	[CALLEE] = {"callee", 6},
	[REASON] = {"reason", 6},
	[ONLY] = {"only", 4},
};

static int parse_name(pv_spec_t *sp, str *in)
{
	struct slice name = slice_of_str(in);

	for (int i = 0; i < FIELDS; i++) {
		if (!slice_eq(name, field_names[i]))
			continue;
		sp->pvp.pvn.type = PV_NAME_INTSTR;
		sp->pvp.pvn.u.isname.type = 0;
		sp->pvp.pvn.u.isname.name.n = i;
		return 0;
	}
	LM_ERR("there is no $vpn(%.*s)\n", STR_FMT(in));
	return -1;
}

static int get_text(struct sip_msg *msg, pv_param_t *param, pv_value_t *res,
	struct slice text)
{
	str value = str_of_slice(text);

	return text.len > 0 ? pv_get_strval(msg, param, res, &value)
			    : pv_get_null(msg, param, res);
}

static int get_addr(struct sip_msg *msg, pv_param_t *param, pv_value_t *res,
	const struct vpnsdp_addr *addr)
{
	char *mem = pv_get_buffer();
	struct sbuf b = sbuf_over(mem, (size_t)pv_get_buffer_size());

	vpnsdp_addr_write(addr, &b);
	return get_text(msg, param, res, sbuf_slice(&b));
}

/* From the section itself: it need not have been judged. */
static int get_section(
	struct sip_msg *msg, pv_param_t *param, pv_value_t *res, int field)
{
	struct vpnsdp_addr ip;
	struct vpnsdp sdp;
	struct slice body;
	uint16_t port;

	if (sipvpn_body_find(msg, &body) != SIPVPN_BODY_FOUND ||
		vpnsdp_parse(body, &sdp, NULL) != VPNSDP_OK)
		return pv_get_null(msg, param, res);
	if (field == GROUP)
		return get_text(msg, param, res, sdp.vpn_id);
	if (field == LOCAL)
		return get_addr(msg, param, res, &sdp.local);
	if (field == REMOTE)
		return get_addr(msg, param, res, &sdp.remote);
	if (!vpnsdp_endpoint(&sdp, &ip, &port))
		return pv_get_null(msg, param, res);
	if (field == IP)
		return get_addr(msg, param, res, &ip);
	return pv_get_sintval(msg, param, res, port);
}

static int get_reason(struct sip_msg *msg, pv_param_t *param, pv_value_t *res,
	const struct sipvpn_record *r)
{
	const char *text =
		r->reason ? r->reason : sipvpn_verdict_text(r->verdict);

	return get_text(msg, param, res, (struct slice){text, strlen(text)});
}

static int get_only(struct sip_msg *msg, pv_param_t *param, pv_value_t *res)
{
	struct slice body;
	bool only = sipvpn_body_find(msg, &body) == SIPVPN_BODY_FOUND &&
		    sipvpn_only(body);

	return pv_get_sintval(msg, param, res, only);
}

static int get_value(struct sip_msg *msg, pv_param_t *param, pv_value_t *res)
{
	const struct sipvpn_record *r = sipvpn_record_get(msg);
	int field = (int)param->pvn.u.isname.name.n;

	if (field == ONLY)
		return get_only(msg, param, res);
	if (field == GROUP && r && r->group_len > 0)
		return get_text(msg, param, res,
			(struct slice){r->group, r->group_len});
	if (field < CALLER)
		return get_section(msg, param, res, field);
	if (!r)
		return pv_get_null(msg, param, res);
	if (field == CALLER)
		return get_text(msg, param, res,
			(struct slice){r->caller, r->caller_len});
	if (field == CALLEE)
		return get_text(msg, param, res,
			(struct slice){r->callee, r->callee_len});
	return get_reason(msg, param, res, r);
}

pv_export_t sipvpn_pvs[] = {
	{{(char *)"vpn", 3}, PVT_OTHER, get_value, NULL, parse_name, NULL, NULL,
		0},
	{{NULL, 0}, 0, NULL, NULL, NULL, NULL, NULL, 0},
};
