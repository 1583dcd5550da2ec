/* transport.c - the UDP socket that SIP messages come and go through. */
#include "sip/transport.h"

#include <errno.h>
#include <glib-unix.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define PORT_TRIES 100

struct transport {
	struct transport_conf conf;
	GSocket *socket;
	GSource *source;
	uint16_t port;
	char buf[TRANSPORT_MAX_DATAGRAM];
};

/*
 * Take one message off the error queue. It is there because of IP_RECVERR:
 * without it an unconnected socket never learns of ICMP errors.
 */
static void drain_error(struct transport *t)
{
	char control[512];
	struct msghdr msg = {
		.msg_control = control, .msg_controllen = sizeof(control)};
	int fd = g_socket_get_fd(t->socket);

	if (recvmsg(fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
		return;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c;
		c = CMSG_NXTHDR(&msg, c)) {
		struct sock_extended_err err;
		bool v4 = c->cmsg_level == IPPROTO_IP &&
			  c->cmsg_type == IP_RECVERR;
		bool v6 = c->cmsg_level == IPPROTO_IPV6 &&
			  c->cmsg_type == IPV6_RECVERR;

		if (!v4 && !v6)
			continue;
		memcpy(&err, CMSG_DATA(c), sizeof(err));
		t->conf.error(t->conf.arg, g_strerror((int)err.ee_errno));
	}
}

static gboolean readable(GSocket *socket, GIOCondition condition, gpointer arg)
{
	struct transport *t = arg;
	GSocketAddress *from = NULL;
	gssize n;

	if (condition & G_IO_ERR)
		drain_error(t);
	if (!(condition & G_IO_IN))
		return G_SOURCE_CONTINUE;
	n = g_socket_receive_from(
		socket, &from, t->buf, sizeof(t->buf), NULL, NULL);
	if (n > 0 && from)
		t->conf.recv(
			t->conf.arg, (struct slice){t->buf, (size_t)n}, from);
	g_clear_object(&from);
	return G_SOURCE_CONTINUE;
}

static bool bind_port(struct transport *t, GError **error)
{
	GInetAddress *any = g_inet_address_new_any(t->conf.family);
	unsigned tries = t->conf.port_fixed ? 1 : PORT_TRIES;
	bool bound = false;

	for (unsigned i = 0; i < tries && t->conf.port + i <= 65535; i++) {
		uint16_t port = (uint16_t)(t->conf.port + i);
		GSocketAddress *addr = g_inet_socket_address_new(any, port);

		g_clear_error(error);
		bound = g_socket_bind(t->socket, addr, FALSE, error);
		g_object_unref(addr);
		if (bound) {
			t->port = port;
			break;
		}
	}
	g_object_unref(any);
	return bound;
}

struct transport *transport_new(
	const struct transport_conf *conf, GError **error)
{
	struct transport *t = g_new0(struct transport, 1);
	bool v6 = conf->family == G_SOCKET_FAMILY_IPV6;

	t->conf = *conf;
	t->socket = g_socket_new(conf->family, G_SOCKET_TYPE_DATAGRAM,
		G_SOCKET_PROTOCOL_UDP, error);
	if (!t->socket || !bind_port(t, error)) {
		transport_free(t);
		return NULL;
	}
	g_socket_set_blocking(t->socket, FALSE);
	/* only costs us early failures if the kernel does not know it */
	(void)g_socket_set_option(t->socket, v6 ? IPPROTO_IPV6 : IPPROTO_IP,
		v6 ? IPV6_RECVERR : IP_RECVERR, 1, NULL);
	t->source = g_socket_create_source(t->socket, G_IO_IN | G_IO_ERR, NULL);
	g_source_set_callback(t->source, G_SOURCE_FUNC(readable), t, NULL);
	g_source_attach(t->source, NULL);
	return t;
}

void transport_free(struct transport *t)
{
	if (!t)
		return;
	if (t->source) {
		g_source_destroy(t->source);
		g_source_unref(t->source);
	}
	g_clear_object(&t->socket);
	g_free(t);
}

uint16_t transport_port(const struct transport *t)
{
	return t->port;
}

bool transport_send(struct transport *t, struct slice text, GSocketAddress *to)
{
	GError *error = NULL;
	gssize n =
		g_socket_send_to(t->socket, to, text.p, text.len, NULL, &error);

	/* a pending ICMP error is returned once by the next send: try again */
	if (n < 0 && g_error_matches(error, G_IO_ERROR,
			     G_IO_ERROR_CONNECTION_REFUSED)) {
		g_clear_error(&error);
		n = g_socket_send_to(
			t->socket, to, text.p, text.len, NULL, &error);
	}
	if (n >= 0)
		return true;
	t->conf.error(t->conf.arg, error->message);
	g_error_free(error);
	return false;
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
