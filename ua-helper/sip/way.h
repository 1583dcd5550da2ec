/*
 * way.h - a server, and how we are seen from there.
 */
#ifndef SIPVPN_WAY_H
#define SIPVPN_WAY_H

#include "sip/msg.h"
#include "sip/transport.h"
#include "vpnsdp.h"

struct way {
	GSocketAddress *peer;
	struct vpnsdp_addr address; /* ours */
	char *host;                 /* the same as text, without brackets */
	uint16_t port;
	/* For Contact: what the server sees, which is the NAT's behind one. */
	char *public_host;
	uint16_t public_port;
};

/* NULL and *error when there is no way to peer, or no connection. */
struct way *way_new(
	struct transport *transport, GSocketAddress *peer, GError **error);
void way_free(struct way *w);

struct vpnsdp_addr way_address_of(GInetAddress *addr);
/* "tls 203.0.113.1:5061"; g_free() it. */
char *way_text(const struct way *w);
/* "203.0.113.1", "[2001:db8::1]": as in a URI; g_free() it. */
char *way_uri_host(const char *host);
/* "sip:user@host:port;transport=tcp", where we are reached; g_free() it. */
char *way_contact_uri(const struct way *w, const char *user);
/* Transport, host and port into the top Via. */
void way_stamp(const struct way *w, osip_message_t *msg);
/* What a response says about where we are; true when that is news. */
bool way_learn(struct way *w, osip_message_t *response);

#endif
