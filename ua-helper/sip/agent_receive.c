/* agent_receive.c - from a datagram to the transaction or call it is for. */
#include "sip/agent_int.h"

#include <string.h>

#include "core/sip_check.h"
#include "core/sip_frame.h"

#define MAX_REFUSAL 65535 /* no longer than a datagram */

/*
 * Answer a request that gets no transaction (RFC 3261 section 8.2.7), from
 * its text: it may be one that libosip2 does not take.
 */
static void refuse_stateless(struct agent *a, struct slice head, int status,
	const char *why, GSocketAddress *from)
{
	GInetSocketAddress *inet = G_INET_SOCKET_ADDRESS(from);
	const char *phrase = osip_message_get_reason(status);
	char *host = g_inet_address_to_string(
		g_inet_socket_address_get_address(inet));
	char *extra = g_strdup_printf("Allow: " MSG_ALLOW "\r\n"
				      "User-Agent: " MSG_USER_AGENT "\r\n"
				      "Warning: 399 %s \"%s\"\r\n",
		a->host, why);
	char *text = g_malloc(MAX_REFUSAL);
	struct sbuf out = sbuf_over(text, MAX_REFUSAL);
	struct sip_refusal how = {
		.status = (uint16_t)status,
		.phrase = slice_cstr(phrase ? phrase : "Refused"),
		.tag = SLICE("refused"),
		.host = slice_cstr(host),
		.port = g_inet_socket_address_get_port(inet),
		.extra = slice_cstr(extra),
	};

	if (sip_refuse(head, &how, &out))
		agent_send_text(a, text, out.len, from);
	g_free(text);
	g_free(extra);
	g_free(host);
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
static bool receive_new(struct agent *a, osip_event_t *ev, struct slice head,
	GSocketAddress *from)
{
	osip_message_t *msg = ev->sip;

	if (MSG_IS_RESPONSE(msg))
		return false;
	if (MSG_IS_ACK(msg)) {
		agent_uas_ack(a, msg);
		return false;
	}
	if (agent_uas_repeated(a, msg))
		return false;
	if (!agent_from_server(a, from) && !agent_find_dialog(a, msg)) {
		/* who calls past the server was not admitted by it */
		refuse_stateless(a, head, 403,
			"requests are taken from the SIP server only", from);
		return false;
	}
	if (agent_uas_merged(a, msg)) {
		refuse_stateless(a, head, 482,
			"the same request came by another way", from);
		return false;
	}
	return stack_accept(a->stack, ev, from);
}

/*
 * A 2xx behind the final answer to our INVITE: libosip2 passes over it, be it
 * again the one before, of another fork, or slower than a refusal.
 */
static bool late_ok(struct agent *a, osip_message_t *msg)
{
	if (!MSG_IS_RESPONSE(msg) || !MSG_IS_STATUS_2XX(msg) ||
		strcmp(msg->cseq->method, "INVITE") != 0 ||
		stack_awaits(a->stack, msg))
		return false;
	agent_uac_repeated_ok(a, msg);
	return true;
}

static void bad_message(struct agent *a, const char *why, GSocketAddress *from)
{
	char *peer = agent_address_text(from);

	agent_say(a, AGENT_LOG_DEBUG, "bad message from %s: %s", peer, why);
	g_free(peer);
}

static void receive_message(struct agent *a, osip_event_t *ev,
	struct slice head, GSocketAddress *from)
{
	const char *why = "";
	int status = msg_fault(ev->sip, &why);

	/* RFC 3261 section 26.2.2: what came so far in the open is no such
	 * thing */
	if (status == 0 && MSG_IS_REQUEST(ev->sip) && msg_is_sips(ev->sip) &&
		transport_kind(from) != TRANSPORT_TLS) {
		status = 416;
		why = "sips: is served over TLS only";
	}
	if (status == 0 && MSG_IS_REQUEST(ev->sip))
		set_received(ev->sip, from);
	if (status == 0 && late_ok(a, ev->sip)) {
		osip_event_free(ev);
		return;
	}
	if (status == 0 &&
		(stack_deliver(a->stack, ev) || receive_new(a, ev, head, from)))
		return; /* the event has found its owner */
	if (status != 0)
		bad_message(a, why, from);
	if (status > 0 && MSG_IS_REQUEST(ev->sip) && !MSG_IS_ACK(ev->sip))
		refuse_stateless(a, head, status, why, from);
	osip_event_free(ev);
}

/* What stands in the way of a whole message, or NULL. */
static const char *frame_fault(enum sip_frame_verdict verdict)
{
	switch (verdict) {
	case SIP_FRAME_SHORT: /* RFC 3261 section 18.3 */
		return "body shorter than Content-Length";
	case SIP_FRAME_BAD_LENGTH:
		return "Content-Length is not a number, or two differ";
	case SIP_FRAME_NO_END:
		return "the header does not end";
	case SIP_FRAME_KEEPALIVE:
	case SIP_FRAME_WHOLE:
		break;
	}
	return NULL;
}

/* libosip2 does not take what the grammar does. */
static void refuse_unread(struct agent *a, const struct sip_verdict *v,
	struct slice head, GSocketAddress *from)
{
	bool known = sip_check_known_method(v->method);

	bad_message(a, "libosip2 does not read it", from);
	if (v->request && !slice_eq(v->method, SLICE("ACK")))
		refuse_stateless(a, head, known ? 400 : 501,
			"it could not be read", from);
}

void agent_on_datagram(void *arg, struct slice datagram, GSocketAddress *from)
{
	struct agent *a = arg;
	struct sip_frame f = {.head = datagram};
	enum sip_frame_verdict verdict = sip_frame_datagram(datagram, &f);
	const char *fault = frame_fault(verdict);
	struct sip_verdict v;
	osip_event_t *ev;

	if (verdict == SIP_FRAME_KEEPALIVE) {
		agent_on_line_ends(a, from);
		return;
	}
	agent_trace(a, "received from", from, datagram);
	v = sip_check(f.head);
	if (fault && v.status == 0) {
		v.status = 400;
		v.why = fault;
	}
	if (v.status != 0) {
		bad_message(a, v.why, from);
		if (v.request && !slice_eq(v.method, SLICE("ACK")))
			refuse_stateless(a, f.head, v.status, v.why, from);
		return;
	}
	/* what lies behind the body is not part of it (section 18.3) */
	datagram.len = (size_t)(f.body.p + f.body.len - datagram.p);
	ev = osip_parse(datagram.p, datagram.len);
	if (ev && ev->sip) {
		receive_message(a, ev, f.head, from);
		return;
	}
	if (ev)
		osip_event_free(ev);
	refuse_unread(a, &v, f.head, from);
}
