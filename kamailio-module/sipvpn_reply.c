/*
 * sipvpn_reply.c - a reply, judged as it passes.
 */
#include "sipvpn_reply.h"

#include "sipvpn_admit.h"
#include "sipvpn_answer.h"
#include "sipvpn_call.h"
#include "sipvpn_late.h"
#include "sipvpn_prack.h"
#include "sipvpn_record.h"
#include "sipvpn_strip.h"
#include "sipvpn_watched.h"

static bool is_final(const struct sip_msg *reply)
{
	return reply->REPLY_STATUS >= 200;
}

static struct sipvpn_pair answering(const struct sipvpn_watched *w)
{
	struct sipvpn_pair pair = w->pair;

	pair.from_callee = !pair.from_callee; /* who answers is the other */
	return pair;
}

static void report(struct sip_msg *reply, struct sipvpn_watched *w,
	enum sipvpn_verdict verdict)
{
	if (w->reported)
		return;
	w->reported = true;
	sipvpn_admit_report(reply, verdict);
}

/*
 * Of a call that forks, the first 2xx alone says what its dialog is. The next
 * one may come before the dialog module knows which that is.
 */
static bool settles(const struct sip_msg *reply, struct sipvpn_watched *w)
{
	bool first = !w->settled;

	if (is_final(reply))
		w->settled = true;
	return first;
}

static void close_section(struct sip_msg *reply, struct sipvpn_watched *w,
	enum sipvpn_verdict verdict, struct slice sdp)
{
	(void)sipvpn_strip(reply);
	if (is_final(reply)) {
		if (settles(reply, w))
			sipvpn_call_off(reply, SIPVPN_WHY_CLOSED);
		if (sipvpn_ack_ends(&w->invite, sdp))
			sipvpn_call_refuse(reply);
	} else {
		sipvpn_prack_no(reply, &w->invite, SIPVPN_WHY_CLOSED, sdp);
	}
	report(reply, w, verdict);
}

static void take_out(
	struct sip_msg *reply, struct sipvpn_watched *w, struct slice sdp)
{
	if (is_final(reply))
		sipvpn_call_off(reply, SIPVPN_WHY_TAKEN_OUT);
	else
		sipvpn_prack_no(reply, &w->invite, SIPVPN_WHY_TAKEN_OUT, sdp);
}

/* The reply has a VPN section that may pass; its record says in which group. */
static void let_pass(
	struct sip_msg *reply, struct sipvpn_watched *w, struct slice sdp)
{
	if (!settles(reply, w))
		return;
	if (sipvpn_ack_live(sdp))
		sipvpn_call_on(reply, &w->pair);
	else
		take_out(reply, w, sdp);
}

/* A reply that speaks of other media, or of none at all. */
static void without_section(struct sip_msg *reply, struct sipvpn_watched *w)
{
	bool other;

	if (w->invite.begins && !w->invite.late)
		return; /* the dialog's callback reads the 2xx */
	other = sipvpn_body_other(reply);
	if (other && !w->invite.begins)
		take_out(reply, w, SLICE(""));
	else if (!other && w->invite.late && is_final(reply) &&
		 settles(reply, w))
		sipvpn_prack_settle(reply, w);
}

/*
 * In the middle of a call the answer decides whether it is a VPN call from
 * now on. Its tunnel addresses are wanted, so it is judged in full.
 */
static void judge_change(
	struct sip_msg *reply, struct sipvpn_watched *w, struct slice sdp)
{
	const struct sipvpn_pair pair = answering(w);
	enum sipvpn_verdict verdict =
		sipvpn_admit_judge(reply, &pair, sdp, &w->in.group);

	if (verdict == SIPVPN_BAD_OFFER) /* odd, and still an answer */
		sipvpn_record_set(reply, SIPVPN_ALLOWED, &pair, w->in.group);
	else if (verdict != SIPVPN_ALLOWED) {
		close_section(reply, w, verdict, sdp);
		return;
	}
	let_pass(reply, w, sdp);
}

/*
 * Nothing but its names has to be looked at: it only rings, or it is the one
 * 2xx that answers the INVITE that was admitted.
 */
static bool is_plain(struct sip_msg *reply, const struct sipvpn_watched *w)
{
	if (is_final(reply))
		return w->invite.begins && !w->invite.late;
	return !sipvpn_body_any(reply);
}

/* Of an offer that was admitted; that has been reported with the request. */
static void judge_answer(struct sip_msg *reply, struct sipvpn_watched *w)
{
	const struct sipvpn_pair pair = answering(w);
	struct slice sdp = SLICE("");
	enum sipvpn_verdict verdict = sipvpn_answer_judge(reply, &pair, &w->in);

	if (verdict == SIPVPN_ALLOWED && is_plain(reply, w))
		return;
	switch (sipvpn_body_find(reply, &sdp)) {
	case SIPVPN_BODY_NONE:
		without_section(reply, w);
		break;
	case SIPVPN_BODY_BROKEN:
	case SIPVPN_BODY_FOUND:
		if (verdict != SIPVPN_ALLOWED)
			close_section(reply, w, verdict, sdp);
		else if (sdp.len > 0 &&
			 (is_final(reply) || sipvpn_prack_rseq(reply) > 0))
			judge_change(reply, w, sdp);
		break;
	}
}

/*
 * A section that its request did not offer: the offer of a late one, or what
 * an answer may not hold at all.
 */
static void judge_offer(struct sip_msg *reply, struct sipvpn_watched *w)
{
	const struct sipvpn_pair pair = answering(w);
	struct slice sdp = SLICE("");
	enum sipvpn_verdict verdict;
	uint32_t rseq;

	/* A broken body has no SDP to read: it is judged as an empty one. */
	if (sipvpn_body_find(reply, &sdp) == SIPVPN_BODY_NONE) {
		without_section(reply, w);
		return;
	}
	verdict = sipvpn_admit_judge(reply, &pair, sdp, NULL);
	rseq = sipvpn_prack_rseq(reply);
	if (verdict == SIPVPN_ALLOWED && (is_final(reply) || rseq > 0) &&
		!sipvpn_late_set(&w->invite.late, reply, rseq))
		verdict = SIPVPN_INTERNAL;
	if (verdict != SIPVPN_ALLOWED && !w->invite.begins &&
		sipvpn_strip_left(sdp)) {
		take_out(reply, w, sdp);
		return;
	}
	if (verdict != SIPVPN_ALLOWED) {
		close_section(reply, w, verdict, sdp);
		return;
	}
	let_pass(reply, w, sdp);
	report(reply, w, verdict);
}

/* Something has happened that has to be remembered of this one. */
static struct sipvpn_watched *make_own(const struct sipvpn_watched *common)
{
	struct sipvpn_watched *w = sipvpn_watched_new();

	if (w)
		*w = *common;
	return w;
}

/* An answer to other media: no VPN section may be in it. */
static void judge_other(struct sip_msg *reply, void **param)
{
	struct sipvpn_pair nobody = {
		{SLICE(""), SLICE("")}, {SLICE(""), SLICE("")}, true};
	struct sipvpn_watched *w = *param;
	struct slice sdp = SLICE("");

	if (sipvpn_body_find(reply, &sdp) == SIPVPN_BODY_NONE) {
		without_section(reply, w);
		return;
	}
	if (!w->invite.begins && sipvpn_strip_left(sdp)) {
		take_out(reply, w, sdp);
		return;
	}
	if (sipvpn_watched_is_common(w))
		w = make_own(w);
	if (!w) {
		(void)sipvpn_strip(reply);
		return;
	}
	*param = w;
	sipvpn_record_set(reply, SIPVPN_NOT_OFFERED, &nobody, SLICE(""));
	close_section(reply, w, SIPVPN_NOT_OFFERED, sdp);
}

void sipvpn_reply_judge(struct sip_msg *reply, void **param)
{
	const struct sipvpn_watched *w = *param;

	if (w->other)
		judge_other(reply, param);
	else if (w->admitted)
		judge_answer(reply, *param);
	else
		judge_offer(reply, *param);
}
