/* agent_call.c - a call as we make or take it: the functions of agent.h. */
#include "sip/agent_int.h"

#include <string.h>

#include "sip/token.h"

static void ok_given_up(void *arg)
{
	struct agent_call *call = arg;
	struct agent_event ev = {.type = AGENT_NO_ACK, .call = call};

	agent_report(call->agent, &ev);
}

struct agent_call *agent_call_new(struct agent *a)
{
	struct agent_call *call = g_new0(struct agent_call, 1);
	char token[TOKEN_LEN + 1];

	call->agent = a;
	token_fill(token);
	call->local_tag = g_strdup(token);
	call->ok.transport = a->transport;
	call->ok.given_up = ok_given_up;
	call->ok.arg = call;
	call->ended_forks = g_ptr_array_new_with_free_func(g_free);
	session_timer_init(&call->timer);
	g_ptr_array_add(a->calls, call);
	return call;
}

void agent_call_free(struct agent_call *call)
{
	if (!call)
		return;
	g_ptr_array_remove_fast(call->agent->calls, call);
	g_ptr_array_unref(call->ended_forks);
	g_clear_handle_id(&call->retry, g_source_remove);
	agent_timer_stop(call);
	stack_forget_call(call->agent->stack, call);
	agent_again_forget(call->agent, call);
	dialog_ok_stop(&call->ok);
	if (call->dialog)
		osip_dialog_free(call->dialog);
	g_free(call->peer);
	g_free(call->call_id);
	g_free(call->local_tag);
	g_free(call->branch);
	g_free(call->from_tag);
	g_free(call->ack);
	g_free(call);
}

void agent_call_untimed(struct agent_call *call)
{
	call->untimed = true;
}

char *agent_call_contact(const struct agent_call *call)
{
	const char *usual = call->agent->contact;

	/* section 12.1.1: sips, if that is what was asked for */
	return call->secure && g_str_has_prefix(usual, "<sip:")
		       ? g_strconcat("<sips:", usual + strlen("<sip:"), NULL)
		       : g_strdup(usual);
}

const char *agent_call_peer(const struct agent_call *call)
{
	return call->peer;
}

bool agent_call_outgoing(const struct agent_call *call)
{
	return call->caller;
}

/* ------------------------------------------------------------ as a caller */

struct agent_call *agent_call(struct agent *a, const char *user)
{
	struct agent_call *call;
	char token[TOKEN_LEN + 1];
	osip_uri_t *uri = NULL;
	char *text = strchr(user, '@') ? g_strconcat("sip:", user, NULL)
				       : g_strdup_printf("sip:%s@%s", user,
						 a->conf.domain);
	bool valid = osip_uri_init(&uri) == OSIP_SUCCESS &&
		     osip_uri_parse(uri, text) == OSIP_SUCCESS &&
		     uri->username && uri->host && !strpbrk(text, " \t\r\n<>");

	osip_uri_free(uri);
	if (!valid) {
		g_free(text);
		return NULL;
	}
	call = agent_call_new(a);
	call->caller = true;
	call->peer = text;
	token_fill(token);
	call->call_id = g_strdup(token);
	return call;
}

void agent_invite(struct agent_call *call, struct slice body)
{
	struct agent *a = call->agent;
	char *from = g_strdup_printf("<%s>;tag=%s", a->aor, call->local_tag);
	char *to = g_strdup_printf("<%s>", call->peer);
	char *extra = agent_invite_headers(call);
	struct msg_request parts = {
		.method = "INVITE",
		.uri = call->peer,
		.via_host = a->host,
		.via_port = transport_port(a->transport),
		.from = from,
		.to = to,
		.call_id = call->call_id,
		.cseq = ++call->cseq,
		.extra = extra,
		.body = body,
	};
	osip_message_t *msg = msg_request(&parts);
	struct agent_event failed = {.type = AGENT_NO_RESPONSE,
		.call = call,
		.phrase = SLICE("the INVITE could not be built")};

	if (msg)
		call->invite = stack_request(a->stack, msg, TXN_INVITE, call);
	if (!call->invite)
		agent_report(a, &failed);
	g_free(from);
	g_free(to);
	g_free(extra);
}

void agent_ack(struct agent_call *call)
{
	if (!call->dialog)
		return;
	g_free(call->ack);
	call->ack_cseq = call->invite_cseq;
	/* the ACK of a 2xx has the INVITE's number (section 13.2.2.4) */
	call->ack = agent_send_ack(
		call->agent, call->dialog, call->invite_cseq, &call->ack_len);
}

/*
 * Section 9.1: CANCEL has the URI, Via, From, To, Call-ID, number and Route of
 * the request that it ends.
 */
void agent_cancel(struct agent_call *call)
{
	osip_message_t *cancel = NULL;

	if (!call->invite || osip_message_clone(call->invite->orig_request,
				     &cancel) != OSIP_SUCCESS)
		return;
	osip_list_special_free(
		&cancel->bodies, (void (*)(void *))osip_body_free);
	osip_list_special_free(
		&cancel->headers, (void (*)(void *))osip_header_free);
	osip_list_special_free(
		&cancel->contacts, (void (*)(void *))osip_contact_free);
	osip_list_special_free(&cancel->proxy_authorizations,
		(void (*)(void *))osip_authorization_free);
	osip_list_special_free(&cancel->authorizations,
		(void (*)(void *))osip_authorization_free);
	osip_list_special_free(
		&cancel->accepts, (void (*)(void *))osip_accept_free);
	osip_list_special_free(
		&cancel->allows, (void (*)(void *))osip_allow_free);
	if (cancel->content_type) {
		osip_content_type_free(cancel->content_type);
		cancel->content_type = NULL;
	}
	osip_message_set_content_length(cancel, "0");
	osip_message_set_max_forwards(cancel, "70");
	osip_free(cancel->sip_method);
	cancel->sip_method = osip_strdup("CANCEL");
	osip_free(cancel->cseq->method);
	cancel->cseq->method = osip_strdup("CANCEL");
	osip_message_force_update(cancel);
	(void)stack_request(call->agent->stack, cancel, TXN_CANCEL, call);
}

/* A BYE in the call's dialog; NULL: there is none. */
static osip_message_t *bye_of(
	struct agent_call *call, uint16_t status, const char *text)
{
	osip_message_t *msg;
	char *reason = NULL;

	if (!call->dialog)
		return NULL;
	if (status != 200) {
		char *quoted = g_strescape(text, NULL);

		reason = g_strdup_printf("Reason: SIP;cause=%u;text=\"%s\"\r\n",
			(unsigned)status, quoted);
		g_free(quoted);
	}
	msg = agent_in_dialog(call->agent, call->dialog, "BYE", ++call->cseq,
		reason, SLICE(""));
	g_free(reason);
	return msg;
}

void agent_bye(struct agent_call *call, uint16_t status, const char *text)
{
	struct agent_event done = {.type = AGENT_BYE_DONE, .call = call};
	osip_message_t *msg;

	dialog_ok_stop(&call->ok);
	agent_timer_stop(call);
	msg = bye_of(call, status, text);
	if (!msg || !stack_request(call->agent->stack, msg, TXN_BYE, call))
		agent_report(call->agent, &done);
}

void agent_drop_fork(struct agent_call *call, uint16_t status, const char *text)
{
	osip_message_t *msg = bye_of(call, status, text);
	const char *tag;

	if (!call->dialog)
		return;
	tag = call->dialog->remote_tag;
	g_ptr_array_add(call->ended_forks, g_strdup(tag ? tag : ""));
	agent_timer_stop(call);
	g_clear_pointer(&call->dialog, osip_dialog_free);
	g_clear_pointer(&call->ack, g_free);
	if (msg)
		(void)stack_request(call->agent->stack, msg, TXN_BYE, NULL);
}

/* ------------------------------------------------------------ as a callee */

static osip_message_t *call_response(struct agent_call *call,
	osip_transaction_t *tr, int status, const char *phrase)
{
	osip_message_t *r =
		msg_response(tr->orig_request, status, phrase, call->local_tag);

	if (r && status < 300) {
		char *contact = agent_call_contact(call);

		osip_message_set_contact(r, contact);
		g_free(contact);
		osip_message_set_allow(r, MSG_ALLOW);
		if (!call->untimed)
			msg_add(r, "Supported", MSG_SUPPORTED);
	}
	return r;
}

/* Section 12.1.1: our first response with a tag opens it. */
static void open_dialog(struct agent_call *call, osip_transaction_t *tr,
	osip_message_t *response)
{
	if (!call->dialog &&
		osip_dialog_init_as_uas(&call->dialog, tr->orig_request,
			response) != OSIP_SUCCESS)
		call->dialog = NULL;
}

static void provisional(struct agent_call *call, int status, const char *phrase)
{
	osip_message_t *r;

	if (!call->invite)
		return;
	r = call_response(call, call->invite, status, phrase);
	if (!r)
		return;
	open_dialog(call, call->invite, r);
	stack_respond(call->agent->stack, call->invite, r);
}

void agent_ring(struct agent_call *call)
{
	provisional(call, 180, NULL);
}

void agent_progress(struct agent_call *call)
{
	/* the words are the thesis's */
	provisional(call, 101, "Dialog Establishement");
}

void agent_answer(struct agent_call *call, struct slice body)
{
	struct agent *a = call->agent;
	osip_transaction_t *tr = call->reinvite ? call->reinvite : call->invite;
	GSocketAddress *to;
	osip_message_t *r;
	unsigned cseq;
	bool invite;
	char *text = NULL;
	size_t len = 0;

	if (!tr)
		return;
	r = call_response(call, tr, 200, NULL);
	if (!r)
		return;
	msg_set_sdp(r, body);
	open_dialog(call, tr, r);
	agent_timer_agree(call, r);
	invite = MSG_IS_INVITE(tr->orig_request);
	cseq = msg_cseq(tr->orig_request);
	to = g_object_ref(stack_txn(tr)->reply_to);
	if (invite) /* UPDATE's 200 is the transaction's own to repeat */
		text = msg_print(r, &len);
	if (tr == call->reinvite)
		call->reinvite = NULL;
	else
		call->invite = NULL;
	stack_respond(a->stack, tr, r); /* ends the transaction */
	if (text)
		dialog_ok_start(&call->ok, text, len, cseq, to);
	g_object_unref(to);
}

void agent_refuse(struct agent_call *call, uint16_t status, uint16_t warning,
	const char *text)
{
	osip_transaction_t *tr = call->reinvite ? call->reinvite : call->invite;
	osip_message_t *r;

	if (!tr)
		return;
	r = call_response(call, tr, status, NULL);
	if (!r)
		return;
	if (warning != 0)
		msg_add_warning(r, warning, call->agent->host, text);
	if (tr == call->reinvite)
		call->reinvite = NULL;
	else
		call->invite = NULL;
	stack_respond(call->agent->stack, tr, r);
}
