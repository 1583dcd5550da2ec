/*
 * sipvpn_bye.c - how a dialog is ended from outside of it.
 */
#include "sipvpn_bye.h"

#include "core/dprint.h"
#include "core/parser/parse_rr.h"
#include "core/ut.h"

#include "kam_dialog.h"
#include "kam_slice.h"
#include "kam_tm.h"
#include "vpnsdp/sbuf.h"

#define MAX_HEADERS 256 /* bytes: two short headers */
/* Numbers that a PRACK or two have used; the dialog module leaves as many. */
#define PRACK_ROOM 80

static struct tm_binds tm;
static bool have_tm;

void sipvpn_bye_init(void)
{
	have_tm = find_export("load_tm", NO_SCRIPT, 0) && load_tm_api(&tm) == 0;
}

static void put_reason(struct sbuf *b, int cause, struct slice text)
{
	sbuf_put(b, SLICE("Reason: SIP;cause="));
	sbuf_u64(b, (uint64_t)cause);
	sbuf_put(b, SLICE(";text=\""));
	sbuf_put(b, text);
	sbuf_put(b, SLICE("\"\r\n"));
}

/* The dialog as its caller would go on with it. */
static bool callers_view(struct dlg_cell *dlg, dlg_t *out)
{
	unsigned int cseq;

	*out = (dlg_t){.state = DLG_CONFIRMED};
	if (dlg->contact[DLG_CALLEE_LEG].len <= 0 ||
		str2int(&dlg->cseq[DLG_CALLER_LEG], &cseq) != 0)
		return false;
	if (dlg->iflags & DLG_IFLAG_PRACK)
		cseq += PRACK_ROOM;
	out->loc_seq.value = cseq; /* tm counts it up */
	out->loc_seq.is_set = 1;
	out->rem_target = dlg->contact[DLG_CALLEE_LEG];
	out->loc_uri = dlg->from_uri;
	out->rem_uri = dlg->to_uri;
	out->id.call_id = dlg->callid;
	out->id.loc_tag = dlg->tag[DLG_CALLER_LEG];
	out->id.rem_tag = dlg->tag[DLG_CALLEE_LEG];
	out->send_sock = dlg->bind_addr[DLG_CALLEE_LEG];
	return dlg->route_set[DLG_CALLEE_LEG].len <= 0 ||
	       parse_rr_body(dlg->route_set[DLG_CALLEE_LEG].s,
		       dlg->route_set[DLG_CALLEE_LEG].len,
		       &out->route_set) == 0;
}

static bool bye_to_callee(struct dlg_cell *dlg, const struct sbuf *reason)
{
	char mem[MAX_HEADERS];
	struct sbuf headers = sbuf_over(mem, sizeof(mem));
	str method = str_init("BYE");
	uac_req_t request;
	bool sent = false;
	dlg_t view;
	str text;

	if (!have_tm || !callers_view(dlg, &view))
		return false;
	sbuf_put(&headers, SLICE("Max-Forwards: 70\r\n"));
	sbuf_put(&headers, sbuf_slice(reason));
	text = str_of_slice(sbuf_slice(&headers));
	set_uac_req(&request, &method, &text, NULL, &view, 0, NULL, NULL);
	sent = tm.t_request_within(&request) >= 0;
	if (view.route_set)
		free_rr(&view.route_set);
	return sent;
}

/*
 * A BYE that the dialog module may have left out is sent here. At worst a
 * callee gets two, and answers 481 to one of them.
 */
bool sipvpn_bye_both(const struct dlg_binds *dialog, struct dlg_cell *dlg,
	int cause, struct slice text)
{
	char mem[MAX_HEADERS];
	struct sbuf reason = sbuf_over(mem, sizeof(mem));
	str headers;

	put_reason(&reason, cause, text);
	headers = str_of_slice(sbuf_slice(&reason));
	if (kam_dialog_terminate(dialog, dlg, &headers) ||
		bye_to_callee(dlg, &reason))
		return true;
	LM_ERR("the call %.*s could not be ended\n", STR_FMT(&dlg->callid));
	return false;
}

bool sipvpn_bye_refuse(struct dlg_cell *dlg, const char *phrase)
{
	struct cell *t;
	bool answered;

	if (!have_tm ||
		!kam_tm_find(&tm, dlg->callid, dlg->cseq[DLG_CALLER_LEG], &t))
		return false;
	/* It cancels what rings, too. */
	answered = tm.t_reply_trans(t, t->uas.request, 403, (char *)phrase) > 0;
	tm.t_sett(T_UNDEFINED, T_BR_UNDEFINED);
	tm.unref_cell(t);
	return answered;
}
