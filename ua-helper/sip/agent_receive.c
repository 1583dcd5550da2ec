/* agent_receive.c - from a datagram to the transaction or call it is for. */
#include "sip/agent_int.h"

#include <string.h>

#include "core/sip_frame.h"

/* Answer a request that gets no transaction (RFC 3261 section 8.2.7). */
static void refuse_stateless(struct agent *a, osip_message_t *msg, int status,
	const char *why, GSocketAddress *from)
{
	osip_message_t *r;
	size_t len = 0;
	char *text;

	if (MSG_IS_ACK(msg))
		return;
	r = msg_response(msg, status, NULL, "refused");
	if (!r)
		return;
	msg_add_warning(r, 399, a->host, why);
	text = msg_print(r, &len);
	if (text)
		agent_send_text(a, text, len, from);
	g_free(text);
	osip_message_free(r);
}

static void set_received(osip_message_t *msg, GSocketAddress *from)
{
	GInetSocketAddress *inet = G_INET_SOCKET_ADDRESS(from);
	char *host = g_inet_address_to_string(
		g_inet_socket_address_get_address(inet));

	osip_message_fix_last_via_header(
		msg, host, g_inet_socket_address_get_port(inet));
	g_free(host);
}

/* A message of no known transaction. False: the event is still to be freed. */
static bool receive_new(struct agent *a, osip_event_t *ev, GSocketAddress *from)
{
	osip_message_t *msg = ev->sip;

	if (MSG_IS_RESPONSE(msg)) {
		if (MSG_IS_STATUS_2XX(msg) &&
			strcmp(msg->cseq->method, "INVITE") == 0)
			agent_uac_repeated_ok(a, msg);
		return false;
	}
	if (MSG_IS_ACK(msg)) {
		agent_uas_ack(a, msg);
		return false;
	}
	if (agent_uas_repeated(a, msg))
		return false;
	if (!agent_from_server(a, from) && !agent_find_dialog(a, msg)) {
		/* who calls past the server was not admitted by it */
		refuse_stateless(a, msg, 403,
			"requests are taken from the SIP server only", from);
		return false;
	}
	return stack_accept(a->stack, ev, from);
}

static void receive_message(
	struct agent *a, osip_event_t *ev, GSocketAddress *from)
{
	const char *why = "";
	int status = msg_fault(ev->sip, &why);

	if (status == 0 && MSG_IS_REQUEST(ev->sip))
		set_received(ev->sip, from);
	if (status == 0 &&
		(stack_deliver(a->stack, ev) || receive_new(a, ev, from)))
		return; /* the event has found its owner */
	if (status != 0) {
		char *peer = agent_address_text(from);

		agent_say(a, AGENT_LOG_DEBUG, "bad message from %s: %s", peer,
			why);
		g_free(peer);
	}
	if (status > 0 && MSG_IS_REQUEST(ev->sip))
		refuse_stateless(a, ev->sip, status, why, from);
	osip_event_free(ev);
}

/*
 * Its body is shorter than Content-Length says: RFC 3261 section 18.3 wants
 * 400, so the header is read once more, as if there were no body.
 */
static void refuse_short(struct agent *a, struct sip_frame f, const char *why,
	GSocketAddress *from)
{
	GString *t = g_string_new_len(f.head.p, (gssize)f.head.len);
	osip_event_t *ev;

	g_string_append(t, "\r\n");
	while (f.length_line.len > 0) {
		gssize at = (gssize)(f.length_line.p - f.head.p);

		g_string_erase(t, at, (gssize)f.length_line.len + 1);
		if (sip_frame_datagram((struct slice){t->str, t->len}, &f) ==
			SIP_FRAME_NO_END)
			break;
	}
	ev = osip_parse(t->str, t->len);
	g_string_free(t, TRUE);
	if (!ev)
		return;
	if (ev->sip && MSG_IS_REQUEST(ev->sip) &&
		msg_fault(ev->sip, &(const char *){NULL}) == 0) {
		set_received(ev->sip, from);
		refuse_stateless(a, ev->sip, 400, why, from);
	}
	osip_event_free(ev);
}

void agent_on_datagram(void *arg, struct slice datagram, GSocketAddress *from)
{
	struct agent *a = arg;
	struct sip_frame f;
	osip_event_t *ev;
	char *peer;

	switch (sip_frame_datagram(datagram, &f)) {
	case SIP_FRAME_KEEPALIVE:
		agent_on_line_ends(a, from);
		return;
	case SIP_FRAME_SHORT:
		refuse_short(a, f, "body shorter than Content-Length", from);
		return;
	case SIP_FRAME_BAD_LENGTH:
		refuse_short(a, f,
			"Content-Length is not a number, or two differ", from);
		return;
	case SIP_FRAME_WHOLE:
	case SIP_FRAME_NO_END:
		break;
	}
	agent_trace(a, "received from", from, datagram);
	ev = osip_parse(datagram.p, datagram.len);
	if (ev && ev->sip) {
		receive_message(a, ev, from);
		return;
	}
	if (ev)
		osip_event_free(ev);
	peer = agent_address_text(from);
	agent_say(a, AGENT_LOG_DEBUG, "not a SIP message, %zu bytes from %s",
		datagram.len, peer);
	g_free(peer);
}
