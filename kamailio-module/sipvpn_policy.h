/*
 * sipvpn_policy.h - may this VPN offer, by this pair, in this group, pass?
 *
 * PURE: facts in, verdict out. No Kamailio, no memory, no log.
 */
#ifndef SIPVPN_POLICY_H
#define SIPVPN_POLICY_H

#include "vpnsdp/vpnsdp.h"

/*
 * What the script functions return. Never 0, which would end the script.
 * The numbers are documented for scripts ($rc): add, do not renumber.
 */
enum sipvpn_verdict {
	SIPVPN_ALLOWED = 1,
	SIPVPN_NO_OFFER = -1,          /* no VPN section: nothing to judge */
	SIPVPN_BAD_OFFER = -2,         /* a VPN section nobody can act on */
	SIPVPN_NOT_AUTHENTICATED = -3, /* nobody knows who is calling */
	SIPVPN_CALLER_NOT_MEMBER = -4, /* of the group named, else of any */
	SIPVPN_CALLEE_NOT_MEMBER = -5, /* of the group named, else of any */
	SIPVPN_NO_SHARED_GROUP = -6,
	SIPVPN_NO_SUCH_GROUP = -7,
	SIPVPN_OTHER_GROUP = -8, /* VPN_ID is not what the script demands */
	SIPVPN_NOT_READY = -9,   /* no membership has been loaded */
	SIPVPN_INTERNAL = -10,
};

/* An address-of-record. The domain is compared without case, the user with. */
struct sipvpn_aor {
	struct slice user;
	struct slice domain;
};

/* The groups somebody is in: numbers, ascending, each once. */
struct sipvpn_party {
	const uint32_t *groups;
	size_t n;
};

/* The group a call is for. */
enum sipvpn_naming {
	SIPVPN_ANY_GROUP, /* none is named: one that both share will do */
	SIPVPN_ONE_GROUP,
	SIPVPN_UNKNOWN_GROUP, /* one is named that does not exist */
};

/*
 * Read an offer. wanted is the group the script demands, NULL for none.
 * SIPVPN_ALLOWED: the offer is sound and *group (may be empty: any) is the
 * group it is for, pointing into sdp or to wanted's text. Else the reason;
 * *err then says where the body is wrong when that is the reason.
 */
enum sipvpn_verdict sipvpn_policy_offer(struct slice sdp,
	const struct slice *wanted, struct slice *group,
	struct vpnsdp_error *err);

/* Judge a pair. *shared, set on SIPVPN_ALLOWED, is the group they talk in. */
enum sipvpn_verdict sipvpn_policy_pair(const struct sipvpn_party *caller,
	const struct sipvpn_party *callee, enum sipvpn_naming naming,
	uint32_t group, uint32_t *shared);

/*
 * "user@domain", with or without "sip:" before it; a user alone is in
 * home_domain if that is not empty. *out points into text and home_domain.
 */
bool sipvpn_aor_parse(
	struct slice text, struct slice home_domain, struct sipvpn_aor *out);

/* A few plain words, without a full stop. */
const char *sipvpn_verdict_text(enum sipvpn_verdict verdict);

#endif
