/*
 * sipvpn_ack.c - the ACK that answers what the 200 to its INVITE has offered.
 */
#include "sipvpn_ack.h"

#include "modules/tm/tm_load.h"

#include "sipvpn_admit.h"
#include "sipvpn_call.h"
#include "sipvpn_record.h"
#include "sipvpn_store.h"
#include "sipvpn_strip.h"

static const struct tm_binds *tm;

void sipvpn_ack_init(const struct tm_binds *binds)
{
	tm = binds;
}

bool sipvpn_ack_live(struct slice body)
{
	struct vpnsdp sdp;

	return vpnsdp_parse(body, &sdp, NULL) == VPNSDP_OK && sdp.port > 0;
}

bool sipvpn_ack_ends(struct sipvpn_invite *invite, struct slice body)
{
	struct vpnsdp sdp;

	if (!invite->begins || invite->ended ||
		vpnsdp_parse(body, &sdp, NULL) != VPNSDP_OK || sdp.n_media > 1)
		return false;
	invite->ended = true;
	return true;
}

/*
 * The ACK that its INVITE is looked for, and what came of that. tm finds the
 * transaction and calls back; that is gone when it returns.
 */
static struct {
	const struct sip_msg *ack;      /* NULL: nobody asks */
	const struct sipvpn_pair *pair; /* NULL: it has no VPN section */
	struct slice sdp;
	enum sipvpn_verdict verdict;
	bool found;
	bool foreign; /* somebody else's */
	bool report, end;
} asked;

void sipvpn_ack_found(struct sip_msg *ack, struct sipvpn_invite *invite,
	const struct sipvpn_pair *pair)
{
	const struct sipvpn_admitted *in;

	if (ack != asked.ack)
		return; /* it is just being relayed */
	/* tm looks at tags, which somebody else may know */
	if (asked.pair && !sipvpn_identity_same(asked.pair, pair)) {
		asked.found = asked.foreign = true;
		return;
	}
	in = sipvpn_late_for(&invite->late, ack);
	asked.found = true;
	asked.verdict = in ? SIPVPN_ALLOWED : SIPVPN_NOT_OFFERED;
	if (!asked.pair)
		return;
	if (in)
		asked.verdict = sipvpn_answer_judge(ack, asked.pair, in);
	if (asked.verdict == SIPVPN_ALLOWED)
		return;
	asked.report = !invite->reported;
	invite->reported = true;
	asked.end = sipvpn_ack_ends(invite, asked.sdp);
}

/* 0 says that it is the ACK to a refusal, whose transaction tm holds then. */
static void ask(
	struct sip_msg *ack, const struct sipvpn_pair *pair, struct slice sdp)
{
	asked.ack = ack;
	asked.pair = pair;
	asked.sdp = sdp;
	asked.verdict = SIPVPN_NOT_OFFERED;
	asked.found = asked.foreign = asked.end = false;
	asked.report = true;
	if (tm && tm->t_newtran(ack) == 0)
		(void)tm->t_unref(ack);
	asked.ack = NULL;
}

/* The transaction has gone; there may be a call. */
static enum sipvpn_verdict judge_by_call(
	struct sip_msg *ack, const struct sipvpn_pair *pair)
{
	char mem[VPNSDP_MAX_VPN_ID];
	struct sbuf group = sbuf_over(mem, sizeof(mem));
	struct sipvpn_admitted in = {.assigns = true};

	asked.foreign = !sipvpn_call_group(ack, pair, &group);
	if (asked.foreign)
		return SIPVPN_NOT_OFFERED;
	in.group = sbuf_slice(&group);
	return sipvpn_answer_judge(ack, pair, &in);
}

enum sipvpn_verdict sipvpn_ack_judge(
	struct sip_msg *ack, const struct sipvpn_pair *pair, struct slice sdp)
{
	ask(ack, pair, sdp);
	if (!asked.found)
		asked.verdict = judge_by_call(ack, pair);
	if (asked.verdict == SIPVPN_ALLOWED) {
		if (!sipvpn_ack_live(sdp))
			sipvpn_call_off(ack, SIPVPN_WHY_TAKEN_OUT);
		return SIPVPN_ALLOWED;
	}
	if (asked.verdict == SIPVPN_NOT_OFFERED)
		sipvpn_record_set(ack, asked.verdict, pair, SLICE(""));
	if (!asked.foreign)
		sipvpn_call_off(ack, SIPVPN_WHY_CLOSED);
	if (asked.end)
		sipvpn_call_refuse(ack);
	if (asked.report && !sipvpn_strip_left(sdp))
		sipvpn_admit_report(ack, asked.verdict);
	return asked.verdict;
}

void sipvpn_ack_other(struct sip_msg *ack)
{
	if (sipvpn_store_count() == 0)
		return;
	ask(ack, NULL, SLICE(""));
	if (asked.found && asked.verdict == SIPVPN_ALLOWED)
		sipvpn_call_off(ack, SIPVPN_WHY_TAKEN_OUT);
}
