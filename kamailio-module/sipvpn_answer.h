/*
 * sipvpn_answer.h - the judgement on the answer to an offer that was admitted.
 */
#ifndef SIPVPN_ANSWER_H
#define SIPVPN_ANSWER_H

#include "sipvpn_identity.h"

/*
 * Judge what reply says, if anything. pair: from_callee says who answers.
 * group: the one the offer was admitted in. It may name no other, and where
 * the group assigns addresses, no others than the members' own. Sets the
 * record of reply when it refuses; counts nothing.
 */
enum sipvpn_verdict sipvpn_answer_judge(struct sip_msg *reply,
	const struct sipvpn_pair *pair, struct slice group);

#endif
