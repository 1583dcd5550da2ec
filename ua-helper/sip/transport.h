/*
 * transport.h - the sockets that SIP messages come and go through: one UDP
 * port, and a TCP or TLS connection to each server in use.
 *
 * A peer is a GSocketAddress that is marked with the transport it is spoken to
 * by; unmarked, it is UDP. On a stream, the peer of a message that came in is
 * that of its connection, so that an answer goes back the same way (RFC 3261
 * section 18.2.2).
 */
#ifndef SIPVPN_TRANSPORT_H
#define SIPVPN_TRANSPORT_H

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

#include "slice.h"

/* RFC 3261 section 18.1.1: messages up to 65535 bytes must be taken. */
#define TRANSPORT_MAX_DATAGRAM 65535

enum transport_kind { TRANSPORT_UDP, TRANSPORT_TCP, TRANSPORT_TLS };

struct transport;

/* One whole message, or line ends only (a ping or its answer). */
typedef void transport_recv_fn(
	void *arg, struct slice message, GSocketAddress *from);
/* A connection asked for with transport_open() stands. */
typedef void transport_opened_fn(void *arg, GSocketAddress *peer);
/*
 * Nothing gets to peer: an ICMP error, no route, a connection that broke or
 * did not come about (that one is forgotten).
 */
typedef void transport_error_fn(
	void *arg, GSocketAddress *peer, const char *why);

struct transport_conf {
	bool udp; /* bind the UDP port; else there are connections only */
	uint16_t port;
	bool port_fixed; /* else the next free one of a hundred */
	/* TLS: see tls.h. Borrowed for the transport's life. */
	const char *domain, *ca_file, *cert_file, *key_file;
	transport_recv_fn *recv;
	transport_opened_fn *opened;
	transport_error_fn *error;
	void *arg;
};

/* NULL and *error when no port can be bound, or a TLS file is no good. */
struct transport *transport_new(
	const struct transport_conf *conf, GError **error);
void transport_free(struct transport *t);

/* A peer of this kind; takes addr. */
GSocketAddress *transport_peer(GSocketAddress *addr, enum transport_kind kind);
enum transport_kind transport_kind(GSocketAddress *peer);
/* "UDP", "TCP" or "TLS", as in Via. */
const char *transport_kind_name(enum transport_kind kind);
bool transport_same_peer(GSocketAddress *a, GSocketAddress *b);

/* Our UDP port; 0 without one. */
uint16_t transport_port(const struct transport *t);
/*
 * Connect to a peer. Reported through opened() or error(), at once if it is
 * connected already, or if there is nothing to connect (UDP).
 */
void transport_open(struct transport *t, GSocketAddress *peer);
/* Forget the connection to peer, if there is one; not reported. */
void transport_close(struct transport *t, GSocketAddress *peer);
/*
 * Send one message. Over a stream that is not open it is opened, and the
 * message waits. false: not sent; the reason is reported through error().
 */
bool transport_send(
	struct transport *t, struct slice message, GSocketAddress *to);
/*
 * Our own end of the way to peer. NULL and *error: no route, or (a stream) no
 * connection.
 */
GInetSocketAddress *transport_local(
	struct transport *t, GSocketAddress *peer, GError **error);

/* The address that packets to peer leave from; NULL and *error: no route. */
GInetAddress *transport_source_address(GSocketAddress *peer, GError **error);

#endif
