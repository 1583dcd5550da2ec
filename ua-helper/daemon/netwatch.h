/*
 * netwatch.h - tells when this machine's addresses or routes have changed.
 */
#ifndef SIPVPN_NETWATCH_H
#define SIPVPN_NETWATCH_H

#include "vpnsdp.h"

struct netwatch;

struct netwatch_env {
	/* called once for all that changes within half a second */
	void (*changed)(void *arg);
	/* is this the address of a tunnel of our own? Whatever happens to the
	 * device that gets it is no change of the network */
	bool (*ours)(void *arg, const struct vpnsdp_addr *address);
	void *arg;
};

/*
 * env is copied. NULL when the kernel tells nothing; then changes are noticed
 * by the next registration.
 */
struct netwatch *netwatch_new(const struct netwatch_env *env);
void netwatch_free(struct netwatch *w); /* may be NULL */

#endif
