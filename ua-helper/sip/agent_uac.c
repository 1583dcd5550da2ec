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
	agent_report(a, &ev);
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

void agent_uac_response(
	struct agent *a, osip_transaction_t *tr, osip_message_t *msg)
{
	struct agent_call *call = stack_txn(tr)->call;
	struct agent_event done = {.type = AGENT_BYE_DONE, .call = call};
	const char *why = "";

	if (!call)
		return;
	switch (stack_txn(tr)->kind) {
	case TXN_INVITE:
		invite_response(a, call, tr, msg);
		break;
	case TXN_BYE:
		if (MSG_IS_STATUS_1XX(msg))
			break;
		if ((msg->status_code == 401 || msg->status_code == 407) &&
			agent_authenticate(a, tr, msg, &why))
			break;
		agent_report(a, &done);
		break;
	case TXN_CANCEL:
	case TXN_SERVER:
	case TXN_REGISTER:
		break;
	}
}

void agent_uac_timeout(struct agent *a, osip_transaction_t *tr, const char *why)
{
	struct agent_call *call = stack_txn(tr)->call;
	struct agent_event ev = {.type = AGENT_NO_RESPONSE,
		.call = call,
		.phrase = slice_cstr(why)};

	if (!call)
		return;
	if (stack_txn(tr)->kind == TXN_BYE)
		ev.type = AGENT_BYE_DONE;
	else if (stack_txn(tr)->kind != TXN_INVITE)
		return;
	else
		call->invite = NULL;
	agent_report(a, &ev);
}

/*
 * The call was forked and somebody else has picked up, too: that is a dialog
 * of its own, to be acknowledged and ended (section 13.2.2.4).
 */
static void end_fork(struct agent *a, osip_message_t *msg)
{
	osip_dialog_t *dialog = NULL;
	unsigned cseq = msg_cseq(msg);
	osip_message_t *bye;
	size_t len;

	if (osip_dialog_init_as_uac(&dialog, msg) != OSIP_SUCCESS)
		return;
	g_free(agent_send_ack(a, dialog, cseq, &len));
	bye = agent_in_dialog(a, dialog, "BYE", cseq + 1, NULL);
	if (bye)
		(void)stack_request(a->stack, bye, TXN_BYE, NULL);
	osip_dialog_free(dialog);
}

void agent_uac_repeated_ok(struct agent *a, osip_message_t *msg)
{
	char *id = msg_call_id(msg);

	for (guint i = 0; i < a->calls->len; i++) {
		struct agent_call *call = a->calls->pdata[i];

		if (!call->caller || !call->dialog ||
			strcmp(call->call_id, id) != 0)
			continue;
		if (g_strcmp0(call->dialog->remote_tag, msg_to_tag(msg)) != 0)
			end_fork(a, msg);
		else if (call->ack)
			agent_send_text(a, call->ack, call->ack_len, a->server);
	}
	g_free(id);
}
