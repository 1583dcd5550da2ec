/*
 * resolve.h - from configured servers to addresses (RFC 3263 section 4).
 *
 * An address is taken as it is. A name with a port has addresses; one without
 * has SRV records of the configured transport, or, failing that, addresses and
 * the default port. NAPTR is not asked: GIO does not know it, and the transport
 * is configured.
 */
#ifndef SIPVPN_RESOLVE_H
#define SIPVPN_RESOLVE_H

#include "sip/agent.h"

struct resolve;

/*
 * peers: GSocketAddress (see transport.h) in order of preference, owned by the
 * receiver, who is given it once; empty when nothing was found. The resolve is
 * gone then.
 */
typedef void resolve_done_fn(void *arg, GPtrArray *peers);
/* A name that was not found, and why; what follows may still be. */
typedef void resolve_fault_fn(void *arg, const char *name, const char *why);

struct resolve_conf {
	const struct agent_proxy *proxies; /* borrowed until it is done */
	size_t n_proxies;
	size_t max; /* peers */
	resolve_done_fn *done;
	resolve_fault_fn *fault;
	void *arg;
};

struct resolve *resolve_new(const struct resolve_conf *conf);
/* Where all servers are addresses, done() is called from in here. */
void resolve_start(struct resolve *r);
/* Not interested any more; done() is not called. */
void resolve_cancel(struct resolve *r);

#endif
