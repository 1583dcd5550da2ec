/*
 * sipvpn_answer.h - the judgement on the answer to an offer that was admitted.
 */
#ifndef SIPVPN_ANSWER_H
#define SIPVPN_ANSWER_H

#include "sipvpn_identity.h"

/* What was known of the group when the offer was admitted in it. */
struct sipvpn_admitted {
	struct slice group;
	bool assigns;   /* addresses to its members; as of this epoch: */
	uint64_t epoch; /* sipvpn_table_epoch() */
};

/*
 * Judge what reply says, if anything. pair: from_callee says who answers.
 * in: the group the offer was admitted in. It may name no other, and where
 * the group assigns addresses, no others than the members' own. Sets the
 * record of reply when it refuses; counts nothing.
 */
enum sipvpn_verdict sipvpn_answer_judge(struct sip_msg *reply,
	const struct sipvpn_pair *pair, const struct sipvpn_admitted *in);

#endif
