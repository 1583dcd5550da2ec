/*
 * pool.h - pairs of tunnel addresses for calls that nobody named any for.
 *
 * PURE. The network is used pair by pair: 10.234.0.2 and .3, .4 and .5, ...
 * Where the search starts goes by the two peers, so that the same two get
 * the same pair again, and two endpoints that both hand out addresses of the
 * same network seldom meet.
 */
#ifndef SIPVPN_POOL_H
#define SIPVPN_POOL_H

#include "vpnsdp.h"

struct pool {
	struct vpnsdp_addr net; /* host bits are zero */
	uint8_t bits;           /* of the prefix; 0: there is no pool */
};

/*
 * 192.0.2.0/24 or 2001:db8::/64. false: not a network, host bits set, fewer
 * than eight addresses, or not private (RFC 1918, 6598, 4193): peers refuse
 * others that nobody named to them.
 */
bool pool_parse(struct slice text, struct pool *out);

/* May local and remote be used? Borrowed by pool_take(). */
typedef bool pool_free_fn(void *arg, const struct vpnsdp_addr *local,
	const struct vpnsdp_addr *remote);

/*
 * The first free pair from the place that seed stands for. false: none among
 * POOL_TRIES. *local and *remote are set on success only.
 */
#define POOL_TRIES 4096 /* far more than calls at a time */
bool pool_take(const struct pool *pool, uint32_t seed, pool_free_fn *is_free,
	void *arg, struct vpnsdp_addr *local, struct vpnsdp_addr *remote);

/* A seed for two peers, the same in either order; any bytes. */
uint32_t pool_seed(struct slice one, struct slice other);

#endif
