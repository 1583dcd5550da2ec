/*
 * sipvpn_rpc.c - sipvpn.reload, .check, .stats and those that change the
 * membership.
 *
 * Arguments are scanned with ".S": kamcmd makes an integer of every argument
 * that is all digits, as many users are.
 */
#include "sipvpn_rpc.h"

#include "core/dprint.h"
#include "core/rpc_lookup.h"

#include "kam_slice.h"
#include "sipvpn_edit.h"
#include "sipvpn_list.h"
#include "sipvpn_load.h"
#include "sipvpn_revoke.h"
#include "sipvpn_stats.h"
#include "sipvpn_store.h"
#include "sipvpn_table.h"

static struct slice home_domain;

static const char *reload_doc[] = {"Load groups and members again", 0};
static const char *check_doc[] = {
	"May <caller> make a VPN call to <callee> [in <group>]?", 0};
static const char *stats_doc[] = {
	"Counters and the state of the membership", 0};
static const char *add_group_doc[] = {
	"Add the group <name> [open|hub|off] [<IPv4 subnet>] [<IPv6 subnet>]",
	0};
static const char *rm_group_doc[] = {
	"Remove the group <name> and its members", 0};
static const char *add_member_doc[] = {
	"Add to <group> the <member> [member|hub]", 0};
static const char *rm_member_doc[] = {"Remove from <group> the <member>", 0};

static void rpc_reload(rpc_t *rpc, void *ctx)
{
	struct sipvpn_report report;
	void *reply;

	switch (sipvpn_load_again(&report)) {
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

/* The next argument; empty when there is none. */
static struct slice scan_more(rpc_t *rpc, void *ctx)
{
	str text = {NULL, 0};

	if (rpc->scan(ctx, "*.S", &text) < 1)
		return SLICE("");
	return slice_of_str(&text);
}

static void rpc_check(rpc_t *rpc, void *ctx)
{
	static const struct sipvpn_ends none;
	str caller_text, callee_text, found;
	struct sipvpn_aor caller, callee;
	struct sipvpn_decision decision;
	struct slice group;
	void *reply;

	if (rpc->scan(ctx, ".S.S", &caller_text, &callee_text) < 2) {
		rpc->fault(ctx, 400, "Usage: <caller> <callee> [<group>]");
		return;
	}
	group = scan_more(rpc, ctx);
	if (!scan_aor(rpc, ctx, "caller", &caller_text, &caller) ||
		!scan_aor(rpc, ctx, "callee", &callee_text, &callee))
		return;
	sipvpn_table_judge(&caller, &callee, group, &none, &decision);
	found = (str){decision.group, (int)decision.group_len};
	if (rpc->add(ctx, "{", &reply) < 0)
		return;
	rpc->struct_add(reply, "ddsS", "allowed",
		decision.verdict == SIPVPN_ALLOWED, "code",
		(int)decision.verdict, "reason",
		sipvpn_verdict_text(decision.verdict), "group", &found);
}

static void rpc_stats(rpc_t *rpc, void *ctx)
{
	static const struct {
		char *name;
		enum sipvpn_gauge gauge;
	} gauges[] = {{"groups", SIPVPN_GROUPS}, {"members", SIPVPN_MEMBERS},
		{"snapshot_bytes", SIPVPN_BYTES},
		{"last_reload", SIPVPN_LOADED},
		{"generation", SIPVPN_GENERATION}};
	static const struct {
		char *name;
		enum sipvpn_counter counter;
	} counters[] = {{"offers", SIPVPN_OFFERS}, {"allowed", SIPVPN_ADMITTED},
		{"rejected", SIPVPN_REJECTED}, {"reloads", SIPVPN_RELOADS},
		{"reload_fail", SIPVPN_RELOAD_FAILS},
		{"revoked", SIPVPN_REVOKED}};
	void *reply;

	if (rpc->add(ctx, "{", &reply) < 0)
		return;
	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		rpc->struct_add(reply, "d", counters[i].name,
			(int)sipvpn_stats_value(counters[i].counter));
	rpc->struct_add(reply, "d", "calls", (int)sipvpn_store_count());
	for (size_t i = 0; i < sizeof(gauges) / sizeof(gauges[0]); i++)
		rpc->struct_add(reply, "d", gauges[i].name,
			(int)sipvpn_table_gauge(gauges[i].gauge));
}

/* True when it is done; else the fault has been sent. */
static bool edited(
	rpc_t *rpc, void *ctx, enum sipvpn_edit result, enum sipvpn_row why)
{
	switch (result) {
	case SIPVPN_EDITED:
		return true;
	case SIPVPN_EDIT_NO_DB:
		rpc->fault(ctx, 405,
			"The membership is a file: change that, and reload");
		break;
	case SIPVPN_EDIT_FAILED:
		rpc->fault(ctx, 500,
			"The database refused, nothing has changed; the log "
			"says why");
		break;
	case SIPVPN_EDIT_NO_GROUP:
		rpc->fault(ctx, 404, "There is no such group");
		break;
	case SIPVPN_EDIT_NO_MEMBER:
		rpc->fault(ctx, 404, "The group has no such member");
		break;
	case SIPVPN_EDIT_EXISTS:
		rpc->fault(ctx, 409, "It is there already");
		break;
	case SIPVPN_EDIT_FULL:
		rpc->fault(ctx, 409, "The subnet has no free address left");
		break;
	case SIPVPN_EDIT_MANY:
		rpc->fault(ctx, 409, "The member is in %d groups already",
			SIPVPN_MAX_MEMBERSHIPS);
		break;
	case SIPVPN_EDIT_BAD:
		rpc->fault(ctx, 400, "Refused: %s", sipvpn_row_text(why));
		break;
	}
	return false;
}

/*
 * They come in any order, known by their looks, each once; an empty one stands
 * for none.
 */
static bool scan_terms(rpc_t *rpc, void *ctx, struct sipvpn_group_row *group)
{
	str text;

	while (rpc->scan(ctx, "*.S", &text) >= 1) {
		struct slice more = slice_of_str(&text);
		struct slice *place = &group->policy;

		if (more.len == 0)
			continue;
		if (memchr(more.p, ':', more.len))
			place = &group->subnet6;
		else if (memchr(more.p, '/', more.len))
			place = &group->subnet4;
		if (place->len > 0)
			return false;
		*place = more;
	}
	return true;
}

static void rpc_add_group(rpc_t *rpc, void *ctx)
{
	struct sipvpn_group_row group = {.id = 1};
	enum sipvpn_edit result;
	enum sipvpn_row why;
	str name;

	if (rpc->scan(ctx, ".S", &name) < 1 || !scan_terms(rpc, ctx, &group)) {
		rpc->fault(ctx, 400,
			"Usage: <name> [open|hub|off] [<IPv4 subnet>] [<IPv6 "
			"subnet>]");
		return;
	}
	group.name = slice_of_str(&name);
	result = sipvpn_edit_add_group(&group, &why);
	if (edited(rpc, ctx, result, why))
		rpc->add(ctx, "s", "added");
}

static void rpc_rm_group(rpc_t *rpc, void *ctx)
{
	str name;

	if (rpc->scan(ctx, ".S", &name) < 1) {
		rpc->fault(ctx, 400, "Usage: <name>");
		return;
	}
	if (edited(rpc, ctx, sipvpn_edit_rm_group(slice_of_str(&name)),
		    SIPVPN_ROW_OK))
		rpc->add(ctx, "s", "removed");
}

static void rpc_add_member(rpc_t *rpc, void *ctx)
{
	struct sipvpn_end end = {.hub = false};
	enum sipvpn_edit result;
	struct sipvpn_aor who;
	enum sipvpn_row why;
	str group, member;
	void *reply;
	bool hub;

	if (rpc->scan(ctx, ".S.S", &group, &member) < 2) {
		rpc->fault(ctx, 400, "Usage: <group> <member> [member|hub]");
		return;
	}
	if (!scan_aor(rpc, ctx, "member", &member, &who))
		return;
	if (!sipvpn_role_parse(scan_more(rpc, ctx), &hub)) {
		rpc->fault(ctx, 400, "The role must be member or hub");
		return;
	}
	result = sipvpn_edit_add_member(
		slice_of_str(&group), &who, hub, &end, &why);
	if (!edited(rpc, ctx, result, why))
		return;
	if (rpc->add(ctx, "{", &reply) >= 0)
		sipvpn_list_member(rpc, reply, &who, &end);
}

static void rpc_rm_member(rpc_t *rpc, void *ctx)
{
	struct sipvpn_aor who;
	str group, member;

	if (rpc->scan(ctx, ".S.S", &group, &member) < 2) {
		rpc->fault(ctx, 400, "Usage: <group> <member>");
		return;
	}
	if (!scan_aor(rpc, ctx, "member", &member, &who))
		return;
	if (edited(rpc, ctx, sipvpn_edit_rm_member(slice_of_str(&group), &who),
		    SIPVPN_ROW_OK))
		rpc->add(ctx, "s", "removed");
}

static rpc_export_t methods[] = {
	{"sipvpn.reload", rpc_reload, reload_doc, 0},
	{"sipvpn.check", rpc_check, check_doc, 0},
	{"sipvpn.stats", rpc_stats, stats_doc, 0},
	{"sipvpn.groups", sipvpn_list_rpc_groups, sipvpn_list_groups_doc, 0},
	{"sipvpn.members", sipvpn_list_rpc_members, sipvpn_list_members_doc, 0},
	{"sipvpn.add_group", rpc_add_group, add_group_doc, 0},
	{"sipvpn.rm_group", rpc_rm_group, rm_group_doc, 0},
	{"sipvpn.add_member", rpc_add_member, add_member_doc, 0},
	{"sipvpn.rm_member", rpc_rm_member, rm_member_doc, 0},
	{"sipvpn.calls", sipvpn_revoke_rpc_calls, sipvpn_revoke_calls_doc, 0},
	{"sipvpn.revoke", sipvpn_revoke_rpc, sipvpn_revoke_doc, 0},
	{0, 0, 0, 0},
};

int sipvpn_rpc_init(const str *domain)
{
	home_domain = slice_of_str(domain);
	sipvpn_revoke_init(home_domain);
	if (rpc_register_array(methods) == 0)
		return 0;
	LM_ERR("cannot register the RPC commands\n");
	return -1;
}
