/*
 * sipvpn_watch.c - the replies to a request, judged as they pass.
 */
#include "sipvpn_watch.h"

#include "core/dprint.h"
#include "core/mem/shm_mem.h"
#include "modules/tm/tm_load.h"

#include "sipvpn_ack.h"
#include "sipvpn_admit.h"
#include "sipvpn_answer.h"
#include "sipvpn_call.h"
#include "sipvpn_keep.h"
#include "sipvpn_record.h"
#include "sipvpn_strip.h"

#define ON_ACK (TMCB_E2EACK_IN | TMCB_E2EACK_RETR_IN)

/* What a transaction remembers; the two ends' text stands behind it. */
struct watched {
	struct sipvpn_pair pair;
	struct sipvpn_admitted in; /* where the request's section was */
	bool admitted;             /* the request's own section */
	bool other;                /* the request offers, and no VPN */
	bool keep;                 /* sipvpn_keep.h, on what is forwarded */
	bool reported; /* once a transaction, however often a reply comes */
	bool settled;  /* whether the call has a VPN now: by its first 2xx */
	struct sipvpn_invite invite; /* a request of another kind has one too */
};

/*
 * What transactions without a VPN remember, by begins and keep: most need
 * nothing of their own. Read only; all processes have it at the same place.
 */
static const struct watched others[2][2] = {
	{{.other = true}, {.other = true, .keep = true}},
	{{.other = true, .invite.begins = true},
		{.other = true, .invite.begins = true, .keep = true}},
};

static struct tm_binds tm;
static bool have_tm;

void sipvpn_watch_init(void)
{
	have_tm = find_export("load_tm", NO_SCRIPT, 0) && load_tm_api(&tm) == 0;
	if (!have_tm)
		LM_INFO("without the module tm there is no "
			"sipvpn_manage()\n");
	sipvpn_ack_init(have_tm ? &tm : NULL);
}

static struct slice copy(struct slice from, char **at)
{
	struct slice to = {*at, from.len};

	if (from.len > 0)
		memcpy(*at, from.p, from.len);
	*at += from.len;
	return to;
}

static size_t aor_size(const struct sipvpn_aor *aor)
{
	return aor->user.len + aor->domain.len;
}

static struct sipvpn_aor copy_aor(const struct sipvpn_aor *from, char **at)
{
	struct sipvpn_aor to;

	to.user = copy(from->user, at);
	to.domain = copy(from->domain, at);
	return to;
}

static struct watched *remember(
	const struct sipvpn_pair *pair, const struct sipvpn_admitted *in)
{
	struct watched *w = shm_malloc(sizeof(*w) + aor_size(&pair->caller) +
				       aor_size(&pair->callee) + in->group.len);
	char *at;

	if (!w) {
		SHM_MEM_ERROR;
		return NULL;
	}
	at = (char *)(w + 1);
	*w = (struct watched){.admitted = false};
	w->pair.from_callee = pair->from_callee;
	w->pair.caller = copy_aor(&pair->caller, &at);
	w->pair.callee = copy_aor(&pair->callee, &at);
	w->in.group = copy(in->group, &at);
	w->in.assigns = in->assigns;
	w->in.epoch = in->epoch;
	return w;
}

static bool is_common(const struct watched *w)
{
	const struct watched *first = &others[0][0];

	return w >= first && w < first + sizeof(others) / sizeof(*first);
}

static void forget(void *param)
{
	struct watched *w = param;

	if (is_common(w))
		return;
	sipvpn_late_free(w->invite.late);
	shm_free(w);
}

static bool is_final(const struct sip_msg *reply)
{
	return reply->REPLY_STATUS >= 200;
}

static struct sipvpn_pair answering(const struct watched *w)
{
	struct sipvpn_pair pair = w->pair;

	pair.from_callee = !pair.from_callee; /* who answers is the other */
	return pair;
}

static void report(
	struct sip_msg *reply, struct watched *w, enum sipvpn_verdict verdict)
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
static bool settles(const struct sip_msg *reply, struct watched *w)
{
	bool first = !w->settled;

	if (is_final(reply))
		w->settled = true;
	return first;
}

static void close_section(struct sip_msg *reply, struct watched *w,
	enum sipvpn_verdict verdict, struct slice sdp)
{
	(void)sipvpn_strip(reply);
	if (is_final(reply)) {
		if (settles(reply, w))
			sipvpn_call_off(reply, SIPVPN_WHY_CLOSED);
		if (sipvpn_ack_ends(&w->invite, sdp))
			sipvpn_call_refuse(reply);
	}
	report(reply, w, verdict);
}

/* The reply has a VPN section that may pass; its record says in which group. */
static void let_pass(struct sip_msg *reply, struct watched *w, struct slice sdp)
{
	if (!settles(reply, w))
		return;
	if (sipvpn_ack_live(sdp))
		sipvpn_call_on(reply, &w->pair);
	else if (is_final(reply))
		sipvpn_call_off(reply, SIPVPN_WHY_TAKEN_OUT);
}

/* A final reply whose body, if it has one, speaks of other media. */
static void without_section(struct sip_msg *reply, const struct watched *w)
{
	if (!w->invite.begins && is_final(reply) && sipvpn_body_any(reply))
		sipvpn_call_off(reply, SIPVPN_WHY_TAKEN_OUT);
}

/*
 * In the middle of a call the answer decides whether it is a VPN call from
 * now on. Its tunnel addresses are wanted, so it is judged in full.
 */
static void judge_change(
	struct sip_msg *reply, struct watched *w, struct slice sdp)
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

/* Of an offer that was admitted; that has been reported with the request. */
static void judge_answer(struct sip_msg *reply, struct watched *w)
{
	const struct sipvpn_pair pair = answering(w);
	struct slice sdp = SLICE("");
	enum sipvpn_verdict verdict = sipvpn_answer_judge(reply, &pair, &w->in);

	if (verdict == SIPVPN_ALLOWED && (w->invite.begins || !is_final(reply)))
		return;
	switch (sipvpn_body_find(reply, &sdp)) {
	case SIPVPN_BODY_NONE:
		without_section(reply, w);
		break;
	case SIPVPN_BODY_BROKEN:
	case SIPVPN_BODY_FOUND:
		if (verdict != SIPVPN_ALLOWED)
			close_section(reply, w, verdict, sdp);
		else if (sdp.len > 0)
			judge_change(reply, w, sdp);
		break;
	}
}

/*
 * A section that its request did not offer: the offer of a late one, or what
 * an answer may not hold at all.
 */
static void judge_offer(struct sip_msg *reply, struct watched *w)
{
	const struct sipvpn_pair pair = answering(w);
	struct slice sdp = SLICE("");
	enum sipvpn_verdict verdict;

	/* A broken body has no SDP to read: it is judged as an empty one. */
	if (sipvpn_body_find(reply, &sdp) == SIPVPN_BODY_NONE) {
		without_section(reply, w);
		return;
	}
	verdict = sipvpn_admit_judge(reply, &pair, sdp, NULL);
	if (verdict == SIPVPN_ALLOWED && is_final(reply) &&
		!sipvpn_late_set(&w->invite.late, reply))
		verdict = SIPVPN_INTERNAL;
	if (verdict != SIPVPN_ALLOWED) {
		close_section(reply, w, verdict, sdp);
		return;
	}
	let_pass(reply, w, sdp);
	report(reply, w, verdict);
}

/* Something has happened that has to be remembered of this one. */
static struct watched *make_own(const struct watched *common)
{
	static const struct sipvpn_pair nobody = {.from_callee = false};
	static const struct sipvpn_admitted nowhere = {.epoch = 0};
	struct watched *w = remember(&nobody, &nowhere);

	if (w) {
		w->other = common->other;
		w->invite.begins = common->invite.begins;
		w->keep = common->keep;
	}
	return w;
}

/* An answer to other media: no VPN section may be in it. */
static void judge_other(struct sip_msg *reply, void **param)
{
	struct sipvpn_pair nobody = {
		{SLICE(""), SLICE("")}, {SLICE(""), SLICE("")}, true};
	struct watched *w = *param;
	struct slice sdp = SLICE("");

	if (sipvpn_body_find(reply, &sdp) == SIPVPN_BODY_NONE) {
		without_section(reply, w);
		return;
	}
	if (is_common(w))
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
	const struct watched *w = *params->param;

	(void)t;
	if (!msg || msg == FAKED_REPLY)
		return;
	if (type & ON_ACK) {
		sipvpn_ack_found(params->req,
			&((struct watched *)*params->param)->invite);
		return;
	}
	if (w->keep)
		(void)sipvpn_keep_restore(msg);
	if (request)
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

static bool tm_is_there(void)
{
	if (!have_tm)
		LM_ERR("sipvpn_manage() needs the module tm\n");
	return have_tm;
}

/* Its 2xx may bring an offer, and the ACK the answer. */
static bool may_be_late(const struct sip_msg *msg, const struct watched *w)
{
	return !w->admitted && !w->other && msg->REQ_METHOD == METHOD_INVITE;
}

/* Takes w over. */
static bool begin_to_watch(struct sip_msg *msg, const struct watched *w)
{
	int types = TMCB_RESPONSE_FWDED;

	if (w->keep)
		types |= TMCB_REQUEST_FWDED;
	if (may_be_late(msg, w))
		types |= ON_ACK;
	if (tm.register_tmcb(msg, NULL, types, on_forward, (void *)w, forget) >
		0)
		return true;
	LM_ERR("cannot watch the replies of a request\n");
	forget((void *)w);
	return false;
}

bool sipvpn_watch(struct sip_msg *msg, const struct sipvpn_pair *pair,
	bool begins, bool admitted)
{
	struct sipvpn_admitted in = {.epoch = 0};
	struct watched *w;

	if (!tm_is_there())
		return false;
	if (admitted)
		in = admitted_in(msg);
	w = remember(pair, &in);
	if (!w)
		return false;
	w->admitted = admitted;
	w->invite.begins = begins;
	w->keep = sipvpn_keep_leave(msg, admitted);
	return begin_to_watch(msg, w);
}

bool sipvpn_watch_other(struct sip_msg *msg, bool begins)
{
	return tm_is_there() &&
	       begin_to_watch(
		       msg, &others[begins][sipvpn_keep_leave(msg, false)]);
}
