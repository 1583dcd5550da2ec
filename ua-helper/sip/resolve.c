/* resolve.c - from configured servers to addresses. */
#include "sip/resolve.h"

#include "sip/transport.h"

#define SIP_PORT 5060 /* RFC 3261 section 19.1.2 */
#define SIPS_PORT 5061

struct resolve {
	struct resolve_conf conf;
	GPtrArray *peers;
	size_t next;    /* proxy */
	GList *targets; /* GSrvTarget of the proxy before it, still to do */
	GCancellable *cancel;
	bool busy; /* a look-up is out: it holds us */
	bool cancelled;
};

static void go_on(struct resolve *r);

static const struct agent_proxy *proxy(const struct resolve *r)
{
	return &r->conf.proxies[r->next - 1];
}

static void release(struct resolve *r)
{
	g_resolver_free_targets(r->targets);
	g_object_unref(r->cancel);
	if (r->peers)
		g_ptr_array_unref(r->peers);
	g_free(r);
}

/* The end of a look-up: false when nobody is interested any more. */
static bool wanted(struct resolve *r)
{
	r->busy = false;
	if (!r->cancelled)
		return true;
	release(r);
	return false;
}

static void add_peer(struct resolve *r, GInetAddress *addr, uint16_t port)
{
	GSocketAddress *peer =
		transport_peer(g_inet_socket_address_new(addr, port),
			(enum transport_kind)proxy(r)->transport);

	for (guint i = 0; i < r->peers->len; i++)
		if (transport_same_peer(r->peers->pdata[i], peer))
			goto out;
	if (r->peers->len < r->conf.max)
		g_ptr_array_add(r->peers, g_object_ref(peer));
out:
	g_object_unref(peer);
}

static uint16_t default_port(const struct agent_proxy *p)
{
	if (p->port != 0)
		return p->port;
	return p->transport == AGENT_TLS ? SIPS_PORT : SIP_PORT;
}

static void fault(struct resolve *r, const char *name, const GError *error)
{
	r->conf.fault(
		r->conf.arg, name, error ? error->message : "has no address");
}

/* Of the first SRV target that is left, or of the proxy's own name. */
static void on_addresses(GObject *source, GAsyncResult *result, gpointer arg)
{
	struct resolve *r = arg;
	GError *error = NULL;
	GList *addresses = g_resolver_lookup_by_name_finish(
		G_RESOLVER(source), result, &error);
	GSrvTarget *target;
	uint16_t port;

	if (!wanted(r))
		goto out;
	target = r->targets ? r->targets->data : NULL;
	port = target ? g_srv_target_get_port(target) : default_port(proxy(r));
	for (GList *a = addresses; a; a = a->next)
		add_peer(r, a->data, port);
	if (!addresses)
		fault(r,
			target ? g_srv_target_get_hostname(target)
			       : proxy(r)->host,
			error);
	if (target) {
		r->targets = g_list_delete_link(r->targets, r->targets);
		g_srv_target_free(target);
	}
	go_on(r);
out:
	g_resolver_free_addresses(addresses);
	g_clear_error(&error);
}

static void look_up_name(struct resolve *r, const char *name)
{
	GResolver *resolver = g_resolver_get_default();

	r->busy = true;
	g_resolver_lookup_by_name_async(
		resolver, name, r->cancel, on_addresses, r);
	g_object_unref(resolver);
}

static void on_services(GObject *source, GAsyncResult *result, gpointer arg)
{
	struct resolve *r = arg;
	GError *error = NULL;
	/* sorted by priority and, at random, by weight (RFC 2782) */
	GList *targets = g_resolver_lookup_service_finish(
		G_RESOLVER(source), result, &error);

	g_clear_error(&error); /* no SRV is no fault: there is the name */
	if (!wanted(r)) {
		g_resolver_free_targets(targets);
		return;
	}
	r->targets = targets;
	if (targets)
		go_on(r);
	else
		look_up_name(r, proxy(r)->host);
}

static void look_up_service(struct resolve *r)
{
	GResolver *resolver = g_resolver_get_default();
	enum agent_transport transport = proxy(r)->transport;

	r->busy = true;
	g_resolver_lookup_service_async(resolver,
		transport == AGENT_TLS ? "sips" : "sip",
		transport == AGENT_UDP ? "udp" : "tcp", proxy(r)->host,
		r->cancel, on_services, r);
	g_object_unref(resolver);
}

/* False when a look-up is needed. */
static bool take_literal(struct resolve *r)
{
	GInetAddress *addr = g_inet_address_new_from_string(proxy(r)->host);

	if (!addr)
		return false;
	add_peer(r, addr, default_port(proxy(r)));
	g_object_unref(addr);
	return true;
}

static void go_on(struct resolve *r)
{
	GPtrArray *peers;

	if (r->targets) {
		look_up_name(r, g_srv_target_get_hostname(r->targets->data));
		return;
	}
	while (r->next < r->conf.n_proxies) {
		r->next++;
		if (take_literal(r))
			continue;
		if (proxy(r)->port == 0)
			look_up_service(r);
		else
			look_up_name(r, proxy(r)->host);
		return;
	}
	peers = g_steal_pointer(&r->peers);
	r->conf.done(r->conf.arg, peers);
	release(r);
}

struct resolve *resolve_new(const struct resolve_conf *conf)
{
	struct resolve *r = g_new0(struct resolve, 1);

	r->conf = *conf;
	r->peers = g_ptr_array_new_with_free_func(g_object_unref);
	r->cancel = g_cancellable_new();
	return r;
}

void resolve_start(struct resolve *r)
{
	go_on(r);
}

void resolve_cancel(struct resolve *r)
{
	if (!r)
		return;
	r->cancelled = true;
	g_cancellable_cancel(r->cancel);
	if (!r->busy)
		release(r);
}
