/*
 * sipvpn_answer.c - the judgement on the answer to an offer that was admitted.
 *
 * The two may talk, which was found out with the offer. What is left is what
 * the answer says by itself: a group, and tunnel addresses.
 */
#include "sipvpn_answer.h"

#include "core/dprint.h"

#include "sipvpn_body.h"
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

/* A group, and whether its members' addresses are its affair. */
struct assigning {
	struct slice group;
	bool assigns;
};

static void look_up(const struct sipvpn_snapshot *s, void *arg)
{
	struct assigning *a = arg;
	struct sipvpn_group_info info;
	uint32_t number;

	if (!sipvpn_snapshot_group(s, a->group, &number))
		return;
	sipvpn_snapshot_group_info(s, number, &info);
	a->assigns = info.subnet4.bits || info.subnet6.bits;
}

/*
 * A group that is no more has an answer of its own: the table's. As long as
 * the membership is the one of then, what was known then is true.
 */
static bool assigns(const struct sipvpn_admitted *in)
{
	struct assigning a = {in->group, true};

	if (in->epoch == sipvpn_table_epoch())
		return in->assigns;
	(void)sipvpn_table_read(look_up, &a);
	return a.assigns;
}

static enum sipvpn_verdict malformed(enum vpnsdp_err err)
{
	LM_INFO("malformed VPN section in an answer: %s\n",
		vpnsdp_strerror(err));
	return SIPVPN_BAD_OFFER;
}

static enum sipvpn_verdict judge(const struct sipvpn_pair *pair,
	const struct sipvpn_admitted *in, struct slice text)
{
	struct vpnsdp_words words;
	struct vpnsdp_names names;
	enum vpnsdp_err err;

	err = vpnsdp_find_words(text, &words);
	if (err)
		return malformed(err);
	if (words.vpn_id.len > 0 && !slice_eq(words.vpn_id, in->group))
		return SIPVPN_OTHER_GROUP;
	/* addresses of their own choice are the two members' affair */
	if ((!words.local.p && !words.remote.p) || !assigns(in))
		return SIPVPN_ALLOWED;
	err = vpnsdp_read_words(&words, &names);
	return err ? malformed(err) : ask_table(pair, in->group, &names);
}

/*
 * Wherever in the body it stands, and whether or not that is SDP: what names
 * nothing wrong may be read by anybody, so nobody has to find out.
 */
enum sipvpn_verdict sipvpn_answer_judge(struct sip_msg *reply,
	const struct sipvpn_pair *pair, const struct sipvpn_admitted *in)
{
	enum sipvpn_verdict verdict =
		judge(pair, in, sipvpn_body_around(reply));

	if (verdict != SIPVPN_ALLOWED)
		sipvpn_record_set(reply, verdict, pair, in->group);
	return verdict;
}
