/*
 * sipvpn_watch.c - the replies to a request, judged as they pass.
 */
#include "sipvpn_watch.h"

#include "core/dprint.h"
#include "core/mem/shm_mem.h"
#include "modules/tm/tm_load.h"

#include "sipvpn_admit.h"
#include "sipvpn_answer.h"
#include "sipvpn_call.h"
#include "sipvpn_keep.h"
#include "sipvpn_pass.h"
#include "sipvpn_record.h"
#include "sipvpn_strip.h"

/* What a transaction remembers; the two ends' text stands behind it. */
struct watched {
	struct sipvpn_pair pair;
	struct sipvpn_admitted in; /* where the request's section was */
	bool admitted;             /* the request's own section */
	bool other;                /* the request offers, and no VPN */
	bool keep;                 /* sipvpn_keep.h, on what is forwarded */
	bool has_pass;
	char pass[SIPVPN_PASS]; /* of the dialog that the request begins */
	bool begins;            /* the request begins a call */
	bool reported; /* once a transaction, however often a reply comes */
	bool ended;
};

/*
 * What transactions without a VPN remember, by begins and keep: most need
 * nothing of their own. Read only; all processes have it at the same place.
 */
static const struct watched others[2][2] = {
	{{.other = true}, {.other = true, .keep = true}},
	{{.other = true, .begins = true},
		{.other = true, .begins = true, .keep = true}},
};

static struct tm_binds tm;
static bool have_tm;

void sipvpn_watch_init(void)
{
	have_tm = find_export("load_tm", NO_SCRIPT, 0) && load_tm_api(&tm) == 0;
	if (!have_tm)
		LM_INFO("without the module tm there is no "
			"sipvpn_manage()\n");
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
	if (!is_common(param))
		shm_free(param);
}

/* A call that was for a VPN alone has nothing left to be for. */
static void end_empty(
	struct sip_msg *reply, struct watched *w, struct slice body)
{
	struct vpnsdp sdp;

	if (!w->begins || w->ended || reply->REPLY_STATUS < 200 ||
		vpnsdp_parse(body, &sdp, NULL) != VPNSDP_OK || sdp.n_media > 1)
		return;
	w->ended = true;
	sipvpn_call_refuse(reply);
}

static struct sipvpn_pair answering(const struct watched *w)
{
	struct sipvpn_pair pair = w->pair;

	pair.from_callee = !pair.from_callee; /* who answers is the other */
	return pair;
}

static void close_and_report(struct sip_msg *reply, struct watched *w,
	enum sipvpn_verdict verdict, struct slice sdp)
{
	if (verdict != SIPVPN_ALLOWED) {
		(void)sipvpn_strip(reply);
		end_empty(reply, w, sdp);
	} else if (w->begins && reply->REPLY_STATUS >= 200) {
		sipvpn_call_late(reply, &w->pair);
	}
	if (w->reported)
		return;
	w->reported = true;
	sipvpn_admit_report(reply, verdict);
}

/* Of an offer that was admitted; that has been reported with the request. */
static void judge_answer(struct sip_msg *reply, struct watched *w)
{
	const struct sipvpn_pair pair = answering(w);
	struct slice sdp = SLICE("");
	enum sipvpn_verdict verdict = sipvpn_answer_judge(reply, &pair, &w->in);

	if (verdict == SIPVPN_ALLOWED ||
		sipvpn_body_find(reply, &sdp) == SIPVPN_BODY_NONE)
		return;
	close_and_report(reply, w, verdict, sdp);
}

/*
 * A section that its request did not offer: the offer of a late one, or what
 * an answer may not hold at all.
 */
static void judge_offer(struct sip_msg *reply, struct watched *w)
{
	const struct sipvpn_pair pair = answering(w);
	struct slice sdp = SLICE("");

	/* A broken body has no SDP to read: it is judged as an empty one. */
	if (sipvpn_body_find(reply, &sdp) != SIPVPN_BODY_NONE)
		close_and_report(reply, w,
			sipvpn_admit_judge(reply, &pair, sdp, NULL), sdp);
}

/* Something has happened that has to be remembered of this one. */
static struct watched *make_own(const struct watched *common)
{
	static const struct sipvpn_pair nobody = {.from_callee = false};
	static const struct sipvpn_admitted nowhere = {.epoch = 0};
	struct watched *w = remember(&nobody, &nowhere);

	if (w) {
		w->other = common->other;
		w->begins = common->begins;
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

	if (sipvpn_body_find(reply, &sdp) == SIPVPN_BODY_NONE)
		return;
	if (is_common(w))
		w = make_own(w);
	if (!w) {
		(void)sipvpn_strip(reply);
		return;
	}
	*param = w;
	sipvpn_record_set(reply, SIPVPN_NOT_OFFERED, &nobody, SLICE(""));
	close_and_report(reply, w, SIPVPN_NOT_OFFERED, sdp);
}

/* What goes out is put back first: what is closed then stays so. */
static void on_forward(struct cell *t, int type, struct tmcb_params *params)
{
	bool request = type & TMCB_REQUEST_FWDED;
	struct sip_msg *msg = request ? params->req : params->rpl;
	const struct watched *w = *params->param;

	(void)t;
	if (!msg || msg == FAKED_REPLY)
		return;
	if (w->keep)
		(void)sipvpn_keep_restore(msg);
	if (request) {
		if (w->has_pass)
			(void)sipvpn_pass_give(msg, w->pass);
		return;
	}
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

/* Takes w over. */
static bool begin_to_watch(struct sip_msg *msg, const struct watched *w)
{
	int types = TMCB_RESPONSE_FWDED;

	if (w->keep || w->has_pass)
		types |= TMCB_REQUEST_FWDED;
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
	w->begins = begins;
	w->keep = sipvpn_keep_leave(msg, admitted);
	w->has_pass = begins && sipvpn_pass_make(msg, pair, w->pass);
	return begin_to_watch(msg, w);
}

bool sipvpn_watch_other(
	struct sip_msg *msg, const struct sipvpn_pair *pair, bool begins)
{
	const struct watched *common =
		&others[begins][sipvpn_keep_leave(msg, false)];
	struct watched *w;
	char pass[SIPVPN_PASS];

	if (!tm_is_there())
		return false;
	if (!pair || !sipvpn_pass_make(msg, pair, pass))
		return begin_to_watch(msg, common);
	w = make_own(common);
	if (!w)
		return false;
	w->has_pass = true;
	memcpy(w->pass, pass, sizeof(pass));
	return begin_to_watch(msg, w);
}
