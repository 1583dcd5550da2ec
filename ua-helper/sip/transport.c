/* transport.c - which socket a message goes through. */
#include "sip/transport_int.h"

struct transport {
	struct transport_conf conf;
	struct tls *tls;
	struct link *udp; /* NULL: none */
	uint16_t port;
	GPtrArray *streams; /* struct link */
};

static const char kind_key[] = "sip-transport";

GSocketAddress *transport_peer(GSocketAddress *addr, enum transport_kind kind)
{
	g_object_set_data(G_OBJECT(addr), kind_key, GINT_TO_POINTER((int)kind));
	return addr;
}

enum transport_kind transport_kind(GSocketAddress *peer)
{
	return (enum transport_kind)GPOINTER_TO_INT(
		g_object_get_data(G_OBJECT(peer), kind_key));
}

const char *transport_kind_name(enum transport_kind kind)
{
	static const char *const names[] = {
		[TRANSPORT_UDP] = "UDP",
		[TRANSPORT_TCP] = "TCP",
		[TRANSPORT_TLS] = "TLS",
	};

	return names[kind];
}

bool transport_same_peer(GSocketAddress *a, GSocketAddress *b)
{
	GInetSocketAddress *one;
	GInetSocketAddress *two;

	if (!a || !b || transport_kind(a) != transport_kind(b))
		return a == b;
	one = G_INET_SOCKET_ADDRESS(a);
	two = G_INET_SOCKET_ADDRESS(b);
	return g_inet_socket_address_get_port(one) ==
		       g_inet_socket_address_get_port(two) &&
	       g_inet_address_equal(g_inet_socket_address_get_address(one),
		       g_inet_socket_address_get_address(two));
}

static struct link *find_stream(struct transport *t, GSocketAddress *peer)
{
	for (guint i = 0; i < t->streams->len; i++) {
		struct link *l = t->streams->pdata[i];

		if (transport_same_peer(stream_link_peer(l), peer))
			return l;
	}
	return NULL;
}

static void stream_opened(void *arg, struct link *l)
{
	struct transport *t = arg;

	t->conf.opened(t->conf.arg, stream_link_peer(l));
}

static void stream_closed(void *arg, struct link *l, const char *why)
{
	struct transport *t = arg;
	GSocketAddress *peer = g_object_ref(stream_link_peer(l));

	g_ptr_array_remove_fast(t->streams, l); /* frees it */
	t->conf.error(t->conf.arg, peer, why);
	g_object_unref(peer);
}

static struct link *open_stream(struct transport *t, GSocketAddress *peer)
{
	struct stream_conf conf = {
		.transport = &t->conf,
		.tls = transport_kind(peer) == TRANSPORT_TLS ? t->tls : NULL,
		.peer = peer,
		.opened = stream_opened,
		.closed = stream_closed,
		.arg = t,
	};
	struct link *l = stream_link_new(&conf);

	g_ptr_array_add(t->streams, l);
	return l;
}

static void free_link(gpointer data)
{
	struct link *l = data;

	l->ops->free(l);
}

struct transport *transport_new(
	const struct transport_conf *conf, GError **error)
{
	struct transport *t = g_new0(struct transport, 1);

	t->conf = *conf;
	t->streams = g_ptr_array_new_with_free_func(free_link);
	t->tls = tls_new(conf->domain, conf->ca_file, conf->cert_file,
		conf->key_file, error);
	if (t->tls && conf->udp)
		t->udp = udp_link_new(&t->conf, &t->port, error);
	if (!t->tls || (conf->udp && !t->udp)) {
		transport_free(t);
		return NULL;
	}
	return t;
}

void transport_free(struct transport *t)
{
	if (!t)
		return;
	g_ptr_array_unref(t->streams);
	if (t->udp)
		free_link(t->udp);
	tls_free(t->tls);
	g_free(t);
}

uint16_t transport_port(const struct transport *t)
{
	return t->port;
}

void transport_open(struct transport *t, GSocketAddress *peer)
{
	struct link *l;

	if (transport_kind(peer) == TRANSPORT_UDP) {
		t->conf.opened(t->conf.arg, peer);
		return;
	}
	l = find_stream(t, peer);
	if (!l)
		(void)open_stream(t, peer);
	else if (stream_link_is_open(l))
		t->conf.opened(t->conf.arg, peer);
}

void transport_close(struct transport *t, GSocketAddress *peer)
{
	struct link *l = find_stream(t, peer);

	if (l)
		g_ptr_array_remove_fast(t->streams, l);
}

bool transport_send(
	struct transport *t, struct slice message, GSocketAddress *to)
{
	struct link *l = t->udp;

	if (transport_kind(to) != TRANSPORT_UDP) {
		l = find_stream(t, to);
		if (!l)
			l = open_stream(t, to);
	}
	return l && l->ops->send(l, message, to);
}

GInetSocketAddress *transport_local(
	struct transport *t, GSocketAddress *peer, GError **error)
{
	struct link *l = transport_kind(peer) == TRANSPORT_UDP
				 ? t->udp
				 : find_stream(t, peer);

	if (l)
		return l->ops->local(l, peer, error);
	g_set_error_literal(
		error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED, "not connected");
	return NULL;
}

GInetAddress *transport_source_address(GSocketAddress *peer, GError **error)
{
	GSocketAddress *local = NULL;
	GInetAddress *addr = NULL;
	GSocket *probe = g_socket_new(g_socket_address_get_family(peer),
		G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, error);

	/* connecting a UDP socket sends nothing: it asks the routing table */
	if (probe && g_socket_connect(probe, peer, NULL, error))
		local = g_socket_get_local_address(probe, error);
	if (local)
		addr = g_object_ref(g_inet_socket_address_get_address(
			G_INET_SOCKET_ADDRESS(local)));
	g_clear_object(&local);
	g_clear_object(&probe);
	return addr;
}
