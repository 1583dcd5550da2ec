/* agent_uas.c - requests from the peer. */
#include "sip/agent_int.h"

#include <string.h>

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

static void respond(struct agent *a, osip_transaction_t *tr, int status,
	const char *phrase, const char *header, const char *value)
{
	char tag[TOKEN_LEN + 1];
	osip_message_t *r;

	token_fill(tag);
	r = msg_response(tr->orig_request, status, phrase, tag);
	if (!r)
		return;
	if (header)
		msg_add(r, header, value);
	stack_respond(a->stack, tr, r);
}

static void take_call(struct agent *a, osip_transaction_t *tr,
	osip_message_t *msg, struct slice sdp)
{
	struct agent_event ev = {.type = AGENT_INVITED, .body = sdp};
	struct agent_call *call = agent_call_new(a);
	char *peer = NULL;

	call->call_id = msg_call_id(msg);
	call->branch = g_strdup(msg_branch(msg));
	call->remote_cseq = msg_cseq(msg);
	call->invite = tr;
	stack_txn(tr)->call = call;
	osip_uri_to_str(msg->from->url, &peer);
	call->peer = g_strdup(peer ? peer : "sip:unknown");
	osip_free(peer);
	ev.call = call;
	ev.peer = (struct slice){call->peer, strlen(call->peer)};
	agent_report(a, &ev);
}

static void on_reinvite(struct agent *a, osip_transaction_t *tr,
	osip_message_t *msg, struct slice sdp)
{
	struct agent_call *call = agent_find_dialog(a, msg);
	struct agent_event ev = {
		.type = AGENT_REINVITED, .call = call, .body = sdp};

	if (!call) {
		respond(a, tr, 481, NULL, NULL, NULL);
		return;
	}
	if (call->invite || call->reinvite || call->ok.text) {
		/* RFC 3261 section 14.2: the one before is not finished */
		respond(a, tr, 500, NULL, "Retry-After", "3");
		return;
	}
	call->reinvite = tr;
	stack_txn(tr)->call = call;
	agent_report(a, &ev);
}

static void on_invite(
	struct agent *a, osip_transaction_t *tr, osip_message_t *msg)
{
	struct slice sdp;

	if (!msg_sdp(msg, &sdp)) {
		respond(a, tr, 415, NULL, "Accept", "application/sdp");
		return;
	}
	if (msg_to_tag(msg))
		on_reinvite(a, tr, msg, sdp);
	else
		take_call(a, tr, msg, sdp);
}

static void on_bye(struct agent *a, osip_transaction_t *tr, osip_message_t *msg)
{
	struct agent_call *call = agent_find_dialog(a, msg);
	struct agent_event ev = {.type = AGENT_BYE,
		.call = call,
		.phrase = msg_reason_text(msg)};

	respond(a, tr, call ? 200 : 481, NULL, NULL, NULL);
	if (!call)
		return;
	dialog_ok_stop(&call->ok);
	agent_report(a, &ev);
}

static void on_cancel(
	struct agent *a, osip_transaction_t *tr, osip_message_t *msg)
{
	struct agent_event ev = {.type = AGENT_CANCELLED};

	/* section 9.2: it has the INVITE's branch */
	for (guint i = 0; i < a->calls->len && !ev.call; i++) {
		struct agent_call *call = a->calls->pdata[i];

		if (call->branch && strcmp(call->branch, msg_branch(msg)) == 0)
			ev.call = call;
	}
	respond(a, tr, ev.call ? 200 : 481, NULL, NULL, NULL);
	if (ev.call && ev.call->invite)
		agent_report(a, &ev);
}

static bool for_us(const struct agent *a, osip_message_t *msg)
{
	return msg->req_uri->username &&
	       strcmp(msg->req_uri->username, a->conf.user) == 0;
}

void agent_uas_request(
	struct agent *a, osip_transaction_t *tr, osip_message_t *msg)
{
	char *unsupported;

	if (MSG_IS_CANCEL(msg)) {
		on_cancel(a, tr, msg);
		return;
	}
	unsupported = msg_unsupported(msg);
	if (unsupported)
		respond(a, tr, 420, NULL, "Unsupported", unsupported);
	else if (!for_us(a, msg) && !msg_to_tag(msg))
		respond(a, tr, 404, NULL, NULL, NULL);
	else if (MSG_IS_INVITE(msg))
		on_invite(a, tr, msg);
	else if (MSG_IS_BYE(msg))
		on_bye(a, tr, msg);
	else if (MSG_IS_OPTIONS(msg))
		respond(a, tr, 200, NULL, "Allow", MSG_ALLOW);
	else
		respond(a, tr, 405, NULL, "Allow", MSG_ALLOW);
	g_free(unsupported);
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
			call->remote_cseq != msg_cseq(msg) ||
			strcmp(call->branch, msg_branch(msg)) != 0)
			continue;
		dialog_ok_repeat(&call->ok);
		known = true;
	}
	g_free(id);
	return known;
}
