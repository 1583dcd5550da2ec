/*
 * sipvpn_call.c - which dialogs are VPN calls.
 *
 * Requests and replies that pass tell, in the script or in callbacks of tm.
 */
#include "sipvpn_call.h"

#include <time.h>

#include "core/dprint.h"
#include "core/mem/shm_mem.h"
#include "core/parser/parse_from.h"
#include "core/parser/parse_to.h"
#include "core/timer.h"
#include "kam_dialog.h"
#include "kam_slice.h"
#include "sipvpn_follow.h"
#include "sipvpn_record.h"
#include "sipvpn_store.h"
#include "sipvpn_vars.h"

static struct dlg_binds dialog;
static cmd_function dlg_manage;

/* What record and dialog say; the slices point into both. */
static bool gather(struct sip_msg *msg, const struct sipvpn_pair *pair,
	struct dlg_cell *dlg, struct sipvpn_call_facts *f)
{
	const struct sipvpn_record *r = sipvpn_record_get(msg);

	if (!r || r->group_len == 0)
		return false;
	f->group = (struct slice){r->group, r->group_len};
	f->caller = pair->caller;
	f->callee = pair->callee;
	f->ends = r->ends;
	f->call_id = slice_of_str(&dlg->callid);
	f->from_tag = slice_of_str(&dlg->tag[DLG_CALLER_LEG]);
	f->to_tag = slice_of_str(&dlg->tag[DLG_CALLEE_LEG]);
	f->since = dlg->start_ts ? dlg->start_ts : time(NULL);
	return true;
}

static bool same_tag(const str *a, const str *b)
{
	return slice_eq(slice_of_str(a), slice_of_str(b));
}

/* Another 2xx of an INVITE that has forked is of no dialog of the module's. */
static bool is_of(struct sip_msg *msg, const struct dlg_cell *dlg)
{
	const str *callee = &dlg->tag[DLG_CALLEE_LEG];
	const str *to;

	if (callee->len <= 0)
		return true; /* nobody has answered */
	if (parse_to_header(msg) < 0 || !msg->to)
		return false;
	to = &get_to(msg)->tag_value;
	return same_tag(to, callee) || same_tag(to, &dlg->tag[DLG_CALLER_LEG]);
}

/* Whose it is must be released. */
static struct dlg_cell *dialog_of(struct sip_msg *msg)
{
	struct dlg_cell *dlg = dialog.get_dlg(msg);

	if (!dlg || is_of(msg, dlg))
		return dlg;
	dialog.release_dlg(dlg);
	return NULL;
}

static void track(struct sip_msg *msg, const struct sipvpn_pair *pair)
{
	struct sipvpn_call_facts facts = {.since = 0};
	struct dlg_cell *dlg = dialog_of(msg);

	/* A dialog that another server told of (DMQ) has no socket here. */
	if (dlg && dlg->bind_addr[DLG_CALLER_LEG] &&
		gather(msg, pair, dlg, &facts))
		sipvpn_follow(dlg, &facts);
	else
		LM_INFO("a VPN call has no dialog here: it is not listed and "
			"cannot be ended\n");
	if (dlg)
		dialog.release_dlg(dlg);
}

void sipvpn_call_begin(
	struct sip_msg *msg, const struct sipvpn_pair *pair, bool admitted)
{
	struct dlg_cell *dlg;

	if (!sipvpn_store_on())
		return;
	/* The script may have made one. */
	dlg = dialog.get_dlg(msg);
	if (dlg)
		dialog.release_dlg(dlg);
	else
		(void)dlg_manage(msg, NULL, NULL);
	if (admitted)
		track(msg, pair);
}

void sipvpn_call_on(struct sip_msg *msg, const struct sipvpn_pair *pair)
{
	if (sipvpn_store_on())
		track(msg, pair);
}

void sipvpn_call_off(struct sip_msg *msg, enum sipvpn_why why)
{
	struct sipvpn_call_facts facts;
	struct dlg_cell *dlg;

	if (sipvpn_store_count() == 0)
		return;
	dlg = dialog_of(msg);
	if (!dlg)
		return;
	if (sipvpn_vars_recall(dlg, &facts))
		sipvpn_follow_end(dlg, why);
	dialog.release_dlg(dlg);
}

bool sipvpn_call_group(
	struct sip_msg *msg, const struct sipvpn_pair *pair, struct sbuf *group)
{
	struct sipvpn_call_facts facts;
	struct sipvpn_pair its;
	struct dlg_cell *dlg;
	bool found;

	if (!sipvpn_store_on())
		return false;
	dlg = dialog_of(msg);
	if (!dlg)
		return false;
	found = sipvpn_vars_recall(dlg, &facts);
	if (found) {
		its = (struct sipvpn_pair){
			facts.caller, facts.callee, pair->from_callee};
		found = sipvpn_identity_same(&its, pair);
	}
	if (found)
		sbuf_put(group, facts.group);
	dialog.release_dlg(dlg);
	return found && sbuf_ok(group);
}

void sipvpn_call_refuse(struct sip_msg *msg)
{
	struct sipvpn_call_facts facts = {.since = 0};
	struct sipvpn_calls *set;
	struct sipvpn_call *call;

	if (!sipvpn_store_on())
		return;
	if (parse_from_header(msg) < 0 || parse_to_header(msg) < 0 ||
		!msg->callid) {
		LM_INFO("cannot tell which call to end\n");
		return;
	}
	facts.call_id = slice_of_str(&msg->callid->body);
	facts.from_tag = slice_of_str(&get_from(msg)->tag_value);
	facts.to_tag = slice_of_str(&get_to(msg)->tag_value);
	set = sipvpn_store_take();
	call = sipvpn_calls_add(set, &facts);
	if (call)
		(void)sipvpn_call_cut(set, call, SIPVPN_WHY_CLOSED,
			SIPVPN_ALLOWED, get_ticks());
	sipvpn_store_give();
	if (!call)
		SHM_MEM_ERROR;
}

int sipvpn_call_init(void)
{
	dlg_manage = find_export("dlg_manage", 0, 0);
	if (!dlg_manage || !find_export("load_dlg", 0, 0) ||
		load_dlg_api(&dialog) < 0) {
		LM_INFO("without the module dialog calls are not followed\n");
		return 0;
	}
	sipvpn_vars_init(&dialog);
	return sipvpn_store_init() < 0 ? -1 : sipvpn_follow_init(&dialog);
}
