/*
 * sipvpn_net.h - a group's subnet: what lies in it, and what is free.
 *
 * PURE: no memory, no Kamailio. The usable addresses of a subnet are numbered
 * from 0; its first and its last address are not among them (in IPv4 the
 * network and the broadcast, in IPv6 the routers' anycast, RFC 4291 2.6.1).
 */
#ifndef SIPVPN_NET_H
#define SIPVPN_NET_H

#include "vpnsdp/vpnsdp.h"

#define SIPVPN_MAX_SUBNET 46 /* bytes of its text */

struct sipvpn_subnet {
	struct vpnsdp_addr base; /* family 0: there is none */
	uint8_t bits;
};

/* "10.8.0.0/24", "fd00:8::/64": unicast, the bits behind the prefix zero. */
bool sipvpn_subnet_parse(struct slice text, struct sipvpn_subnet *out);
void sipvpn_subnet_write(const struct sipvpn_subnet *net, struct sbuf *out);

/* Is it an address for a member? */
bool sipvpn_subnet_usable(
	const struct sipvpn_subnet *net, const struct vpnsdp_addr *addr);
/* The n-th usable address. False behind the last one. */
bool sipvpn_subnet_nth(
	const struct sipvpn_subnet *net, uint32_t n, struct vpnsdp_addr *out);
/* Its number. False when it is not usable, or too far up for a number. */
bool sipvpn_subnet_number(const struct sipvpn_subnet *net,
	const struct vpnsdp_addr *addr, uint32_t *n);

/*
 * Looking for the lowest free one, SIPVPN_WINDOW numbers at a time: begin with
 * first 0, mark all that are taken, ask; when all of the window is taken, move
 * on and mark again.
 */
#define SIPVPN_WINDOW 65536U

struct sipvpn_window {
	uint32_t first;
	uint8_t taken[SIPVPN_WINDOW / 8];
};

void sipvpn_window_begin(struct sipvpn_window *w, uint32_t first);
void sipvpn_window_take(struct sipvpn_window *w, uint32_t n);
bool sipvpn_window_lowest(const struct sipvpn_window *w, uint32_t *n);

#endif
