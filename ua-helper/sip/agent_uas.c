/* agent_uas.c - requests from the peer. */
#include "sip/agent_int.h"

#include <string.h>

#include "core/sip_check.h"
#include "sip/token.h"

struct agent_call *agent_find_dialog(struct agent *a, osip_message_t *request)
{
	for (guint i = 0; i < a->calls->len; i++) {
		struct agent_call *call = a->calls->pdata[i];

		if (call->dialog && dialog_matches(call->dialog, request))
			return call;
	}
	return NULL;
}

static osip_message_t *response_to(osip_transaction_t *tr, int status)
{
	char tag[TOKEN_LEN + 1];

	token_fill(tag);
	return msg_response(tr->orig_request, status, NULL, tag);
}

static void respond(struct agent *a, osip_transaction_t *tr, int status,
	const char *header, const char *value)
{
	osip_message_t *r = response_to(tr, status);

	if (!r)
		return;
	if (header)
		msg_add(r, header, value);
	stack_respond(a->stack, tr, r);
}

/* Section 11.2: what an INVITE could contain, and what it is good for. */
static void respond_abilities(struct agent *a, osip_transaction_t *tr)
{
	osip_message_t *r = response_to(tr, 200);

	if (!r)
		return;
	osip_message_set_contact(r, a->contact);
	msg_add(r, "Accept", "application/sdp");
	msg_add(r, "Allow", MSG_ALLOW);
	msg_add(r, "Supported", MSG_SUPPORTED);
	stack_respond(a->stack, tr, r);
}

/* --- a call --------------------------------------------------------------- */

static void too_brief(struct agent *a, osip_transaction_t *tr)
{
	char min[12];

	g_snprintf(min, sizeof(min), "%d", SESSION_TIMER_MIN);
	respond(a, tr, 422, "Min-SE", min);
}

static void take_call(struct agent *a, osip_transaction_t *tr,
	osip_message_t *msg, struct slice sdp)
{
	struct agent_event ev = {.type = AGENT_INVITED, .body = sdp};
	struct agent_call *call = agent_call_new(a);
	char *peer = NULL;

	if (!agent_timer_asked(call, msg)) {
		agent_call_free(call);
		too_brief(a, tr);
		return;
	}
	call->call_id = msg_call_id(msg);
	call->branch = g_strdup(msg_branch(msg));
	call->from_tag = g_strdup(msg_from_tag(msg));
	call->remote_cseq = msg_cseq(msg);
	call->invite_cseq = call->remote_cseq;
	call->secure = msg_is_sips(msg);
	call->invite = tr;
	stack_txn(tr)->call = call;
	agent_learn(call, msg);
	osip_uri_to_str(msg->from->url, &peer);
	call->peer = g_strdup(peer ? peer : "sip:unknown");
	osip_free(peer);
	ev.call = call;
	ev.peer = (struct slice){call->peer, strlen(call->peer)};
	agent_report(a, &ev);
}

/* --- inside a dialog ------------------------------------------------------ */

/* A re-INVITE, or an UPDATE with an offer. */
static void on_offer(struct agent *a, struct agent_call *call,
	osip_transaction_t *tr, osip_message_t *msg, struct slice sdp)
{
	struct agent_event ev = {
		.type = AGENT_REINVITED, .call = call, .body = sdp};

	if (call->invite || call->reinvite || call->ok.text) {
		/* RFC 3261 section 14.2: the one before is not finished */
		respond(a, tr, 500, "Retry-After", "3");
		return;
	}
	if (call->offering && call->retry == 0) {
		respond(a, tr, 491, NULL, NULL); /* ours is out */
		return;
	}
	if (!agent_timer_asked(call, msg)) {
		too_brief(a, tr);
		return;
	}
	agent_learn(call, msg);
	call->reinvite = tr;
	stack_txn(tr)->call = call;
	agent_report(a, &ev);
}

/* RFC 3311 section 5.2; without an offer it refreshes the session. */
static void on_update(struct agent *a, struct agent_call *call,
	osip_transaction_t *tr, osip_message_t *msg, struct slice sdp)
{
	osip_message_t *r;

	if (sdp.len > 0) {
		on_offer(a, call, tr, msg, sdp);
		return;
	}
	if (!agent_timer_asked(call, msg)) {
		too_brief(a, tr);
		return;
	}
	agent_learn(call, msg);
	r = response_to(tr, 200);
	if (!r)
		return;
	osip_message_set_contact(r, a->contact);
	agent_timer_agree(call, r);
	stack_respond(a->stack, tr, r);
}

static void on_bye(struct agent *a, struct agent_call *call,
	osip_transaction_t *tr, osip_message_t *msg)
{
	struct agent_event ev = {.type = AGENT_BYE,
		.call = call,
		.phrase = msg_reason_text(msg)};

	respond(a, tr, 200, NULL, NULL);
	dialog_ok_stop(&call->ok);
	agent_timer_stop(call);
	agent_report(a, &ev);
}

/* Section 12.2.2: what was overtaken by a later request is refused. */
static bool in_order(struct agent_call *call, osip_message_t *msg)
{
	if (call->remote_cseq >= msg_cseq(msg) && call->remote_cseq > 0)
		return false;
	call->remote_cseq = msg_cseq(msg);
	return true;
}

static void in_dialog(struct agent *a, osip_transaction_t *tr,
	osip_message_t *msg, struct slice sdp)
{
	struct agent_call *call = agent_find_dialog(a, msg);

	if (!call)
		respond(a, tr, 481, NULL, NULL);
	else if (!in_order(call, msg))
		respond(a, tr, 500, NULL, NULL);
	else if (MSG_IS_INVITE(msg))
		on_offer(a, call, tr, msg, sdp);
	else if (MSG_IS_UPDATE(msg))
		on_update(a, call, tr, msg, sdp);
	else if (MSG_IS_BYE(msg))
		on_bye(a, call, tr, msg);
	else
		respond_abilities(a, tr);
}

/*
 * An UPDATE while our INVITE is not answered: its offer is open, and no
 * dialog of ours knows of the other's tag yet (RFC 3311 section 5.2).
 */
static bool early_update(
	struct agent *a, osip_transaction_t *tr, osip_message_t *msg)
{
	char *id = msg_call_id(msg);
	bool ours = false;

	for (guint i = 0; i < a->calls->len && !ours; i++) {
		struct agent_call *call = a->calls->pdata[i];

		ours = MSG_IS_UPDATE(msg) && call->caller && call->invite &&
		       !call->dialog && strcmp(call->call_id, id) == 0 &&
		       g_strcmp0(call->local_tag, msg_to_tag(msg)) == 0;
	}
	g_free(id);
	if (ours)
		respond(a, tr, 491, NULL, NULL);
	return ours;
}

/* --- all requests --------------------------------------------------------- */

/* Is that the INVITE that a CANCEL is for? */
static bool is_open(const osip_transaction_t *invite, osip_message_t *cancel)
{
	return invite && MSG_IS_INVITE(invite->orig_request) &&
	       strcmp(msg_branch(invite->orig_request), msg_branch(cancel)) ==
		       0;
}

static void on_cancel(
	struct agent *a, osip_transaction_t *tr, osip_message_t *msg)
{
	struct agent_event ev = {.type = AGENT_CANCELLED};

	/* Section 9.2: it has the INVITE's branch. */
	for (guint i = 0; i < a->calls->len && !ev.call; i++) {
		struct agent_call *call = a->calls->pdata[i];

		if ((call->branch &&
			    strcmp(call->branch, msg_branch(msg)) == 0) ||
			is_open(call->reinvite, msg))
			ev.call = call;
	}
	respond(a, tr, ev.call ? 200 : 481, NULL, NULL);
	if (ev.call && (ev.call->invite || is_open(ev.call->reinvite, msg)))
		agent_report(a, &ev);
}

static bool for_us(const struct agent *a, osip_message_t *msg)
{
	return msg->req_uri->username &&
	       strcmp(msg->req_uri->username, a->conf.user) == 0;
}

static bool is_served(osip_message_t *msg)
{
	return MSG_IS_INVITE(msg) || MSG_IS_BYE(msg) || MSG_IS_OPTIONS(msg) ||
	       MSG_IS_UPDATE(msg);
}

/* Section 8.2.1: 405 to what we know and do not serve, 501 to the rest. */
static void respond_method(
	struct agent *a, osip_transaction_t *tr, osip_message_t *msg)
{
	bool known = sip_check_known_method(slice_cstr(msg->sip_method));

	respond(a, tr, known ? 405 : 501, "Allow", MSG_ALLOW);
}

/* In the order of section 8.2; the method is one of ours. */
static void judge(struct agent *a, osip_transaction_t *tr, osip_message_t *msg)
{
	bool inside = msg_to_tag(msg) != NULL;
	char *unsupported = msg_unsupported(msg);
	struct slice sdp;

	if (!inside && !for_us(a, msg))
		respond(a, tr, 404, NULL, NULL);
	else if (unsupported)
		respond(a, tr, 420, "Unsupported", unsupported);
	else if (!msg_sdp(msg, &sdp))
		respond(a, tr, 415, "Accept", "application/sdp");
	else if (MSG_IS_INVITE(msg) && !msg_accepts_sdp(msg))
		respond(a, tr, 406, NULL, NULL);
	else if (inside && !early_update(a, tr, msg))
		in_dialog(a, tr, msg, sdp);
	else if (!inside && MSG_IS_INVITE(msg))
		take_call(a, tr, msg, sdp);
	else if (!inside && MSG_IS_OPTIONS(msg))
		respond_abilities(a, tr);
	else if (!inside) /* BYE, UPDATE */
		respond(a, tr, 481, NULL, NULL);
	g_free(unsupported);
}

void agent_uas_request(
	struct agent *a, osip_transaction_t *tr, osip_message_t *msg)
{
	if (MSG_IS_CANCEL(msg))
		on_cancel(a, tr, msg);
	else if (is_served(msg))
		judge(a, tr, msg);
	else
		respond_method(a, tr, msg);
}

void agent_uas_ack(struct agent *a, osip_message_t *msg)
{
	struct agent_call *call = agent_find_dialog(a, msg);
	struct agent_event ev = {.type = AGENT_ACKED, .call = call};

	if (!call || !call->ok.text || call->ok.cseq != msg_cseq(msg))
		return;
	dialog_ok_stop(&call->ok);
	if (!msg_sdp(msg, &ev.body))
		ev.body = SLICE("");
	agent_report(a, &ev);
}

bool agent_uas_repeated(struct agent *a, osip_message_t *msg)
{
	char *id;
	bool known = false;

	if (!MSG_IS_INVITE(msg) || msg_to_tag(msg))
		return false;
	id = msg_call_id(msg);
	for (guint i = 0; i < a->calls->len && !known; i++) {
		struct agent_call *call = a->calls->pdata[i];

		if (call->caller || strcmp(call->call_id, id) != 0 ||
			call->invite_cseq != msg_cseq(msg) ||
			strcmp(call->branch, msg_branch(msg)) != 0)
			continue;
		dialog_ok_repeat(&call->ok);
		known = true;
	}
	g_free(id);
	return known;
}

bool agent_uas_merged(struct agent *a, osip_message_t *msg)
{
	char *id;
	bool merged;

	if (msg_to_tag(msg) || MSG_IS_CANCEL(msg))
		return false;
	if (stack_merged(a->stack, msg))
		return true;
	if (!MSG_IS_INVITE(msg))
		return false;
	/* libosip2's transaction ended with our 200 */
	merged = false;
	id = msg_call_id(msg);
	for (guint i = 0; i < a->calls->len && !merged; i++) {
		struct agent_call *call = a->calls->pdata[i];

		merged = !call->caller && strcmp(call->call_id, id) == 0 &&
			 call->invite_cseq == msg_cseq(msg) &&
			 g_strcmp0(call->from_tag, msg_from_tag(msg)) == 0;
	}
	g_free(id);
	return merged;
}
