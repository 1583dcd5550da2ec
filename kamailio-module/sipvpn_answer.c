/*
 * sipvpn_answer.c - the judgement on the answer to an offer that was admitted.
 *
 * The two may talk, which was found out with the offer. What is left is what
 * the answer says by itself: a group, and tunnel addresses.
 */
#include "sipvpn_answer.h"

#include "core/dprint.h"

#include "sipvpn_record.h"
#include "sipvpn_table.h"

/*
 * The table knows the caller's side: as an offer of his it is the same
 * question. When the call has become forbidden meanwhile, it says so.
 */
static enum sipvpn_verdict ask_table(const struct sipvpn_pair *pair,
	struct slice group, const struct vpnsdp_names *names)
{
	struct sipvpn_ends ends = {names->local, names->remote};
	struct sipvpn_decision decision;

	if (pair->from_callee)
		ends = (struct sipvpn_ends){names->remote, names->local};
	sipvpn_table_judge(
		&pair->caller, &pair->callee, group, &ends, &decision);
	if (!pair->from_callee)
		return decision.verdict;
	switch (decision.verdict) {
	case SIPVPN_LOCAL_NOT_OWN:
		return SIPVPN_REMOTE_NOT_OWN;
	case SIPVPN_REMOTE_NOT_OWN:
		return SIPVPN_LOCAL_NOT_OWN;
	default:
		return decision.verdict;
	}
}

static enum sipvpn_verdict judge(const struct sipvpn_pair *pair,
	struct slice group, enum sipvpn_body body, struct slice sdp)
{
	struct vpnsdp_names names;
	enum vpnsdp_err err;

	if (body == SIPVPN_BODY_BROKEN)
		return SIPVPN_BAD_OFFER;
	err = vpnsdp_read_names(sdp, &names);
	if (err) {
		LM_INFO("malformed VPN section in an answer: %s\n",
			vpnsdp_strerror(err));
		return SIPVPN_BAD_OFFER;
	}
	if (names.vpn_id.len > 0 && !slice_eq(names.vpn_id, group))
		return SIPVPN_OTHER_GROUP;
	return ask_table(pair, group, &names);
}

enum sipvpn_verdict sipvpn_answer_judge(struct sip_msg *reply,
	const struct sipvpn_pair *pair, struct slice group,
	enum sipvpn_body body, struct slice sdp)
{
	enum sipvpn_verdict verdict = judge(pair, group, body, sdp);

	if (verdict != SIPVPN_ALLOWED)
		sipvpn_record_set(reply, verdict, pair, group);
	return verdict;
}
