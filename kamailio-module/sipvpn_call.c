/*
 * sipvpn_call.c - which dialogs are VPN calls.
 *
 * Callbacks of dialog and tm note what they see and no more: neither of the
 * two may be entered from within the other. sipvpn_end.c does the rest.
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
#include "sipvpn_body.h"
#include "sipvpn_record.h"
#include "sipvpn_store.h"
#include "sipvpn_vars.h"

static struct dlg_binds dialog;
static cmd_function dlg_manage;

/* What the answer to an offer says. */
struct answer {
	bool declined; /* the VPN, beside which it may take something else */
	struct sipvpn_ends ends; /* local is the caller's */
};

static void read_answer(struct sip_msg *reply, struct answer *out)
{
	struct vpnsdp sdp;
	struct slice body;

	if (!reply || reply == FAKED_REPLY)
		return;
	switch (sipvpn_body_find(reply, &body)) {
	case SIPVPN_BODY_NONE:
		/* without media, the answer has come before (RFC 3262) */
		out->declined = sipvpn_body_other(reply);
		break;
	case SIPVPN_BODY_FOUND:
		if (vpnsdp_parse(body, &sdp, NULL) != VPNSDP_OK)
			break;
		out->declined = sdp.port == 0;
		out->ends = (struct sipvpn_ends){sdp.remote, sdp.local};
		break;
	case SIPVPN_BODY_BROKEN:
		break;
	}
}

static void note_answer(struct sipvpn_calls *set, struct sipvpn_call *call,
	struct dlg_cell *dlg, const struct answer *answer)
{
	if (!sipvpn_call_answered(set, call,
		    slice_of_str(&dlg->tag[DLG_CALLEE_LEG]), dlg->start_ts))
		LM_ERR("no memory for an answered call\n");
	if (call->facts.ends.local.family == 0)
		call->facts.ends = answer->ends;
}

static void note(struct sipvpn_calls *set, struct sipvpn_call *call, int type,
	struct dlg_cell *dlg, const struct answer *answer)
{
	switch (type) {
	case DLGCB_CONFIRMED_NA:
		note_answer(set, call, dlg, answer);
		break;
	case DLGCB_FAILED:
		sipvpn_call_over(set, call, SIPVPN_WHY_UNANSWERED);
		break;
	case DLGCB_EXPIRED:
		sipvpn_call_over(set, call, SIPVPN_WHY_EXPIRED);
		break;
	case DLGCB_TERMINATED:
		sipvpn_call_over(set, call, SIPVPN_WHY_HUNG_UP);
		break;
	default:
		sipvpn_call_gone(set, call);
	}
}

static void on_dialog(
	struct dlg_cell *dlg, int type, struct dlg_cb_params *params);

/* The number of the dialog's call, or its 0; NULL: it never was a VPN call. */
static uint32_t *id_of(struct dlg_cell *dlg)
{
	struct dlg_callback *cb = dlg->cbs.first;

	while (cb && cb->callback != on_dialog)
		cb = cb->next;
	return cb ? cb->param : NULL;
}

/* The dialog goes on, and is no VPN call any more. */
static void leave(struct dlg_cell *dlg, enum sipvpn_why why)
{
	uint32_t *id = id_of(dlg);
	struct sipvpn_calls *set;
	struct sipvpn_call *call;

	sipvpn_vars_forget(dlg);
	if (!id)
		return;
	set = sipvpn_store_take();
	if (!set)
		return;
	call = sipvpn_calls_find(set, *id);
	*id = 0;
	if (call) {
		sipvpn_call_over(set, call, why);
		sipvpn_call_gone(set, call);
	}
	sipvpn_store_give();
}

static void on_dialog(
	struct dlg_cell *dlg, int type, struct dlg_cb_params *params)
{
	const uint32_t *id = *params->param;
	struct answer answer = {.declined = false};
	struct sipvpn_calls *set;
	struct sipvpn_call *call;

	if (type == DLGCB_CONFIRMED_NA) {
		read_answer(params->rpl, &answer);
		sipvpn_vars_add_ends(dlg, &answer.ends);
	}
	set = sipvpn_store_take();
	if (!set) /* the server is going down */
		return;
	call = sipvpn_calls_find(set, *id);
	if (call)
		note(set, call, type, dlg, &answer);
	sipvpn_store_give();
	if (answer.declined)
		leave(dlg, SIPVPN_WHY_DECLINED);
}

/* The number of a new call; 0: it is not followed, which is logged. */
static uint32_t add(const struct sipvpn_call_facts *facts)
{
	struct sipvpn_calls *set = sipvpn_store_take();
	struct sipvpn_call *call = sipvpn_calls_add(set, facts);
	uint32_t id = 0;

	if (call) {
		id = call->id;
		if (facts->to_tag.len > 0)
			(void)sipvpn_call_answered(
				set, call, facts->to_tag, facts->since);
	}
	sipvpn_store_give();
	if (!call)
		SHM_MEM_ERROR;
	return id;
}

static void free_id(void *param)
{
	shm_free(param);
}

static bool register_id(struct dlg_cell *dlg, uint32_t id)
{
	uint32_t *param = shm_malloc(sizeof(*param));

	if (!param)
		return false;
	*param = id;
	if (dialog.register_dlgcb(dlg,
		    DLGCB_CONFIRMED_NA | DLGCB_FAILED | DLGCB_EXPIRED |
			    DLGCB_TERMINATED | DLGCB_DESTROY,
		    on_dialog, param, free_id) == 0)
		return true;
	shm_free(param);
	return false;
}

static void follow(struct dlg_cell *dlg, uint32_t id)
{
	uint32_t *known = id_of(dlg);
	struct sipvpn_calls *set;
	struct sipvpn_call *call;

	if (id == 0 || (!known && register_id(dlg, id)))
		return;
	set = sipvpn_store_take();
	if (known) {
		*known = id;
		sipvpn_store_give();
		return;
	}
	LM_ERR("cannot follow a call: it is not listed\n");
	call = sipvpn_calls_find(set, id);
	if (call)
		sipvpn_call_gone(set, call);
	sipvpn_store_give();
}

/* After a restart. Those of another node are for that to end. */
static void on_loaded(
	struct dlg_cell *dlg, int type, struct dlg_cb_params *params)
{
	struct sipvpn_call_facts facts = {.since = 0};

	(void)type;
	(void)params;
	if (!sipvpn_store_on() || dlg->state == DLG_STATE_DELETED ||
		!dlg->bind_addr[DLG_CALLER_LEG] ||
		!dlg->bind_addr[DLG_CALLEE_LEG] ||
		!sipvpn_vars_recall(dlg, &facts))
		return;
	follow(dlg, add(&facts));
}

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

/* The same VPN has been agreed on again, maybe with other addresses. */
static void renew(struct dlg_cell *dlg, const struct sipvpn_ends *old,
	const struct sipvpn_ends *ends)
{
	const uint32_t *id = id_of(dlg);
	struct sipvpn_calls *set;
	struct sipvpn_call *call;

	if (!id || ends->local.family == 0 ||
		(vpnsdp_addr_eq(&old->local, &ends->local) &&
			vpnsdp_addr_eq(&old->remote, &ends->remote)))
		return;
	sipvpn_vars_keep_ends(dlg, ends);
	set = sipvpn_store_take();
	call = sipvpn_calls_find(set, *id);
	if (call)
		call->facts.ends = *ends;
	sipvpn_store_give();
}

static void track_in(
	struct dlg_cell *dlg, const struct sipvpn_call_facts *facts)
{
	struct sipvpn_call_facts known;

	if (sipvpn_vars_recall(dlg, &known) &&
		slice_eq(known.group, facts->group)) {
		renew(dlg, &known.ends, &facts->ends);
		return;
	}
	if (id_of(dlg))
		leave(dlg, SIPVPN_WHY_TAKEN_OUT);
	sipvpn_vars_keep(dlg, facts);
	follow(dlg, add(facts));
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
		track_in(dlg, &facts);
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
		leave(dlg, why);
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
	if (sipvpn_store_init() < 0)
		return -1;
	if (dialog.register_dlgcb(NULL, DLGCB_LOADED, on_loaded, NULL, NULL) ==
		0)
		return 0;
	LM_ERR("cannot learn of dialogs that come from a database\n");
	return -1;
}
