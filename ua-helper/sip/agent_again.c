/*
 * agent_again.c - a call's INVITE that a server has not taken goes to the next
 * one, as a new transaction (RFC 3263 section 4.3).
 *
 * The next one is found by registering there, since answers to the call, and
 * all that follows it, come from there; until then the INVITE is held.
 */
#include <string.h>

#include "sip/agent_int.h"
#include "sip/token.h"

struct held {
	struct agent_call *call;
	osip_message_t *invite;
	unsigned servers; /* that have not taken it */
};

static void free_held(gpointer data)
{
	struct held *h = data;

	if (h->invite)
		osip_message_free(h->invite);
	g_free(h);
}

static bool begins_call(osip_transaction_t *tr)
{
	return stack_txn(tr)->kind == TXN_INVITE && stack_txn(tr)->call &&
	       !msg_to_tag(tr->orig_request);
}

bool agent_again(struct agent *a, osip_transaction_t *tr, uint32_t retry_after)
{
	struct agent_event again = {.type = AGENT_REG_AGAIN,
		.phrase = SLICE("the server does not take a call")};
	struct txn *txn = stack_txn(tr);
	struct held *h;

	if (!begins_call(tr) || txn->servers + 1 >= a->peers->len ||
		!transport_same_peer(txn->to, a->server))
		return false;
	h = g_new0(struct held, 1);
	if (osip_message_clone(tr->orig_request, &h->invite) != OSIP_SUCCESS) {
		g_free(h);
		return false;
	}
	h->call = txn->call;
	h->servers = txn->servers + 1;
	h->call->invite = NULL;
	txn->call = NULL;
	g_ptr_array_add(a->held, h);
	/* a round that is under way finds the next server by itself */
	if (a->asking == ASKING_NOBODY && !a->resolve) {
		agent_server_shun(a, retry_after);
		agent_report(a, &again);
	}
	return true;
}

/* Like a first request: nothing in it is of the server that failed. */
static void renew(struct held *h)
{
	struct agent *a = h->call->agent;
	osip_message_t *msg = h->invite;
	osip_via_t *via = osip_list_get(&msg->vias, 0);
	char token[TOKEN_LEN + 1];
	char *text;

	osip_list_special_free(
		&via->via_params, (void (*)(void *))osip_uri_param_free);
	osip_via_param_add(via, osip_strdup("rport"), NULL);
	token_fill(token);
	text = g_strconcat("z9hG4bK", token, NULL);
	osip_via_set_branch(via, osip_strdup(text));
	g_free(text);
	osip_list_special_free(&msg->proxy_authorizations,
		(void (*)(void *))osip_authorization_free);
	osip_list_special_free(&msg->authorizations,
		(void (*)(void *))osip_authorization_free);
	osip_list_special_free(
		&msg->contacts, (void (*)(void *))osip_contact_free);
	osip_message_set_contact(msg, a->contact);
	text = g_strdup_printf("%u", ++h->call->cseq);
	osip_free(msg->cseq->number);
	msg->cseq->number = osip_strdup(text);
	g_free(text);
}

static void send_held(struct agent *a, struct held *h)
{
	struct agent_event failed = {.type = AGENT_NO_RESPONSE,
		.call = h->call,
		.phrase = SLICE("no server takes the call")};
	osip_transaction_t *tr;

	renew(h);
	tr = stack_request(
		a->stack, g_steal_pointer(&h->invite), TXN_INVITE, h->call);
	if (!tr) {
		agent_report(a, &failed);
		return;
	}
	stack_txn(tr)->servers = h->servers;
	h->call->invite = tr;
}

void agent_again_now(struct agent *a, bool server)
{
	while (a->held->len > 0) {
		struct held *h = g_ptr_array_steal_index(a->held, 0);
		struct agent_event failed = {.type = AGENT_NO_RESPONSE,
			.call = h->call,
			.phrase = SLICE("no server takes the call")};

		if (server)
			send_held(a, h);
		else
			agent_report(a, &failed);
		free_held(h);
	}
}

void agent_again_forget(struct agent *a, struct agent_call *call)
{
	for (guint i = a->held->len; i-- > 0;) {
		struct held *h = a->held->pdata[i];

		if (h->call == call)
			g_ptr_array_remove_index(a->held, i);
	}
}

GPtrArray *agent_again_new(void)
{
	return g_ptr_array_new_with_free_func(free_held);
}
