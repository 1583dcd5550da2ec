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
	SIPVPN_GROUP_OFF = -11, /* nobody may call in this group */
	SIPVPN_NO_HUB = -12,    /* a hub group, and neither end is a hub */
	/* The group assigns addresses, and these are others. */
	SIPVPN_LOCAL_NOT_OWN = -13,  /* VPN_LOCAL_ADDR: the sender's */
	SIPVPN_REMOTE_NOT_OWN = -14, /* VPN_REMOTE_ADDR: the other end's */
	/* In an answer, which has the media of its offer, RFC 3264 section 6 */
	SIPVPN_NOT_OFFERED = -15,
};

/* The lowest verdict; they have no gaps. */
#define SIPVPN_LAST_VERDICT SIPVPN_NOT_OFFERED

/* Who may call whom in a group. */
enum sipvpn_group_policy {
	SIPVPN_OPEN, /* every member every member */
	SIPVPN_HUB,  /* one of the two is a hub */
	SIPVPN_OFF,  /* nobody */
};

/* An address-of-record. The domain is compared without case, the user with. */
struct sipvpn_aor {
	struct slice user;
	struct slice domain;
};

/* Somebody's place in a group. Twelve bytes, since there are millions. */
struct sipvpn_seat {
	uint32_t group;
	uint8_t addr4[4]; /* 0.0.0.0: none */
	uint32_t hub : 1;
	uint32_t addr6 : 31; /* where it is kept, + 1; 0: none */
};

/* The groups somebody is in: ascending, each once. */
struct sipvpn_party {
	const struct sipvpn_seat *seats;
	size_t n;
};

/* The tunnel addresses that an offer or an answer names; or does not. */
struct sipvpn_ends {
	struct vpnsdp_addr local, remote;
};

/* One end of a call as its group knows it. */
struct sipvpn_end {
	bool hub;
	struct vpnsdp_addr addr4, addr6; /* assigned to it, if any */
};

/* What a group has to say about a call between two of its members. */
struct sipvpn_shared {
	enum sipvpn_group_policy policy;
	bool assigns; /* addresses of one family at least */
	struct sipvpn_end caller, callee;
};

/* The group a call is for. */
enum sipvpn_naming {
	SIPVPN_ANY_GROUP, /* none is named: one that both share will do */
	SIPVPN_ONE_GROUP,
	SIPVPN_UNKNOWN_GROUP, /* one is named that does not exist */
};

/*
 * Read an offer. wanted is the group the script demands, NULL for none.
 * SIPVPN_ALLOWED: the offer is sound, *group (may be empty: any) is the group
 * it is for, pointing into sdp or to wanted's text, and *ends are the tunnel
 * addresses it names. Else the reason; *err then says where the body is wrong
 * when that is the reason.
 */
enum sipvpn_verdict sipvpn_policy_offer(struct slice sdp,
	const struct slice *wanted, struct slice *group,
	struct sipvpn_ends *ends, struct vpnsdp_error *err);

/*
 * Judge an offer, or the answer to it, by what the group says. An address
 * that is not named is nothing wrong: it is left to the other end.
 */
enum sipvpn_verdict sipvpn_policy_shared(
	const struct sipvpn_shared *shared, const struct sipvpn_ends *offer);
enum sipvpn_verdict sipvpn_policy_answer(
	const struct sipvpn_shared *shared, const struct sipvpn_ends *answer);

/* Asks about one group that both are in. */
struct sipvpn_judge {
	enum sipvpn_verdict (*ask)(void *arg, const struct sipvpn_seat *caller,
		const struct sipvpn_seat *callee);
	void *arg;
};

/*
 * Judge a pair: in the group named, else in the first one both share that
 * allows it. *shared, set on SIPVPN_ALLOWED, is that group. When several
 * groups refuse, the reason is the first one's.
 */
enum sipvpn_verdict sipvpn_policy_pair(const struct sipvpn_party *caller,
	const struct sipvpn_party *callee, enum sipvpn_naming naming,
	uint32_t group, const struct sipvpn_judge *judge, uint32_t *shared);

/* "open", "hub", "off"; empty is open. */
bool sipvpn_policy_parse(struct slice text, enum sipvpn_group_policy *out);
const char *sipvpn_policy_text(enum sipvpn_group_policy policy);
/* "member", "hub"; empty is a member. */
bool sipvpn_role_parse(struct slice text, bool *hub);

/*
 * "user@domain", with or without "sip:" before it; a user alone is in
 * home_domain if that is not empty. *out points into text and home_domain.
 */
bool sipvpn_aor_parse(
	struct slice text, struct slice home_domain, struct sipvpn_aor *out);
/* Copy to *at, which moves behind it; the copy. There must be room. */
struct sipvpn_aor sipvpn_aor_copy(const struct sipvpn_aor *from, char **at);

/* A few plain words, without a full stop. */
const char *sipvpn_verdict_text(enum sipvpn_verdict verdict);

#endif
