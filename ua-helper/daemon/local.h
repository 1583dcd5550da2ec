/*
 * local.h - facts about this machine that a call needs: its networks, a free
 * UDP port.
 */
#ifndef SIPVPN_LOCAL_H
#define SIPVPN_LOCAL_H

#include <glib.h>
#include <stdint.h>

#include "core/media.h"

/*
 * Put the networks of all interfaces that are up behind the struct media_net
 * of nets; without those of addresses for which skip() is true.
 */
typedef bool local_skip_fn(void *arg, const struct vpnsdp_addr *a);
void local_networks(GArray *nets, local_skip_fn *skip, void *arg);
/* A network of one address. */
struct media_net local_host(const struct vpnsdp_addr *a);

/* May this port be taken, for all that the caller knows? */
typedef bool local_port_fn(void *arg, uint16_t port);

/*
 * The first UDP port from start upward that may be taken and can be bound on
 * addr; 0 with errno when a hundred can not (EADDRINUSE: all are taken).
 * Nothing stays bound: OpenVPN cannot inherit a socket.
 */
uint16_t local_free_port(const struct vpnsdp_addr *addr, uint16_t start,
	local_port_fn *may, void *arg);

#endif
