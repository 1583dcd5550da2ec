/*
 * sipvpn_prack.c - reliable provisional replies, and the PRACK that answers
 * what one of them has offered.
 */
#include "sipvpn_prack.h"

#include "core/dprint.h"

#include "kam_slice.h"
#include "kam_tm.h"
#include "sipvpn_admit.h"
#include "sipvpn_call.h"
#include "sipvpn_record.h"
#include "sipvpn_strip.h"
#include "sipvpn_watched.h"

static const struct tm_binds *tm;

void sipvpn_prack_init(const struct tm_binds *binds)
{
	tm = binds;
}

static bool is_named(const struct hdr_field *header, struct slice name)
{
	return slice_caseeq(slice_of_str(&header->name), name);
}

/* An extension among those of a Require. */
static bool requires(const struct hdr_field *header, struct slice wanted)
{
	struct slice rest = slice_of_str(&header->body), item;

	while (slice_cut(&rest, ',', &item))
		if (slice_caseeq(slice_word(&item), wanted))
			return true;
	return false;
}

/* As in RSeq and RAck; 0 when it is none. */
static uint32_t number(struct slice word)
{
	uint32_t n;

	return slice_u32(word, UINT32_MAX, &n) ? n : 0;
}

uint32_t sipvpn_prack_rseq(struct sip_msg *reply)
{
	bool reliable = false;
	uint32_t rseq = 0;
	struct slice body;

	if (reply->REPLY_STATUS <= 100 || reply->REPLY_STATUS >= 200 ||
		parse_headers(reply, HDR_EOH_F, 0) < 0)
		return 0;
	for (const struct hdr_field *h = reply->headers; h; h = h->next) {
		body = slice_of_str(&h->body);
		if (is_named(h, SLICE("Require"))) {
			reliable |= requires(h, SLICE("100rel"));
		} else if (is_named(h, SLICE("RSeq"))) {
			rseq = number(slice_word(&body));
		}
	}
	return reliable ? rseq : 0;
}

void sipvpn_prack_no(struct sip_msg *reply, struct sipvpn_invite *invite,
	enum sipvpn_why why, struct slice sdp)
{
	const uint32_t rseq = sipvpn_prack_rseq(reply);
	struct vpnsdp vpn;
	bool alone;

	if (rseq == 0)
		return;
	sipvpn_call_off(reply, why);
	alone = why == SIPVPN_WHY_CLOSED &&
		vpnsdp_parse(sdp, &vpn, NULL) == VPNSDP_OK && vpn.n_media == 1;
	/*
	 * A PRACK or the 2xx will ask for it. In what is common to many
	 * transactions nothing may be kept: there, neither is the case.
	 */
	if (invite->begins || why == SIPVPN_WHY_CLOSED)
		(void)sipvpn_late_no(&invite->late, reply, rseq, alone);
}

void sipvpn_prack_settle(struct sip_msg *reply, struct sipvpn_watched *w)
{
	const struct sipvpn_late *said;
	struct slice group = w->in.group;

	if (!w->invite.begins || !sipvpn_late_any_no(&w->invite.late))
		return;
	said = sipvpn_late_first(&w->invite.late, reply);
	if (said && said->no) {
		if (said->alone && !w->invite.ended)
			sipvpn_call_refuse(reply);
		w->invite.ended |= said->alone;
		return;
	}
	if (said)
		group = said->in.group;
	if (group.len == 0)
		return; /* there was no offer, nor has this branch made one */
	sipvpn_record_set(reply, SIPVPN_ALLOWED, &w->pair, group);
	sipvpn_call_on(reply, &w->pair);
}

/* What a PRACK answers, while its INVITE's transaction is held. */
struct found {
	struct cell *t;
	struct sipvpn_invite *invite;
	struct sipvpn_late *offer;
};

/* "RAck: 776656 1 INVITE"; *cseq as it stands there. 0: it is something else */
static uint32_t read_rack(struct sip_msg *prack, struct slice *cseq)
{
	const struct hdr_field *h;
	struct slice rest, rseq;

	if (parse_headers(prack, HDR_EOH_F, 0) < 0)
		return 0;
	for (h = prack->headers; h; h = h->next)
		if (is_named(h, SLICE("RAck")))
			break;
	if (!h)
		return 0;
	rest = slice_of_str(&h->body);
	rseq = slice_word(&rest);
	*cseq = slice_word(&rest);
	if (!slice_eq(slice_word(&rest), SLICE("INVITE")))
		return 0;
	return cseq->len > 0 ? number(rseq) : 0;
}

/* To find another transaction, tm forgets the one that it is at. */
static bool find_transaction(
	struct sip_msg *prack, struct slice cseq, struct cell **t)
{
	struct cell *at = tm->t_gett();
	int branch = tm->t_gett_branch();

	if (!prack->callid ||
		!kam_tm_find(tm, prack->callid->body, str_of_slice(cseq), t))
		return false;
	tm->t_sett(at, branch);
	return true;
}

/* It is of nobody else's call, whatever the PRACK says that it is of. */
static bool find_offer(struct sip_msg *prack, const struct sipvpn_pair *pair,
	uint32_t rseq, struct found *f)
{
	const struct tm_callback *cb =
		(const struct tm_callback *)f->t->tmcb_hl.first;
	struct sipvpn_watched *w;

	for (; cb; cb = cb->next) {
		if (cb->release != sipvpn_watched_free)
			continue;
		w = cb->param;
		if (w->admitted || w->other)
			continue; /* it has made the offer itself */
		f->invite = &w->invite;
		f->offer = sipvpn_late_early(&w->invite.late, prack, rseq);
		if (f->offer && sipvpn_identity_same(&w->pair, pair))
			return true;
	}
	return false;
}

/* True: f->t is to be given back. */
static bool find(
	struct sip_msg *prack, const struct sipvpn_pair *pair, struct found *f)
{
	struct slice cseq;
	uint32_t rseq;

	if (!tm)
		return false;
	rseq = read_rack(prack, &cseq);
	if (rseq == 0 || !find_transaction(prack, cseq, &f->t))
		return false;
	if (find_offer(prack, pair, rseq, f))
		return true;
	tm->unref_cell(f->t);
	return false;
}

/* The answer: other media alone, or nothing. */
static void decline(struct sip_msg *prack, struct found *f)
{
	sipvpn_call_off(prack, SIPVPN_WHY_TAKEN_OUT);
	if (f->invite->begins)
		f->offer->no = true;
}

static enum sipvpn_verdict refuse(struct sip_msg *prack,
	const struct sipvpn_pair *pair, struct slice group,
	enum sipvpn_verdict verdict)
{
	sipvpn_record_set(prack, verdict, pair, group);
	return verdict;
}

/* What has been closed or declined can only be declined, with nothing in it. */
static enum sipvpn_verdict judge(struct sip_msg *prack,
	const struct sipvpn_pair *pair, struct slice sdp, struct found *f)
{
	const struct sipvpn_admitted *in = &f->offer->in;
	enum sipvpn_verdict verdict = SIPVPN_ALLOWED;
	struct vpnsdp vpn;

	if (!f->offer->no)
		verdict = sipvpn_answer_judge(prack, pair, in);
	if (verdict != SIPVPN_ALLOWED)
		return verdict;
	if (vpnsdp_parse(sdp, &vpn, NULL) != VPNSDP_OK)
		return refuse(prack, pair, in->group, SIPVPN_BAD_OFFER);
	/* what could be taken out of it has no place there (sipvpn_keep.h) */
	if (f->offer->no &&
		(vpn.port > 0 || sipvpn_strip(prack) != SIPVPN_STRIP_NOTHING))
		return refuse(prack, pair, in->group, SIPVPN_NOT_OFFERED);
	if (vpn.port == 0)
		decline(prack, f);
	return SIPVPN_ALLOWED;
}

bool sipvpn_prack_judge(struct sip_msg *prack, const struct sipvpn_pair *pair,
	struct slice sdp, enum sipvpn_verdict *verdict)
{
	struct found f;
	bool report;

	if (!find(prack, pair, &f))
		return false;
	*verdict = judge(prack, pair, sdp, &f);
	report = *verdict != SIPVPN_ALLOWED && !f.invite->reported;
	f.invite->reported |= report;
	tm->unref_cell(f.t);
	if (report)
		sipvpn_admit_report(prack, *verdict);
	return true;
}

void sipvpn_prack_other(struct sip_msg *prack, const struct sipvpn_pair *pair)
{
	struct found f;

	if (!find(prack, pair, &f))
		return;
	decline(prack, &f);
	tm->unref_cell(f.t);
}
