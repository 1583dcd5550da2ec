/*
 * sip_route.h - which of several SIP servers is used: fail-over to the next one
 * and the way back to the preferred one (RFC 3263 section 4.3).
 *
 * PURE. Servers are numbers, in order of preference. A round is one attempt to
 * register: it begins with the best server, and goes on to the next one with
 * each failure until one works or all have been tried.
 */
#ifndef SIPVPN_SIP_ROUTE_H
#define SIPVPN_SIP_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ROUTE_MAX 32 /* servers, all addresses of all names */
#define ROUTE_NONE SIZE_MAX

/* How long a server that failed is asked last: doubled with each failure. */
#define ROUTE_SHUN_MIN_S 10
#define ROUTE_SHUN_MAX_S 1800 /* as long as a registration's longest wait */

struct route {
	size_t n;
	size_t current; /* being tried or in use; ROUTE_NONE */
	struct route_hop {
		uint64_t shun_until_ms;
		unsigned failures; /* in a row */
		bool tried;        /* in this round */
	} hop[ROUTE_MAX];
};

/* n servers, of which nothing is known; more than ROUTE_MAX are left out. */
void route_set(struct route *r, size_t n);
/* A new round: the server to begin with, or ROUTE_NONE when there is none. */
size_t route_begin(struct route *r, uint64_t now_ms);
/*
 * The current server timed out, said 503, or was not reached; retry_after_s:
 * when it wants to be asked again, 0 if it did not say. The next one of this
 * round, or ROUTE_NONE when all have been tried.
 */
size_t route_failed(struct route *r, uint64_t now_ms, uint32_t retry_after_s);
/* The current server has answered. */
void route_worked(struct route *r);
/* Would route_failed() find another one? */
bool route_has_next(const struct route *r);
/* The network is another one: what failed may work now. */
void route_forgive(struct route *r);

#endif
