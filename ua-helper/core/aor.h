/*
 * aor.h - addresses-of-record: who is who among callers and callees.
 *
 * PURE. A scheme, a port and parameters are no part of who somebody is here:
 * one account does not call under two ports.
 */
#ifndef SIPVPN_AOR_H
#define SIPVPN_AOR_H

#include "slice.h"

struct aor {
	struct slice user, host; /* host: compared without regard to case */
};

/*
 * sip:user@host:port;parameters, with or without the scheme; without a host
 * the one given stands for it. Slices into both. false: there is no user, or
 * no host.
 */
bool aor_parse(struct slice text, struct slice home, struct aor *out);

/* Below, equal to or above 0, as memcmp(): host first, then user. */
int aor_compare(const struct aor *a, const struct aor *b);

#endif
