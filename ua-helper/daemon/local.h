/*
 * local.h - facts about this machine that a call needs: its networks, a free
 * UDP port.
 */
#ifndef SIPVPN_LOCAL_H
#define SIPVPN_LOCAL_H

#include <stdint.h>

#include "core/media.h"

/*
 * Where no tunnel address may lie, into me->nets: the networks of all
 * interfaces that are up, and the SIP server; without those interfaces that
 * have one of the n_own addresses.
 */
void local_networks(struct media_local *me, const struct vpnsdp_addr *server,
	const struct vpnsdp_addr *own, size_t n_own);

/* Is it in a network of an interface that is up? */
bool local_has_network(const struct vpnsdp_addr *a);

/* May this port be taken, for all that the caller knows? */
typedef bool local_port_fn(void *arg, uint16_t port);

/*
 * The first UDP port from start upward that may be taken and can be bound on
 * addr; 0 when a hundred can not. Nothing stays bound: OpenVPN cannot inherit
 * a socket.
 */
uint16_t local_free_port(const struct vpnsdp_addr *addr, uint16_t start,
	local_port_fn *may, void *arg);

#endif
