/*
 * sipvpn_follow.c - the dialog of a VPN call, from its beginning to its end.
 */
#include "sipvpn_follow.h"

#include "core/dprint.h"
#include "core/mem/shm_mem.h"

#include "kam_slice.h"
#include "sipvpn_body.h"
#include "sipvpn_store.h"
#include "sipvpn_vars.h"

static const struct dlg_binds *dialog;

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

void sipvpn_follow_end(struct dlg_cell *dlg, enum sipvpn_why why)
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
		sipvpn_follow_end(dlg, SIPVPN_WHY_DECLINED);
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
	if (dialog->register_dlgcb(dlg,
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

void sipvpn_follow(struct dlg_cell *dlg, const struct sipvpn_call_facts *facts)
{
	struct sipvpn_call_facts known;

	if (sipvpn_vars_recall(dlg, &known) &&
		slice_eq(known.group, facts->group)) {
		renew(dlg, &known.ends, &facts->ends);
		return;
	}
	if (id_of(dlg))
		sipvpn_follow_end(dlg, SIPVPN_WHY_TAKEN_OUT);
	sipvpn_vars_keep(dlg, facts);
	follow(dlg, add(facts));
}

int sipvpn_follow_init(const struct dlg_binds *binds)
{
	dialog = binds;
	if (dialog->register_dlgcb(NULL, DLGCB_LOADED, on_loaded, NULL, NULL) ==
		0)
		return 0;
	LM_ERR("cannot learn of dialogs that come from a database\n");
	return -1;
}
