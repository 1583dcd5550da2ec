/*
 * agent_server.c - which server is used: found by name, asked in turn, kept.
 *
 * What to ask next is decided by core/sip_route.c. A server that is asked while
 * another one is in use takes over when it has answered, so that calls are
 * never without one.
 */
#include <string.h>

#include "sip/agent_int.h"

/* A server that says nothing to five copies of a datagram; only where there
 * is another one, else the transaction's 32 s. */
#define PATIENCE_MS 8000

/* GIO does not tell how long a DNS record may be kept. */
#define LOOK_UP_AGAIN_MS 3600000

static void ask(struct agent *a, size_t which);

static uint64_t now_ms(void)
{
	return (uint64_t)g_get_monotonic_time() / 1000;
}

static GSocketAddress *peer_asked(const struct agent *a)
{
	return a->route.current < a->peers->len
		       ? a->peers->pdata[a->route.current]
		       : NULL;
}

/* ---------------------------------------------------------- asking in turn */

static bool same_way(const struct way *a, const struct way *b)
{
	return transport_same_peer(a->peer, b->peer) &&
	       strcmp(a->host, b->host) == 0 && a->port == b->port;
}

static void stop_asking(struct agent *a)
{
	a->asking = ASKING_NOBODY;
	g_clear_handle_id(&a->patience, g_source_remove);
	g_clear_pointer(&a->probe, way_free);
}

void agent_server_failed(struct agent *a, const struct agent_event *ev)
{
	GSocketAddress *peer = peer_asked(a);
	size_t next;

	stop_asking(a);
	next = route_failed(&a->route, now_ms(), ev->retry_after);
	if (next != ROUTE_NONE) {
		char *text = agent_address_text(peer);

		agent_say(a, AGENT_LOG_NOTICE,
			"SIP server %s fails (%.*s): asking the next one", text,
			SLICE_ARG(ev->phrase));
		g_free(text);
		ask(a, next);
		return;
	}
	a->stale = true; /* by the next round, they may be elsewhere */
	a->reg_bound = false;
	agent_again_now(a, false);
	agent_report(a, ev);
}

void agent_server_shun(struct agent *a, uint32_t retry_after)
{
	(void)route_failed(&a->route, now_ms(), retry_after);
}

static void failed(struct agent *a, const char *why)
{
	struct agent_event ev = {
		.type = AGENT_REG_NO_ANSWER, .phrase = slice_cstr(why)};

	agent_server_failed(a, &ev);
}

static gboolean out_of_patience(gpointer arg)
{
	struct agent *a = arg;
	GSocketAddress *peer = peer_asked(a);

	a->patience = 0;
	if (peer && a->asking == ASKING_REGISTER)
		stack_abort_waiting(a->stack, peer, "no answer in 8 s");
	return G_SOURCE_REMOVE;
}

void agent_on_opened(void *arg, GSocketAddress *peer)
{
	struct agent *a = arg;
	GError *error = NULL;

	if (a->asking != ASKING_OPEN || a->reg_expires == 0 ||
		!transport_same_peer(peer, peer_asked(a)))
		return;
	g_clear_pointer(&a->probe, way_free);
	a->probe = way_new(a->transport, peer, &error);
	if (!a->probe) {
		failed(a, error->message);
		g_error_free(error);
		return;
	}
	/* a refresh: what the server saw the last time still holds */
	if (a->way && same_way(a->way, a->probe)) {
		g_free(a->probe->public_host);
		a->probe->public_host = g_strdup(a->way->public_host);
		a->probe->public_port = a->way->public_port;
	}
	if (route_has_next(&a->route))
		a->patience = g_timeout_add(PATIENCE_MS, out_of_patience, a);
	agent_send_register(a);
}

static void ask(struct agent *a, size_t which)
{
	if (which == ROUTE_NONE) {
		failed(a, "no address of a SIP server is known");
		return;
	}
	a->asking = ASKING_OPEN;
	transport_open(a->transport, a->peers->pdata[which]);
}

/* ------------------------------------------------------- looking them up */

static void on_resolved(void *arg, GPtrArray *peers)
{
	struct agent *a = arg;

	a->resolve = NULL;
	if (peers->len == 0) {
		/* better the old ones than none */
		g_ptr_array_unref(peers);
	} else {
		g_ptr_array_unref(a->peers);
		a->peers = peers;
		route_set(&a->route, peers->len);
		a->stale = false;
		a->resolved_ms = now_ms();
	}
	ask(a, route_begin(&a->route, now_ms()));
}

static void on_not_found(void *arg, const char *name, const char *why)
{
	agent_say(arg, AGENT_LOG_NOTICE, "SIP server %s: %s", name, why);
}

void agent_server_begin(struct agent *a)
{
	struct resolve_conf conf = {
		.proxies = a->conf.proxies,
		.n_proxies = a->conf.n_proxies,
		.max = ROUTE_MAX,
		.done = on_resolved,
		.fault = on_not_found,
		.arg = a,
	};

	if (a->resolve)
		return; /* it will go on by itself */
	stop_asking(a);
	if (!a->stale && now_ms() - a->resolved_ms < LOOK_UP_AGAIN_MS) {
		ask(a, route_begin(&a->route, now_ms()));
		return;
	}
	a->resolve = resolve_new(&conf);
	resolve_start(a->resolve);
}

/* ---------------------------------------------------------- the one in use */

static void say_server(struct agent *a)
{
	struct agent_event ev = {.type = AGENT_SERVER};
	char *text = way_text(a->way);

	if (g_strcmp0(text, a->server_text) == 0) {
		g_free(text);
		return;
	}
	g_free(a->server_text);
	a->server_text = text;
	ev.phrase = slice_cstr(text);
	agent_report(a, &ev);
}

static void say_public(struct agent *a)
{
	char *host = way_uri_host(a->way->public_host);

	g_free(a->public_text);
	a->public_text =
		g_strdup_printf("%s:%u", host, (unsigned)a->way->public_port);
	g_free(host);
}

/* The way that was asked is the one in use from now on. */
static void take_over(struct agent *a)
{
	struct way *old = a->way;
	struct agent_event moved = {.type = AGENT_MOVED};
	bool report;
	bool fresh = !old || !same_way(old, a->probe);

	a->way = g_steal_pointer(&a->probe);
	report = old && !vpnsdp_addr_eq(&old->address, &a->way->address);
	a->server = a->way->peer;
	a->address = a->way->address;
	g_free(a->host);
	a->host = way_uri_host(a->way->host);
	/* calls in progress may still be spoken to through the old one */
	if (old && !transport_same_peer(old->peer, a->server)) {
		if (a->calls->len == 0)
			transport_close(a->transport, old->peer);
		g_clear_pointer(&a->gruu, g_free);
		a->no_outbound = false;
	}
	way_free(old);
	g_free(a->contact);
	a->contact = agent_server_contact(a, false);
	if (fresh) {
		keepalive_init(&a->keepalive,
			transport_kind(a->server) != TRANSPORT_UDP);
		g_clear_handle_id(&a->ping, g_source_remove);
	}
	say_server(a);
	if (report)
		agent_report(a, &moved);
}

void agent_server_answered(struct agent *a, osip_message_t *msg)
{
	struct way *seen = a->probe ? a->probe : a->way;
	bool news = way_learn(seen, msg);

	if (a->probe)
		take_over(a);
	stop_asking(a);
	route_worked(&a->route);
	if (news || !a->public_text)
		say_public(a);
}

char *agent_server_contact(struct agent *a, bool for_register)
{
	struct way *w = for_register && a->probe ? a->probe : a->way;
	bool outbound =
		transport_kind(w->peer) != TRANSPORT_UDP && !a->no_outbound;
	char *uri = !for_register && a->conf.gruu && a->gruu
			    ? g_strdup(a->gruu)
			    : way_contact_uri(w, a->conf.user);
	/* RFC 5688: what m=application subtype we can process */
	char *contact = g_strdup_printf("<%s>;+sip.instance=\"<%s>\"%s"
					";+sip.app-subtype=\"openvpn\"",
		uri, a->instance, for_register && outbound ? ";reg-id=1" : "");

	g_free(uri);
	return contact;
}

void agent_stamp(struct agent *a, osip_message_t *msg)
{
	if (a->way)
		way_stamp(a->way, msg);
}

GSocketAddress *agent_prepare(void *arg, osip_message_t *msg,
	enum txn_kind kind, struct agent_call *call)
{
	struct agent *a = arg;
	struct way *w = a->way;

	/* section 9.1: CANCEL goes where its INVITE went, with the same Via */
	if (kind == TXN_CANCEL && call && call->invite)
		return stack_txn(call->invite)->to;
	if (kind == TXN_REGISTER && a->probe)
		w = a->probe;
	if (!w)
		return NULL;
	way_stamp(w, msg);
	return w->peer;
}

bool agent_from_server(struct agent *a, GSocketAddress *from)
{
	GInetAddress *addr =
		g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(from));

	for (guint i = 0; i < a->peers->len; i++)
		if (g_inet_address_equal(
			    addr, g_inet_socket_address_get_address(
					  a->peers->pdata[i])))
			return true;
	return a->server && g_inet_address_equal(addr,
				    g_inet_socket_address_get_address(
					    G_INET_SOCKET_ADDRESS(a->server)));
}

void agent_server_clear(struct agent *a)
{
	stop_asking(a);
	resolve_cancel(g_steal_pointer(&a->resolve));
	g_clear_handle_id(&a->begin, g_source_remove);
	g_clear_handle_id(&a->ping, g_source_remove);
	g_clear_pointer(&a->way, way_free);
	g_ptr_array_unref(a->peers);
	g_free(a->host);
	g_free(a->contact);
	g_free(a->gruu);
	g_free(a->server_text);
	g_free(a->public_text);
}
