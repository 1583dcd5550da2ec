/*
 * sipvpn_rpc.c - sipvpn.reload and sipvpn.check.
 *
 * Arguments are scanned with ".S": kamcmd makes an integer of every argument
 * that is all digits, as many users are.
 */
#include "sipvpn_rpc.h"

#include "core/dprint.h"
#include "core/rpc_lookup.h"

#include "kam_slice.h"
#include "sipvpn_db.h"

static struct slice home_domain;

static const char *reload_doc[] = {
	"Load groups and members from the database again", 0};
static const char *check_doc[] = {
	"May <caller> make a VPN call to <callee> [in <group>]?", 0};

static void rpc_reload(rpc_t *rpc, void *ctx)
{
	struct sipvpn_report report;
	void *reply;

	switch (sipvpn_db_reload(&report)) {
	case SIPVPN_RELOAD_BUSY:
		rpc->fault(ctx, 503, "Another reload is going on");
		return;
	case SIPVPN_RELOAD_EARLY:
		rpc->fault(ctx, 503,
			"Too early (reload_delta): wait %u seconds",
			report.wait);
		return;
	case SIPVPN_RELOAD_FAILED:
		rpc->fault(ctx, 500,
			"Reload failed, the old membership stays; the log "
			"says why");
		return;
	case SIPVPN_RELOADED:
		break;
	}
	if (rpc->add(ctx, "{", &reply) < 0)
		return;
	rpc->struct_add(reply, "dd", "groups", (int)report.groups, "members",
		(int)report.members);
}

static bool scan_aor(rpc_t *rpc, void *ctx, const char *what, const str *text,
	struct sipvpn_aor *out)
{
	if (sipvpn_aor_parse(slice_of_str(text), home_domain, out))
		return true;
	rpc->fault(ctx, 400, "The %s must be user@domain", what);
	return false;
}

static void rpc_check(rpc_t *rpc, void *ctx)
{
	str caller_text, callee_text, group = {NULL, 0}, found;
	struct sipvpn_aor caller, callee;
	struct sipvpn_decision decision;
	void *reply;

	if (rpc->scan(ctx, ".S.S", &caller_text, &callee_text) < 2) {
		rpc->fault(ctx, 400, "Usage: <caller> <callee> [<group>]");
		return;
	}
	if (rpc->scan(ctx, "*.S", &group) < 1)
		group = (str){NULL, 0};
	if (!scan_aor(rpc, ctx, "caller", &caller_text, &caller) ||
		!scan_aor(rpc, ctx, "callee", &callee_text, &callee))
		return;
	sipvpn_table_judge(&caller, &callee, slice_of_str(&group), &decision);
	found = (str){decision.group, (int)decision.group_len};
	if (rpc->add(ctx, "{", &reply) < 0)
		return;
	rpc->struct_add(reply, "ddsS", "allowed",
		decision.verdict == SIPVPN_ALLOWED, "code",
		(int)decision.verdict, "reason",
		sipvpn_verdict_text(decision.verdict), "group", &found);
}

static rpc_export_t methods[] = {
	{"sipvpn.reload", rpc_reload, reload_doc, 0},
	{"sipvpn.check", rpc_check, check_doc, 0},
	{0, 0, 0, 0},
};

int sipvpn_rpc_init(const str *domain)
{
	home_domain = slice_of_str(domain);
	if (rpc_register_array(methods) == 0)
		return 0;
	LM_ERR("cannot register the RPC commands\n");
	return -1;
}
