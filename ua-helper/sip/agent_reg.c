/* agent_reg.c - REGISTER and its answers. */
#include <string.h>

#include "sip/agent_int.h"
#include "sip/reg_answer.h"

/*
 * RFC 5626 and 5627. A datagram flow would have to be kept open by STUN, which
 * we do not speak: there, outbound is not offered.
 */
static const char *supported(const struct agent *a, GSocketAddress *peer)
{
	if (transport_kind(peer) == TRANSPORT_UDP || a->no_outbound)
		return "path, gruu";
	return "path, outbound, gruu";
}

static struct way *way_asked(const struct agent *a)
{
	return a->probe ? a->probe : a->way;
}

void agent_send_register(struct agent *a)
{
	char *uri = g_strconcat("sip:", a->conf.domain, NULL);
	char *to = g_strdup_printf("<%s>", a->aor);
	char *contact = agent_server_contact(a, true);
	char *extra = g_strdup_printf(
		"Contact: %s\r\nExpires: %u\r\nSupported: %s\r\n", contact,
		(unsigned)a->reg_expires, supported(a, way_asked(a)->peer));
	struct msg_request parts = {
		.method = "REGISTER",
		.uri = uri,
		.via_host = "invalid", /* see agent_prepare() */
		.via_port = 1,
		.from = a->reg_from,
		.to = to,
		.call_id = a->reg_call_id,
		.cseq = ++a->reg_cseq,
		.extra = extra,
	};
	osip_message_t *msg = msg_request(&parts);
	struct agent_event failed = {.type = AGENT_REG_NO_ANSWER,
		.phrase = SLICE("REGISTER could not be built")};

	a->asking = ASKING_REGISTER;
	if (!msg)
		agent_report(a, &failed);
	else
		/* a failure is reported by the transaction */
		(void)stack_request(a->stack, msg, TXN_REGISTER, NULL);
	g_free(uri);
	g_free(to);
	g_free(contact);
	g_free(extra);
}

static gboolean begin(gpointer arg)
{
	struct agent *a = arg;
	struct agent_event nobody = {.type = AGENT_REG_NO_ANSWER,
		.phrase = SLICE("there is no server in use")};

	a->begin = 0;
	if (a->reg_expires > 0)
		agent_server_begin(a);
	else if (way_asked(a)) /* the binding is there, and nowhere else */
		agent_send_register(a);
	else
		agent_report(a, &nobody);
	return G_SOURCE_REMOVE;
}

void agent_register(struct agent *a, uint32_t expires)
{
	a->reg_expires = expires;
	if (expires == 0)
		a->reg_bound = false;
	/* not from in here: a failure known at once is an event, too */
	if (a->begin == 0)
		a->begin = g_idle_add_full(G_PRIORITY_HIGH, begin, a, NULL);
}

static void accepted(struct agent *a, osip_message_t *msg)
{
	struct agent_event ev = {.type = AGENT_REG_OK, .status = 200};
	struct reg_answer answer;

	reg_answer_read(msg, a->way->public_host, a->way->public_port,
		a->instance, &answer);
	ev.expires = answer.expires;
	a->reg_bound = a->reg_expires > 0;
	g_free(a->gruu);
	a->gruu = answer.gruu.len > 0 && a->reg_bound
			  ? g_strndup(answer.gruu.p, answer.gruu.len)
			  : NULL;
	g_free(a->contact);
	a->contact = agent_server_contact(a, false);
	if (a->reg_bound)
		agent_server_bound(a, answer.outbound, answer.flow_timer);
	agent_report(a, &ev);
	if (a->reg_bound)
		agent_again_now(a, true);
}

/* The server has shown how it sees us: the next try says the same. */
static void correct_contact(struct agent *a, osip_transaction_t *tr)
{
	char *contact = agent_server_contact(a, true);

	osip_list_special_free(&tr->orig_request->contacts,
		(void (*)(void *))osip_contact_free);
	osip_message_set_contact(tr->orig_request, contact);
	g_free(contact);
}

static void refused(struct agent *a, osip_transaction_t *tr,
	osip_message_t *msg, struct agent_event *ev)
{
	const char *why = msg->reason_phrase ? msg->reason_phrase : "";
	uint32_t n;

	if (msg->status_code == 439 && !a->no_outbound) {
		/* RFC 5626 section 11.6: it can be done without */
		a->no_outbound = true;
		agent_send_register(a);
		return;
	}
	if (msg->status_code == 401 || msg->status_code == 407) {
		correct_contact(a, tr);
		a->asking = ASKING_REGISTER;
		if (agent_authenticate(a, tr, msg, &why)) {
			a->reg_cseq++;
			return;
		}
		a->asking = ASKING_NOBODY;
		ev->type = AGENT_REG_AUTH_FAILED;
	} else if (msg->status_code == 423 &&
		   slice_u32(msg_header(msg, "min-expires"), UINT32_MAX, &n)) {
		ev->type = AGENT_REG_TOO_BRIEF;
		ev->expires = n;
	}
	ev->phrase = slice_cstr(why);
	a->reg_bound = false;
	agent_report(a, ev);
}

void agent_reg_response(
	struct agent *a, osip_transaction_t *tr, osip_message_t *msg)
{
	struct agent_event ev = {.type = AGENT_REG_REFUSED,
		.status = (uint16_t)msg->status_code,
		.phrase = slice_cstr(msg->reason_phrase),
		.retry_after = reg_answer_retry_after(msg)};

	if (MSG_IS_STATUS_1XX(msg) || msg_cseq(msg) != a->reg_cseq)
		return; /* a later REGISTER has overtaken this one */
	if (msg->status_code == 503 && a->reg_expires > 0) {
		agent_server_failed(a, &ev);
		return;
	}
	agent_server_answered(a, msg);
	if (MSG_IS_STATUS_2XX(msg))
		accepted(a, msg);
	else
		refused(a, tr, msg, &ev);
}

void agent_reg_timeout(struct agent *a, osip_transaction_t *tr, const char *why)
{
	struct agent_event ev = {
		.type = AGENT_REG_NO_ANSWER, .phrase = slice_cstr(why)};

	if (msg_cseq(tr->orig_request) != a->reg_cseq)
		return;
	if (a->reg_expires > 0)
		agent_server_failed(a, &ev);
	else
		agent_report(a, &ev);
}
