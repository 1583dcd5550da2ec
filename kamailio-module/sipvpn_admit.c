/*
 * sipvpn_admit.c - the judgement on one VPN section between two ends.
 */
#include "sipvpn_admit.h"

#include "core/dprint.h"

#include "sipvpn_event.h"
#include "sipvpn_record.h"
#include "sipvpn_stats.h"
#include "sipvpn_table.h"

#define MAX_LOGGED 80 /* bytes of somebody else's text in a log line */

/* Text for the log: printable, of limited length, terminated. */
struct printable {
	char text[MAX_LOGGED + 1];
};

static struct printable printable(const char *p, size_t len)
{
	struct printable out = {""};

	for (size_t i = 0; i < len && i < MAX_LOGGED; i++)
		out.text[i] = p[i] >= ' ' && p[i] <= '~' ? p[i] : '?';
	return out;
}

/*
 * What the table says of it. It knows offers, whose sender is the caller; in
 * the other direction own and peer's address change places.
 */
static enum sipvpn_verdict ask_table(const struct sipvpn_pair *pair,
	struct slice group, struct sipvpn_ends ends,
	struct sipvpn_decision *out)
{
	if (pair->from_callee)
		ends = (struct sipvpn_ends){ends.remote, ends.local};
	sipvpn_table_judge(&pair->caller, &pair->callee, group, &ends, out);
	if (!pair->from_callee)
		return out->verdict;
	switch (out->verdict) {
	case SIPVPN_LOCAL_NOT_OWN:
		return SIPVPN_REMOTE_NOT_OWN;
	case SIPVPN_REMOTE_NOT_OWN:
		return SIPVPN_LOCAL_NOT_OWN;
	default:
		return out->verdict;
	}
}

/* The tunnel addresses of a call, caller's first: named, or else assigned. */
static struct sipvpn_ends tunnel_ends(const struct sipvpn_pair *pair,
	const struct sipvpn_ends *named, const struct sipvpn_shared *shared)
{
	bool v6 = !shared->caller.addr4.family || !shared->callee.addr4.family;
	struct sipvpn_ends ends = *named;

	if (pair->from_callee)
		ends = (struct sipvpn_ends){named->remote, named->local};
	if (ends.local.family != 0)
		return ends;
	if (v6)
		return (struct sipvpn_ends){
			shared->caller.addr6, shared->callee.addr6};
	return (struct sipvpn_ends){shared->caller.addr4, shared->callee.addr4};
}

enum sipvpn_verdict sipvpn_admit_judge(struct sip_msg *msg,
	const struct sipvpn_pair *pair, struct slice sdp,
	const struct slice *wanted)
{
	struct slice group = wanted ? *wanted : SLICE("");
	struct vpnsdp_error err = {.text = SLICE("")};
	struct sipvpn_decision decision;
	struct sipvpn_ends ends;
	enum sipvpn_verdict verdict;

	verdict = sipvpn_policy_offer(sdp, wanted, &group, &ends, &err);
	if (verdict == SIPVPN_BAD_OFFER)
		LM_INFO("malformed VPN section, line %u: %s\n", err.line,
			vpnsdp_strerror(err.code));
	if (verdict == SIPVPN_ALLOWED && pair->callee.user.len == 0)
		verdict = SIPVPN_CALLEE_NOT_MEMBER;
	if ((verdict == SIPVPN_ALLOWED ||
		    verdict == SIPVPN_CALLEE_NOT_MEMBER) &&
		pair->caller.user.len == 0)
		verdict = SIPVPN_NOT_AUTHENTICATED;
	if (verdict == SIPVPN_ALLOWED) {
		verdict = ask_table(pair, group, ends, &decision);
		if (verdict == SIPVPN_ALLOWED)
			group = (struct slice){
				decision.group, decision.group_len};
	}
	sipvpn_record_set(msg, verdict, pair, group);
	if (verdict == SIPVPN_ALLOWED) {
		ends = tunnel_ends(pair, &ends, &decision.shared);
		sipvpn_record_ends(
			&ends, decision.shared.assigns, decision.epoch);
	}
	return verdict;
}

bool sipvpn_admit_any(const struct sipvpn_pair *pair)
{
	const struct sipvpn_ends none = {0};
	struct sipvpn_decision decision;

	if (pair->caller.user.len == 0 || pair->callee.user.len == 0)
		return false;
	sipvpn_table_judge(
		&pair->caller, &pair->callee, SLICE(""), &none, &decision);
	return decision.verdict == SIPVPN_ALLOWED;
}

static void log_refusal(struct sip_msg *msg, enum sipvpn_verdict verdict)
{
	const struct sipvpn_record *r = sipvpn_record_get(msg);

	LM_INFO("VPN call refused: caller %s, callee %s, group '%s': %s\n",
		printable(r->caller, r->caller_len).text,
		printable(r->callee, r->callee_len).text,
		printable(r->group, r->group_len).text,
		sipvpn_verdict_text(verdict));
	if (verdict == SIPVPN_NOT_READY)
		LM_ERR("every VPN call is refused: no membership is loaded; "
		       "see sipvpn.reload\n");
}

void sipvpn_admit_report(struct sip_msg *msg, enum sipvpn_verdict verdict)
{
	sipvpn_stats_count(SIPVPN_OFFERS);
	if (verdict == SIPVPN_ALLOWED) {
		sipvpn_stats_count(SIPVPN_ADMITTED);
		sipvpn_event_run(msg, SIPVPN_EVENT_ADMITTED);
		return;
	}
	sipvpn_stats_count(SIPVPN_REJECTED);
	log_refusal(msg, verdict);
	sipvpn_event_run(msg, SIPVPN_EVENT_REJECTED);
}
