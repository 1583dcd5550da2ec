/*
 * sipvpn_watch.c - the replies to a request, judged as they pass.
 */
#include "sipvpn_watch.h"

#include "core/dprint.h"
#include "core/script_cb.h"
#include "modules/tm/tm_load.h"

#include "sipvpn_admit.h"
#include "sipvpn_answer.h"
#include "sipvpn_call.h"
#include "sipvpn_keep.h"
#include "sipvpn_prack.h"
#include "sipvpn_record.h"
#include "sipvpn_strip.h"
#include "sipvpn_watched.h"

#define ON_ACK (TMCB_E2EACK_IN | TMCB_E2EACK_RETR_IN)

static struct tm_binds tm;
static bool have_tm;

/* What before_script() has begun for the message at work. */
static struct {
	struct sipvpn_watched *w; /* NULL: nothing, or sipvpn_manage() has it */
	bool late;
	unsigned int id;
	int pid;
} early;

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

/* What goes out is put back first: what is closed then stays so. */
static void on_forward(struct cell *t, int type, struct tmcb_params *params)
{
	bool request = type & (TMCB_REQUEST_FWDED | ON_ACK);
	struct sip_msg *msg = request ? params->req : params->rpl;
	const struct sipvpn_watched *w = *params->param;

	(void)t;
	if (!msg || msg == FAKED_REPLY)
		return;
	if (type & ON_ACK) {
		sipvpn_ack_found(params->req,
			&((struct sipvpn_watched *)*params->param)->invite,
			&w->pair);
		return;
	}
	if (w->keep)
		(void)sipvpn_keep_restore(msg);
	if (request) {
		if (w->has_pass)
			(void)sipvpn_pass_give(msg, w->pass);
		return;
	}
	if (!w->judged)
		return;
	if (w->other)
		judge_other(msg, params->param);
	else if (w->admitted)
		judge_answer(msg, *params->param);
	else
		judge_offer(msg, *params->param);
}

/* What the record says of a section that was admitted. */
static struct sipvpn_admitted admitted_in(const struct sip_msg *msg)
{
	const struct sipvpn_record *r = sipvpn_record_get(msg);

	if (!r)
		return (struct sipvpn_admitted){.epoch = 0};
	return (struct sipvpn_admitted){
		{r->group, r->group_len}, r->assigns, r->epoch};
}

bool sipvpn_watch_can(void)
{
	if (!have_tm)
		LM_ERR("sipvpn_manage() needs the module tm, loaded before "
		       "sipvpn\n");
	return have_tm;
}

/* Takes w over. late: a 2xx may bring an offer, and the ACK the answer. */
static bool begin_to_watch(
	struct sip_msg *msg, const struct sipvpn_watched *w, bool late)
{
	int types = TMCB_RESPONSE_FWDED;

	if (w->keep || w->has_pass)
		types |= TMCB_REQUEST_FWDED;
	if (late)
		types |= ON_ACK;
	if (tm.register_tmcb(msg, NULL, types, on_forward, (void *)w,
		    sipvpn_watched_free) > 0)
		return true;
	LM_ERR("cannot watch the replies of a request\n");
	sipvpn_watched_free((void *)w);
	return false;
}

static bool have_transaction(void)
{
	const struct cell *t = tm.t_gett();

	return t != T_NULL_CELL && t != T_UNDEFINED;
}

/*
 * Before the script: the transaction that msg gets, if it gets one, keeps what
 * is protected, whether or not the script calls sipvpn_manage().
 */
static int before_script(struct sip_msg *msg, unsigned int flags, void *param)
{
	struct sipvpn_watched *w;
	bool late;

	(void)flags;
	(void)param;
	early.w = NULL;
	/* tm forgets its own behind each script: this is nobody else's */
	if (have_transaction() || !sipvpn_keep_concerns(msg, &late))
		return 1; /* go on */
	w = sipvpn_watched_new();
	if (!w)
		return 1;
	w->keep = true;
	if (begin_to_watch(msg, w, late)) {
		early.w = w;
		early.late = late;
		early.id = msg->id;
		early.pid = msg->pid;
	}
	return 1;
}

/* What has begun so; NULL when nothing has, or not as it is wanted now. */
static struct sipvpn_watched *take_early(const struct sip_msg *msg, bool late)
{
	struct sipvpn_watched *w = early.w;

	if (!w || early.id != msg->id || early.pid != msg->pid ||
		early.late != late)
		return NULL;
	early.w = NULL;
	return w;
}

/* What is forwarded is watched for other reasons, or else it need not be. */
static bool give_now(struct sip_msg *msg, const struct sipvpn_watched *w)
{
	return !w->keep && sipvpn_pass_give(msg, w->pass);
}

bool sipvpn_watch(struct sip_msg *msg, const struct sipvpn_pair *pair,
	bool begins, bool admitted)
{
	const bool late = !admitted && msg->REQ_METHOD == METHOD_INVITE;
	struct sipvpn_admitted in = {.epoch = 0};
	struct sipvpn_watched *w, *new = NULL;

	if (!sipvpn_watch_can())
		return false;
	if (admitted)
		in = admitted_in(msg);
	w = take_early(msg, late);
	if (!w)
		w = new = sipvpn_watched_new();
	if (!w)
		return false;
	if (!sipvpn_watched_remember(w, pair, &in)) {
		if (new)
			sipvpn_watched_free(new);
		return false;
	}
	w->judged = true;
	w->admitted = admitted;
	w->invite.begins = begins;
	w->has_pass = begins && sipvpn_pass_make(msg, pair, w->pass) &&
		      !give_now(msg, w);
	return !new || begin_to_watch(msg, new, late);
}

bool sipvpn_watch_other(
	struct sip_msg *msg, const struct sipvpn_pair *pair, bool begins)
{
	const struct sipvpn_watched *common = sipvpn_watched_other(begins);
	struct sipvpn_watched *w, *new = NULL;

	if (!sipvpn_watch_can())
		return false;
	w = take_early(msg, false);
	if (!w && !pair)
		return begin_to_watch(msg, common, false);
	if (!w)
		w = new = sipvpn_watched_new();
	if (!w)
		return false;
	w->judged = w->other = true;
	w->invite.begins = begins;
	w->has_pass = pair && sipvpn_pass_make(msg, pair, w->pass) &&
		      !give_now(msg, w);
	return !new || begin_to_watch(msg, new, false);
}

int sipvpn_watch_init(bool always)
{
	have_tm = find_export("load_tm", NO_SCRIPT, 0) && load_tm_api(&tm) == 0;
	sipvpn_ack_init(have_tm ? &tm : NULL);
	sipvpn_prack_init(have_tm ? &tm : NULL);
	if (!have_tm) {
		LM_NOTICE("without the tm module, protected media are put back "
			  "by sipvpn_restore() alone, and there is no "
			  "sipvpn_manage()\n");
		return 0;
	}
	if (!always || register_script_cb(before_script,
			       PRE_SCRIPT_CB | REQUEST_CB, NULL) == 0)
		return 0;
	LM_ERR("cannot look at requests before the script\n");
	return -1;
}
