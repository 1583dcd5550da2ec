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

#define MAX_ADDR 46 /* bytes, of IPv6 as text */

static struct dlg_binds dialog;
static cmd_function dlg_manage;

static str vars[] = {
	str_init("sipvpn_group"),
	str_init("sipvpn_caller"),
	str_init("sipvpn_callee"),
	str_init("sipvpn_local"),
	str_init("sipvpn_remote"),
};
enum { GROUP, CALLER, CALLEE, LOCAL, REMOTE, VARS };

static void keep_text(struct dlg_cell *dlg, int var, const struct sbuf *text)
{
	str value = str_of_slice(sbuf_slice(text));

	if (value.len > 0 && dialog.set_dlg_var(dlg, &vars[var], &value) != 0)
		LM_ERR("cannot set the dialog variable %s: after a restart the "
		       "call is not known\n",
			vars[var].s);
}

static void keep_aor(
	struct dlg_cell *dlg, int var, const struct sipvpn_aor *aor)
{
	char mem[SIPVPN_MAX_AOR];
	struct sbuf b = sbuf_over(mem, sizeof(mem));

	sbuf_put(&b, aor->user);
	sbuf_char(&b, '@');
	sbuf_put(&b, aor->domain);
	keep_text(dlg, var, &b);
}

static void keep_addr(
	struct dlg_cell *dlg, int var, const struct vpnsdp_addr *addr)
{
	char mem[MAX_ADDR];
	struct sbuf b = sbuf_over(mem, sizeof(mem));

	vpnsdp_addr_write(addr, &b);
	keep_text(dlg, var, &b);
}

/* Unless they are known already. */
static void keep_ends(struct dlg_cell *dlg, const struct sipvpn_ends *ends)
{
	if (kam_dialog_var(&dialog, dlg, &vars[LOCAL]))
		return;
	keep_addr(dlg, LOCAL, &ends->local);
	keep_addr(dlg, REMOTE, &ends->remote);
}

static void keep(struct dlg_cell *dlg, const struct sipvpn_call_facts *f)
{
	char mem[VPNSDP_MAX_VPN_ID];
	struct sbuf b = sbuf_over(mem, sizeof(mem));

	sbuf_put(&b, f->group);
	keep_text(dlg, GROUP, &b);
	keep_aor(dlg, CALLER, &f->caller);
	keep_aor(dlg, CALLEE, &f->callee);
	keep_ends(dlg, &f->ends);
}

/* The slices point into the dialog. False: it is no VPN call. */
static bool recall(struct dlg_cell *dlg, struct sipvpn_call_facts *f)
{
	struct slice text[VARS];

	for (int i = 0; i < VARS; i++) {
		str *value = kam_dialog_var(&dialog, dlg, &vars[i]);

		text[i] = value ? slice_of_str(value) : SLICE("");
	}
	if (text[GROUP].len == 0 ||
		!sipvpn_aor_parse(text[CALLER], SLICE(""), &f->caller) ||
		!sipvpn_aor_parse(text[CALLEE], SLICE(""), &f->callee))
		return false;
	f->group = text[GROUP];
	(void)vpnsdp_addr_parse(text[LOCAL], &f->ends.local);
	(void)vpnsdp_addr_parse(text[REMOTE], &f->ends.remote);
	f->call_id = slice_of_str(&dlg->callid);
	f->from_tag = slice_of_str(&dlg->tag[DLG_CALLER_LEG]);
	f->to_tag = slice_of_str(&dlg->tag[DLG_CALLEE_LEG]);
	f->since = dlg->start_ts;
	return true;
}

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
		out->declined = true;
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
	if (answer->declined)
		sipvpn_call_over(set, call, SIPVPN_WHY_DECLINED);
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
	struct dlg_cell *dlg, int type, struct dlg_cb_params *params)
{
	uint32_t id = *(const uint32_t *)*params->param;
	struct answer answer = {.declined = false};
	struct sipvpn_calls *set;
	struct sipvpn_call *call;

	if (type == DLGCB_CONFIRMED_NA) {
		read_answer(params->rpl, &answer);
		keep_ends(dlg, &answer.ends);
	}
	set = sipvpn_store_take();
	if (!set) /* the server is going down */
		return;
	call = sipvpn_calls_find(set, id);
	if (call)
		note(set, call, type, dlg, &answer);
	sipvpn_store_give();
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
	struct sipvpn_calls *set;
	struct sipvpn_call *call;

	if (id == 0 || register_id(dlg, id))
		return;
	LM_ERR("cannot follow a call: it is not listed\n");
	set = sipvpn_store_take();
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
		!dlg->bind_addr[DLG_CALLEE_LEG] || !recall(dlg, &facts))
		return;
	follow(dlg, add(&facts));
}

/* What message and record say; the slices point into both. */
static bool gather(struct sip_msg *msg, const struct sipvpn_pair *pair,
	struct sipvpn_call_facts *f)
{
	const struct sipvpn_record *r = sipvpn_record_get(msg);

	if (parse_headers(msg, HDR_EOH_F, 0) < 0 || !msg->callid ||
		parse_from_header(msg) < 0 || parse_to_header(msg) < 0 || !r)
		return false;
	f->group = (struct slice){r->group, r->group_len};
	f->caller = pair->caller;
	f->callee = pair->callee;
	f->ends = r->ends;
	f->call_id = slice_of_str(&msg->callid->body);
	f->from_tag = slice_of_str(&get_from(msg)->tag_value);
	f->since = (int64_t)time(NULL);
	return f->group.len > 0;
}

static void track(struct sip_msg *msg, const struct sipvpn_pair *pair)
{
	struct sipvpn_call_facts facts = {.since = 0};
	struct dlg_cell *dlg = dialog.get_dlg(msg);

	if (!dlg || !gather(msg, pair, &facts)) {
		LM_INFO("a VPN call has no dialog: it is not listed and cannot "
			"be ended\n");
	} else if (!kam_dialog_var(&dialog, dlg, &vars[GROUP])) {
		keep(dlg, &facts);
		follow(dlg, add(&facts));
	}
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

void sipvpn_call_late(struct sip_msg *reply, const struct sipvpn_pair *pair)
{
	if (sipvpn_store_on())
		track(reply, pair);
}

void sipvpn_call_refuse(struct sip_msg *reply)
{
	struct sipvpn_call_facts facts = {.since = 0};
	struct sipvpn_calls *set;
	struct sipvpn_call *call;

	if (!sipvpn_store_on())
		return;
	if (parse_from_header(reply) < 0 || parse_to_header(reply) < 0 ||
		!reply->callid) {
		LM_INFO("cannot tell which call to end\n");
		return;
	}
	facts.call_id = slice_of_str(&reply->callid->body);
	facts.from_tag = slice_of_str(&get_from(reply)->tag_value);
	facts.to_tag = slice_of_str(&get_to(reply)->tag_value);
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
	if (sipvpn_store_init() < 0)
		return -1;
	if (dialog.register_dlgcb(NULL, DLGCB_LOADED, on_loaded, NULL, NULL) ==
		0)
		return 0;
	LM_ERR("cannot learn of dialogs that come from a database\n");
	return -1;
}
