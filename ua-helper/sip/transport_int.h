/*
 * transport_int.h - what is behind transport.h, for transport*.c only.
 *
 * transport.c         which socket a message goes through
 * transport_udp.c     the UDP port, for IPv4 and IPv6
 * transport_stream.c  a TCP or TLS connection
 */
#ifndef SIPVPN_TRANSPORT_INT_H
#define SIPVPN_TRANSPORT_INT_H

#include "sip/tls.h"
#include "sip/transport.h"

/* A way to send messages: the UDP port, or one connection. */
struct link {
	const struct link_ops *ops;
	const struct transport_conf *conf; /* lives longer than the link */
};

struct link_ops {
	bool (*send)(struct link *l, struct slice text, GSocketAddress *to);
	/* see transport_local() */
	GInetSocketAddress *(*local)(
		struct link *l, GSocketAddress *peer, GError **error);
	void (*free)(struct link *l);
};

/* *port: the one that was bound. NULL with *error. */
struct link *udp_link_new(
	const struct transport_conf *conf, uint16_t *port, GError **error);

/*
 * Connects to peer; opened(arg, l) once that is done. closed(arg, l, why) at
 * its end, when the owner has to free it. Never called from inside here or
 * from inside send().
 */
struct stream_conf {
	const struct transport_conf *transport;
	const struct tls *tls; /* NULL: plain TCP */
	GSocketAddress *peer;
	void (*opened)(void *arg, struct link *l);
	void (*closed)(void *arg, struct link *l, const char *why);
	void *arg;
};
struct link *stream_link_new(const struct stream_conf *conf);
GSocketAddress *stream_link_peer(struct link *l);
bool stream_link_is_open(struct link *l);

#endif
