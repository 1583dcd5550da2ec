/* agent_dialog.c - our requests inside a dialog, and what comes of them. */
#include "sip/agent_int.h"

#include <string.h>

/* RFC 3261 section 14.1: how long after a 491, in steps of 10 ms. */
#define GLARE_STEP_MS 10
#define GLARE_OWNER_MIN 210 /* who made the Call-ID: 2.1 to 4 s */
#define GLARE_OWNER_MAX 400
#define GLARE_OTHER_MAX 200 /* the other: 0 to 2 s */
/* Section 14.2: at most this is asked for in the Retry-After of a 500. */
#define MAX_RETRY_AFTER_S 10

/* What a session timer is asked for with. */
static char *timer_headers(const struct agent_call *call)
{
	struct session_expires ask = session_timer_ask(&call->timer);
	static const char *const refresher[] = {
		"", ";refresher=uac", ";refresher=uas"};

	if (call->untimed)
		return g_strdup("");
	return g_strdup_printf("Supported: " MSG_SUPPORTED "\r\n"
			       "Session-Expires: %u%s\r\nMin-SE: %u\r\n",
		(unsigned)ask.expires, refresher[ask.refresher],
		(unsigned)call->timer.min_se);
}

/* Sections 20.1, 20.5 and what a helper is chosen by (RFC 3841). */
char *agent_invite_headers(struct agent_call *call)
{
	char *timer = timer_headers(call);
	char *contact = agent_call_contact(call);
	char *all = g_strdup_printf(
		"Allow: " MSG_ALLOW "\r\n"
		"Accept: application/sdp\r\n"
		"Accept-Contact: *;+sip.app-subtype=\"openvpn\"\r\n"
		"%sContact: %s\r\n",
		timer, contact);

	g_free(timer);
	g_free(contact);
	return all;
}

osip_message_t *agent_in_dialog(struct agent *a, osip_dialog_t *dialog,
	const char *method, unsigned cseq, const char *extra, struct slice body)
{
	char *routes = dialog_routes(dialog);
	char *target = dialog_target(dialog);
	char *from = NULL;
	char *to = NULL;
	osip_message_t *msg = NULL;

	if (osip_from_to_str(dialog->local_uri, &from) == OSIP_SUCCESS &&
		osip_to_to_str(dialog->remote_uri, &to) == OSIP_SUCCESS &&
		target) {
		struct msg_request parts = {
			.method = method,
			.uri = target,
			.via_host = a->host,
			.via_port = transport_port(a->transport),
			.from = from,
			.to = to,
			.call_id = dialog->call_id,
			.cseq = cseq,
			.routes = routes,
			.extra = extra,
			.body = body,
		};

		msg = msg_request(&parts);
	}
	osip_free(from);
	osip_free(to);
	g_free(target);
	g_free(routes);
	return msg;
}

char *agent_send_ack(
	struct agent *a, osip_dialog_t *dialog, unsigned cseq, size_t *len)
{
	osip_message_t *msg =
		agent_in_dialog(a, dialog, "ACK", cseq, NULL, SLICE(""));
	char *text;

	if (msg)
		agent_stamp(a, msg);
	text = msg ? msg_print(msg, len) : NULL;
	if (text)
		agent_send_text(a, text, *len, a->server);
	osip_message_free(msg);
	return text;
}

void agent_learn(struct agent_call *call, osip_message_t *msg)
{
	bool said;
	bool updates = msg_allows(msg, "UPDATE", &said);

	if (said)
		call->updates = updates;
	if (call->dialog)
		dialog_retarget(call->dialog, msg);
}

void agent_lost(struct agent_call *call, const char *why)
{
	struct agent_event ev = {
		.type = AGENT_LOST, .call = call, .phrase = slice_cstr(why)};

	call->offering = false;
	call->updating = false;
	g_clear_handle_id(&call->retry, g_source_remove);
	agent_report(call->agent, &ev);
}

/* --- the other side was faster -------------------------------------------- */

static gboolean retry_due(gpointer arg)
{
	struct agent_call *call = arg;
	struct agent_event ev = {.type = AGENT_RETRY, .call = call};

	call->retry = 0;
	if (call->updating) {
		call->updating = false;
		agent_refresh(call);
		return G_SOURCE_REMOVE;
	}
	call->offering = false;
	agent_report(call->agent, &ev);
	return G_SOURCE_REMOVE;
}

static void retry_in(struct agent_call *call, guint ms)
{
	g_clear_handle_id(&call->retry, g_source_remove);
	call->retry = g_timeout_add(ms, retry_due, call);
}

static guint glare_ms(const struct agent_call *call)
{
	gint32 steps = call->caller
			       ? g_random_int_range(
					 GLARE_OWNER_MIN, GLARE_OWNER_MAX + 1)
			       : g_random_int_range(0, GLARE_OTHER_MAX + 1);

	return (guint)steps * GLARE_STEP_MS;
}

/* An INVITE of either side is not over yet. */
static bool occupied(const struct agent_call *call)
{
	return call->invite || call->reinvite || call->ok.text ||
	       call->offering || call->updating;
}

void agent_reinvite(struct agent_call *call, struct slice body)
{
	struct agent *a = call->agent;
	osip_message_t *msg = NULL;
	char *extra;

	if (!call->dialog || occupied(call)) {
		call->offering = true;
		retry_in(call, glare_ms(call));
		return;
	}
	call->offering = true;
	extra = agent_invite_headers(call);
	msg = agent_in_dialog(
		a, call->dialog, "INVITE", ++call->cseq, extra, body);
	g_free(extra);
	if (!msg || !stack_request(a->stack, msg, TXN_REINVITE, call))
		retry_in(call, glare_ms(call));
}

/* --- refreshing ----------------------------------------------------------- */

void agent_refresh(struct agent_call *call)
{
	struct agent *a = call->agent;
	struct agent_event ev = {.type = AGENT_REFRESH, .call = call};
	osip_message_t *msg;
	char *extra;

	if (!call->dialog)
		return;
	if (!call->updates) {
		agent_report(a, &ev);
		return;
	}
	if (occupied(call)) /* which refreshes the session as well */
		return;
	call->updating = true;
	extra = agent_invite_headers(call);
	msg = agent_in_dialog(
		a, call->dialog, "UPDATE", ++call->cseq, extra, SLICE(""));
	g_free(extra);
	if (!msg || !stack_request(a->stack, msg, TXN_UPDATE, call))
		retry_in(call, glare_ms(call));
}

/* --- responses ------------------------------------------------------------ */

/* It may go once more, later; the milliseconds until then, or 0. */
static guint again_in(struct agent_call *call, osip_message_t *msg)
{
	uint32_t after = msg_number(msg, "retry-after");

	if (msg->status_code == 491)
		return glare_ms(call) + 1;
	if (msg->status_code == 500 && after <= MAX_RETRY_AFTER_S &&
		msg_header(msg, "retry-after").len > 0)
		return after * 1000 + 1;
	if (msg->status_code == 422 && session_timer_too_small(&call->timer,
					       msg_number(msg, "min-se")))
		return 1;
	return 0;
}

static void reaccepted(
	struct agent *a, struct agent_call *call, osip_message_t *msg)
{
	struct agent_event ev = {.type = AGENT_REACCEPTED, .call = call};

	call->offering = false;
	agent_learn(call, msg);
	agent_timer_answered(call, msg);
	g_free(call->ack);
	call->ack_cseq = msg_cseq(msg);
	call->ack =
		agent_send_ack(a, call->dialog, call->ack_cseq, &call->ack_len);
	if (!msg_sdp(msg, &ev.body))
		ev.body = SLICE("");
	agent_report(a, &ev);
}

static void reinvite_refused(
	struct agent *a, struct agent_call *call, osip_message_t *msg)
{
	struct agent_event ev = {.type = AGENT_REREFUSED,
		.call = call,
		.status = (uint16_t)msg->status_code,
		.phrase = slice_cstr(msg->reason_phrase)};

	call->offering = false;
	agent_report(a, &ev);
}

static void update_refused(struct agent_call *call)
{
	struct agent_event ev = {.type = AGENT_REFRESH, .call = call};

	call->updating = false;
	call->updates = false;
	agent_report(call->agent, &ev);
}

void agent_dialog_response(
	struct agent *a, osip_transaction_t *tr, osip_message_t *msg)
{
	struct agent_call *call = stack_txn(tr)->call;
	bool invite = stack_txn(tr)->kind == TXN_REINVITE;
	const char *why = "";
	guint again;

	if (MSG_IS_STATUS_1XX(msg))
		return;
	if ((msg->status_code == 401 || msg->status_code == 407) &&
		agent_authenticate(a, tr, msg, &why)) {
		call->cseq++;
		return;
	}
	again = again_in(call, msg);
	if (MSG_IS_STATUS_2XX(msg) && invite) {
		reaccepted(a, call, msg);
	} else if (MSG_IS_STATUS_2XX(msg)) {
		call->updating = false;
		agent_learn(call, msg);
		agent_timer_answered(call, msg);
	} else if (msg->status_code == 481 || msg->status_code == 408) {
		/* RFC 3261 section 12.2.1.2 */
		agent_lost(call, msg->status_code == 481
					 ? "the peer no longer knows the call"
					 : "the peer cannot be reached any "
					   "more");
	} else if (again > 0) {
		retry_in(call, again);
	} else if (invite) {
		reinvite_refused(a, call, msg);
	} else {
		update_refused(call);
	}
}
