/* agent_uac.c - responses to our requests inside a call. */
#include "sip/agent_int.h"

#include <string.h>

static void accepted(
	struct agent *a, struct agent_call *call, osip_message_t *msg)
{
	struct agent_event ev = {
		.type = AGENT_ACCEPTED,
		.call = call,
		.status = (uint16_t)msg->status_code,
	};

	call->invite = NULL; /* libosip2 ends it at the first 2xx */
	call->invite_cseq = msg_cseq(msg);
	call->cseq = MAX(call->cseq, call->invite_cseq);
	if (osip_dialog_init_as_uac(&call->dialog, msg) != OSIP_SUCCESS) {
		ev.type = AGENT_NO_RESPONSE;
		ev.phrase = SLICE("the 200 opens no dialog");
		call->dialog = NULL;
	}
	if (!msg_sdp(msg, &ev.body))
		ev.body = SLICE("");
	if (call->dialog) {
		agent_learn(call, msg);
		agent_timer_answered(call, msg);
	}
	agent_report(a, &ev);
}

/* RFC 4028 section 7.3: the same once more, with a longer interval. */
static bool longer_session(
	struct agent_call *call, osip_transaction_t *tr, osip_message_t *msg)
{
	struct slice sdp;
	char *copy;

	if (!session_timer_too_small(&call->timer, msg_number(msg, "min-se")) ||
		!msg_sdp(tr->orig_request, &sdp))
		return false;
	copy = g_strndup(sdp.p, sdp.len);
	agent_invite(call, (struct slice){copy, sdp.len});
	g_free(copy);
	return true;
}

static void refused(struct agent *a, struct agent_call *call,
	osip_transaction_t *tr, osip_message_t *msg)
{
	struct agent_event ev = {
		.type = AGENT_REFUSED,
		.call = call,
		.status = (uint16_t)msg->status_code,
		.warning = msg_warning(msg),
		.phrase = slice_cstr(msg->reason_phrase),
		.detail = msg_warning_text(msg),
	};
	const char *why = "";

	call->invite = NULL;
	call->cseq = MAX(call->cseq, msg_cseq(msg));
	if (msg->status_code == 401 || msg->status_code == 407) {
		if (agent_authenticate(a, tr, msg, &why)) {
			call->cseq++;
			return;
		}
		ev.type = AGENT_AUTH_FAILED;
		ev.phrase = slice_cstr(why);
	}
	if (msg->status_code == 422 && longer_session(call, tr, msg))
		return;
	agent_report(a, &ev);
}

static void invite_response(struct agent *a, struct agent_call *call,
	osip_transaction_t *tr, osip_message_t *msg)
{
	struct agent_event ev = {
		.type = AGENT_PROVISIONAL,
		.call = call,
		.status = (uint16_t)msg->status_code,
	};

	if (MSG_IS_STATUS_1XX(msg))
		agent_report(a, &ev);
	else if (MSG_IS_STATUS_2XX(msg))
		accepted(a, call, msg);
	else
		refused(a, call, tr, msg);
}

/* call is NULL for that of a fork. */
static void bye_response(struct agent *a, struct agent_call *call,
	osip_transaction_t *tr, osip_message_t *msg)
{
	struct agent_event done = {.type = AGENT_BYE_DONE, .call = call};
	const char *why = "";

	if (MSG_IS_STATUS_1XX(msg))
		return;
	if ((msg->status_code == 401 || msg->status_code == 407) &&
		agent_authenticate(a, tr, msg, &why))
		return;
	if (call)
		agent_report(a, &done);
}

void agent_uac_response(
	struct agent *a, osip_transaction_t *tr, osip_message_t *msg)
{
	struct agent_call *call = stack_txn(tr)->call;
	enum txn_kind kind = stack_txn(tr)->kind;

	if (kind == TXN_BYE)
		bye_response(a, call, tr, msg);
	else if (call && kind == TXN_INVITE)
		invite_response(a, call, tr, msg);
	else if (call && (kind == TXN_REINVITE || kind == TXN_UPDATE))
		agent_dialog_response(a, tr, msg);
}

void agent_uac_timeout(struct agent *a, osip_transaction_t *tr, const char *why)
{
	struct agent_call *call = stack_txn(tr)->call;
	struct agent_event ev = {.type = AGENT_NO_RESPONSE,
		.call = call,
		.phrase = slice_cstr(why)};

	if (!call)
		return;
	switch (stack_txn(tr)->kind) {
	case TXN_BYE:
		ev.type = AGENT_BYE_DONE;
		break;
	case TXN_INVITE:
		call->invite = NULL;
		break;
	case TXN_REINVITE:
	case TXN_UPDATE:
		/* RFC 3261 section 12.2.1.2: as good as a 408 */
		agent_lost(call, "the peer does not answer any more");
		return;
	case TXN_CANCEL:
	case TXN_SERVER:
	case TXN_REGISTER:
		return;
	}
	agent_report(a, &ev);
}

/*
 * The call was forked and somebody else has picked up, too, or a CANCEL of
 * ours came too late: that is a dialog of its own, to be acknowledged and
 * ended (section 13.2.2.4). known: it has had its BYE.
 */
static void end_fork(struct agent *a, osip_message_t *msg, bool known)
{
	osip_dialog_t *dialog = NULL;
	unsigned cseq = msg_cseq(msg);
	osip_message_t *bye = NULL;
	size_t len;

	if (osip_dialog_init_as_uac(&dialog, msg) != OSIP_SUCCESS)
		return;
	g_free(agent_send_ack(a, dialog, cseq, &len));
	if (!known)
		bye = agent_in_dialog(
			a, dialog, "BYE", cseq + 1, NULL, SLICE(""));
	if (bye)
		(void)stack_request(a->stack, bye, TXN_BYE, NULL);
	osip_dialog_free(dialog);
}

/* Its tag, the first time it is seen. */
static bool known_fork(struct agent_call *call, const char *tag)
{
	if (g_ptr_array_find_with_equal_func(
		    call->ended_forks, tag, g_str_equal, NULL))
		return true;
	g_ptr_array_add(call->ended_forks, g_strdup(tag));
	return false;
}

static void repeated_ok(
	struct agent *a, struct agent_call *call, osip_message_t *msg)
{
	const char *tag = msg_to_tag(msg) ? msg_to_tag(msg) : "";

	if (!call->dialog && !call->invite && call->ended_forks->len > 0) {
		/* the one before was dropped: that one again, or the next? */
		if (g_ptr_array_find_with_equal_func(
			    call->ended_forks, tag, g_str_equal, NULL))
			end_fork(a, msg, true);
		else
			accepted(a, call, msg);
		return;
	}
	if (call->dialog && g_strcmp0(call->dialog->remote_tag, tag) != 0)
		end_fork(a, msg, known_fork(call, tag));
	else if (call->ack && call->ack_cseq == msg_cseq(msg))
		agent_send_text(a, call->ack, call->ack_len, a->server);
}

/* Section 18.1.2: sent by us, or not for us. */
static bool is_ours(struct agent *a, osip_message_t *msg)
{
	osip_via_t *via = osip_list_get(&msg->vias, 0);
	char *bare = g_strdup(a->host);
	bool ours;

	g_strdelimit(bare, "[]", ' ');
	g_strstrip(bare);
	ours = osip_list_size(&msg->vias) == 1 && via && via->host &&
	       (strcmp(via->host, bare) == 0 ||
		       strcmp(via->host, a->host) == 0) &&
	       g_strcmp0(msg->from->url->username, a->conf.user) == 0;
	g_free(bare);
	return ours;
}

void agent_uac_repeated_ok(struct agent *a, osip_message_t *msg)
{
	char *id;
	bool found = false;

	if (!is_ours(a, msg))
		return;
	id = msg_call_id(msg);
	for (guint i = 0; i < a->calls->len && !found; i++) {
		struct agent_call *call = a->calls->pdata[i];

		found = call->call_id && strcmp(call->call_id, id) == 0 &&
			g_strcmp0(call->local_tag, msg_from_tag(msg)) == 0;
		if (found)
			repeated_ok(a, call, msg);
	}
	if (!found) /* of a call that is over for us */
		end_fork(a, msg, false);
	g_free(id);
}
