/*
 * sipvpn_admit.h - the judgement on one VPN section between two ends, and
 * what goes with it: counting, a line in the log, the event.
 */
#ifndef SIPVPN_ADMIT_H
#define SIPVPN_ADMIT_H

#include "sipvpn_body.h"
#include "sipvpn_identity.h"

/*
 * Judge the section that sipvpn_body_find() found as body and sdp, BROKEN
 * ones included. wanted: the group the script demands, NULL for none. Sets
 * the record of msg, so that $vpn() knows; counts and runs nothing.
 */
enum sipvpn_verdict sipvpn_admit_judge(struct sip_msg *msg,
	const struct sipvpn_pair *pair, struct slice sdp,
	const struct slice *wanted);

/* Count and log what was judged last about msg, and run its event. */
void sipvpn_admit_report(struct sip_msg *msg, enum sipvpn_verdict verdict);

/* May these two talk in any group? Counts and records nothing. */
bool sipvpn_admit_any(const struct sipvpn_pair *pair);

#endif
