/*
 * sipvpn_record.h - what was decided last about the message being worked on,
 * for pseudo-variables and event routes.
 *
 * Rule: copies only; one message a process, as Kamailio works.
 */
#ifndef SIPVPN_RECORD_H
#define SIPVPN_RECORD_H

#include "core/parser/msg_parser.h"

#include "sipvpn_identity.h"

#define SIPVPN_MAX_AOR 512 /* user@domain; a longer one is not shown */

struct sipvpn_record {
	enum sipvpn_verdict verdict;
	char group[VPNSDP_MAX_VPN_ID];
	size_t group_len; /* 0: none was found */
	char caller[SIPVPN_MAX_AOR], callee[SIPVPN_MAX_AOR];
	size_t caller_len, callee_len; /* 0: nobody knows */
	/* On SIPVPN_ALLOWED, the tunnel's: local is the caller's. */
	struct sipvpn_ends ends;
	bool assigns;       /* the group does, addresses; as of this epoch: */
	uint64_t epoch;     /* sipvpn_table_epoch() */
	const char *reason; /* NULL: what the verdict says */
};

void sipvpn_record_set(struct sip_msg *msg, enum sipvpn_verdict verdict,
	const struct sipvpn_pair *pair, struct slice group);

/* Add to the record that was just set. reason must stay. */
void sipvpn_record_ends(
	const struct sipvpn_ends *ends, bool assigns, uint64_t epoch);
void sipvpn_record_reason(const char *reason);

/* NULL when nothing has been decided about this message. */
const struct sipvpn_record *sipvpn_record_get(const struct sip_msg *msg);

#endif
