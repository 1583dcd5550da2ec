/*
 * transport.h - the UDP socket that SIP messages come and go through.
 */
#ifndef SIPVPN_TRANSPORT_H
#define SIPVPN_TRANSPORT_H

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

#include "slice.h"

/* RFC 3261 section 18.1.1: messages up to 65535 bytes must be taken. */
#define TRANSPORT_MAX_DATAGRAM 65535

struct transport;

typedef void transport_recv_fn(
	void *arg, struct slice datagram, GSocketAddress *from);
/* The network said that nobody listens there, or that there is no way. */
typedef void transport_error_fn(void *arg, const char *why);

struct transport_conf {
	GSocketFamily family;
	uint16_t port;
	bool port_fixed; /* else the next free one of a hundred */
	transport_recv_fn *recv;
	transport_error_fn *error;
	void *arg;
};

/* NULL and *error when no port can be bound. */
struct transport *transport_new(
	const struct transport_conf *conf, GError **error);
void transport_free(struct transport *t);

uint16_t transport_port(const struct transport *t);
/* false: not sent; the reason is reported through error(). */
bool transport_send(struct transport *t, struct slice text, GSocketAddress *to);

/* The address that packets to peer leave from; NULL and *error: no route. */
GInetAddress *transport_source_address(GSocketAddress *peer, GError **error);

#endif
