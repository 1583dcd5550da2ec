/*
 * sipvpn_identity.h - who a message is from and for.
 *
 * Rule: the caller is who has proved to know a password, or whom the script
 * vouches for. What else a message says about its sender counts for nothing.
 */
#ifndef SIPVPN_IDENTITY_H
#define SIPVPN_IDENTITY_H

#include "core/parser/msg_parser.h"

#include "sipvpn_policy.h"

/* The two ends of a call. An empty user: nobody knows. */
struct sipvpn_pair {
	struct sipvpn_aor caller, callee;
	bool from_callee; /* the message judged is the callee's */
};

/*
 * domain: the domain of every caller; empty: the realm a caller was
 * authenticated in. vouched: a pseudo-variable ("$avp(caller)") that holds a
 * caller's SIP URI when the script trusts where the message comes from; empty:
 * there is none. Both must stay. 0 or -1.
 */
int sipvpn_identity_init(const str *domain, const str *vouched);

/*
 * Of a request that begins a call: the caller as above, the callee is the
 * request URI as it stands. The slices live as long as msg and its URI.
 */
void sipvpn_identity_pair(struct sip_msg *msg, struct sipvpn_pair *out);

/*
 * What From and To say, our own host names taken for the domain. That proves
 * nothing by itself. False when one of them is no SIP URI.
 */
bool sipvpn_identity_claimed(struct sip_msg *msg, struct sipvpn_pair *out);

/* Is it the same call, and the same end of it? */
bool sipvpn_identity_same(
	const struct sipvpn_pair *a, const struct sipvpn_pair *b);

#endif
