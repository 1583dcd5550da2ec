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
 * interfaces that are up, and the SIP server.
 */
void local_networks(struct media_local *me, const struct vpnsdp_addr *server);

/*
 * The first UDP port from start upward that can be bound on addr; 0 when a
 * hundred are taken. Nothing stays bound: OpenVPN cannot inherit a socket.
 */
uint16_t local_free_port(const struct vpnsdp_addr *addr, uint16_t start);

#endif
