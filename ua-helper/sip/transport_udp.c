/*
 * transport_udp.c - the UDP port that SIP messages come and go through.
 *
 * RFC 3261 section 18.1.1 wants a request over 1300 bytes to go by TCP, and
 * back to UDP when no connection comes about. It stays on UDP here: an
 * account's server is spoken to by the transport that is configured, because
 * whether it listens on TCP at all is not known, and a firewall that drops
 * the attempt would cost each call seconds. An offer of ours is under 1300
 * bytes; the IP layer fragments what is longer.
 */
#include <errno.h>
#include <glib-unix.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "sip/transport_int.h"

#define PORT_TRIES 100

struct end {
	struct udp *udp;
	GSocket *socket; /* NULL: this IP version is not to be had */
	GSource *source;
};

struct udp {
	struct link link;
	struct end v4, v6;
	uint16_t port;
	char buf[TRANSPORT_MAX_DATAGRAM];
};

/*
 * Take one message off the error queue. It is there because of IP_RECVERR:
 * without it an unconnected socket never learns of ICMP errors.
 */
static void drain_error(struct end *e)
{
	const struct transport_conf *conf = e->udp->link.conf;
	char control[512];
	struct sockaddr_storage name;
	struct msghdr msg = {.msg_name = &name,
		.msg_namelen = sizeof(name),
		.msg_control = control,
		.msg_controllen = sizeof(control)};

	if (recvmsg(g_socket_get_fd(e->socket), &msg,
		    MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
		return;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c;
		c = CMSG_NXTHDR(&msg, c)) {
		struct sock_extended_err err;
		bool v4 = c->cmsg_level == IPPROTO_IP &&
			  c->cmsg_type == IP_RECVERR;
		bool v6 = c->cmsg_level == IPPROTO_IPV6 &&
			  c->cmsg_type == IPV6_RECVERR;
		GSocketAddress *to;

		if (!v4 && !v6)
			continue;
		memcpy(&err, CMSG_DATA(c), sizeof(err));
		/* whom the datagram was for that came back */
		to = g_socket_address_new_from_native(&name, msg.msg_namelen);
		if (to)
			conf->error(
				conf->arg, to, g_strerror((int)err.ee_errno));
		g_clear_object(&to);
		return;
	}
}

static gboolean readable(GSocket *socket, GIOCondition condition, gpointer arg)
{
	struct end *e = arg;
	const struct transport_conf *conf = e->udp->link.conf;
	GSocketAddress *from = NULL;
	gssize n;

	if (condition & G_IO_ERR)
		drain_error(e);
	if (!(condition & G_IO_IN))
		return G_SOURCE_CONTINUE;
	n = g_socket_receive_from(
		socket, &from, e->udp->buf, sizeof(e->udp->buf), NULL, NULL);
	if (n > 0 && from)
		conf->recv(conf->arg, (struct slice){e->udp->buf, (size_t)n},
			from);
	g_clear_object(&from);
	return G_SOURCE_CONTINUE;
}

static GSocket *bind_one(GSocketFamily family, uint16_t port, GError **error)
{
	GSocket *socket = g_socket_new(
		family, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, error);
	bool v6 = family == G_SOCKET_FAMILY_IPV6;
	GInetAddress *any;
	GSocketAddress *addr;

	if (!socket)
		return NULL;
	/* two sockets, so that IPv4 peers have IPv4 addresses */
	if (v6)
		(void)g_socket_set_option(
			socket, IPPROTO_IPV6, IPV6_V6ONLY, 1, NULL);
	any = g_inet_address_new_any(family);
	addr = g_inet_socket_address_new(any, port);
	if (!g_socket_bind(socket, addr, FALSE, error))
		g_clear_object(&socket);
	else
		/* only costs us early failures if the kernel does not know it
		 */
		(void)g_socket_set_option(socket,
			v6 ? IPPROTO_IPV6 : IPPROTO_IP,
			v6 ? IPV6_RECVERR : IP_RECVERR, 1, NULL);
	g_object_unref(addr);
	g_object_unref(any);
	return socket;
}

/* The same port of both IP versions; one that this host has not is left out */
static bool bind_both(struct udp *u, uint16_t port, GError **error)
{
	GError *no_v6 = NULL;

	u->v4.socket = bind_one(G_SOCKET_FAMILY_IPV4, port, error);
	if (!u->v4.socket)
		return false;
	u->v6.socket = bind_one(G_SOCKET_FAMILY_IPV6, port, &no_v6);
	if (!u->v6.socket &&
		g_error_matches(no_v6, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE)) {
		g_clear_object(&u->v4.socket);
		g_propagate_error(error, no_v6);
		return false;
	}
	g_clear_error(&no_v6);
	u->port = port;
	return true;
}

static void listen_to(struct udp *u, struct end *e)
{
	e->udp = u;
	if (!e->socket)
		return;
	g_socket_set_blocking(e->socket, FALSE);
	e->source = g_socket_create_source(e->socket, G_IO_IN | G_IO_ERR, NULL);
	g_source_set_callback(e->source, G_SOURCE_FUNC(readable), e, NULL);
	g_source_attach(e->source, NULL);
}

static struct end *end_for(struct udp *u, GSocketAddress *peer)
{
	return g_socket_address_get_family(peer) == G_SOCKET_FAMILY_IPV6
		       ? &u->v6
		       : &u->v4;
}

static bool udp_send(struct link *l, struct slice text, GSocketAddress *to)
{
	struct udp *u = (struct udp *)l;
	struct end *e = end_for(u, to);
	GError *error = NULL;
	gssize n;

	if (!e->socket) {
		l->conf->error(
			l->conf->arg, to, "this host has no such IP version");
		return false;
	}
	n = g_socket_send_to(e->socket, to, text.p, text.len, NULL, &error);
	/* a pending ICMP error is returned once by the next send: try again */
	if (n < 0 && g_error_matches(error, G_IO_ERROR,
			     G_IO_ERROR_CONNECTION_REFUSED)) {
		g_clear_error(&error);
		n = g_socket_send_to(
			e->socket, to, text.p, text.len, NULL, &error);
	}
	if (n >= 0)
		return true;
	l->conf->error(l->conf->arg, to, error->message);
	g_error_free(error);
	return false;
}

static GInetSocketAddress *udp_local(
	struct link *l, GSocketAddress *peer, GError **error)
{
	struct udp *u = (struct udp *)l;
	GInetAddress *addr = transport_source_address(peer, error);
	GSocketAddress *local;

	if (!addr)
		return NULL;
	local = g_inet_socket_address_new(addr, u->port);
	g_object_unref(addr);
	return G_INET_SOCKET_ADDRESS(local);
}

static void close_end(struct end *e)
{
	if (e->source) {
		g_source_destroy(e->source);
		g_source_unref(e->source);
	}
	g_clear_object(&e->socket);
}

static void udp_free(struct link *l)
{
	struct udp *u = (struct udp *)l;

	close_end(&u->v4);
	close_end(&u->v6);
	g_free(u);
}

static const struct link_ops udp_ops = {
	.send = udp_send,
	.local = udp_local,
	.free = udp_free,
};

struct link *udp_link_new(
	const struct transport_conf *conf, uint16_t *port, GError **error)
{
	struct udp *u = g_new0(struct udp, 1);
	unsigned tries = conf->port_fixed ? 1 : PORT_TRIES;
	bool bound = false;

	u->link = (struct link){&udp_ops, conf};
	for (unsigned i = 0; i < tries && conf->port + i <= 65535; i++) {
		g_clear_error(error);
		bound = bind_both(u, (uint16_t)(conf->port + i), error);
		if (bound)
			break;
	}
	if (!bound) {
		udp_free(&u->link);
		return NULL;
	}
	listen_to(u, &u->v4);
	listen_to(u, &u->v6);
	*port = u->port;
	return &u->link;
}
