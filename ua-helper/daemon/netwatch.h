/*
 * netwatch.h - tells when this machine's addresses or routes have changed.
 */
#ifndef SIPVPN_NETWATCH_H
#define SIPVPN_NETWATCH_H

struct netwatch;

/*
 * changed() is called once for all that changes within half a second of each
 * other. NULL when the kernel tells nothing; then changes are noticed by the
 * next registration.
 */
struct netwatch *netwatch_new(void (*changed)(void *arg), void *arg);
void netwatch_free(struct netwatch *w); /* may be NULL */

#endif
