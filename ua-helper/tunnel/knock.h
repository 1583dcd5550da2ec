/*
 * knock.h - make a peer's kernel answer through a fresh tunnel.
 *
 * Without TLS nothing is said when a tunnel begins: who called would know
 * that it works only when the peer happens to send, 10 s later as a rule. A
 * datagram to the discard port (RFC 863) is refused by the peer's kernel, and
 * that ICMP message is a packet through the tunnel.
 */
#ifndef SIPVPN_KNOCK_H
#define SIPVPN_KNOCK_H

#include "vpnsdp.h"

struct knock;

/*
 * At once, and twice a second until it is freed. The tunnel's own addresses.
 * NULL where there is no socket to be had.
 */
struct knock *knock_new(
	const struct vpnsdp_addr *local, const struct vpnsdp_addr *remote);
void knock_free(struct knock *k);

#endif
