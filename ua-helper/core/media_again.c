/* media_again.c - offers and answers once a dialog stands (RFC 3264 section 8).
 * PURE. */
#include "core/media_int.h"

#include "core/text.h"

static bool refuse_version(struct media_refusal *why)
{
	why->status = 488;
	why->warning = 399;
	TEXT_JOIN(why->text, sizeof(why->text),
		SLICE("the version in o= is lower than before"));
	return false;
}

/* Decimal digits of any length: <0, 0, >0 as a is below, equal, above b. */
static int compare_digits(struct slice a, struct slice b)
{
	while (a.len > 0 && *a.p == '0')
		a = slice_skip(a, 1);
	while (b.len > 0 && *b.p == '0')
		b = slice_skip(b, 1);
	if (a.len != b.len)
		return a.len < b.len ? -1 : 1;
	return a.len > 0 ? memcmp(a.p, b.p, a.len) : 0;
}

/* Section 8.4: also the way of RFC 2543, c=0.0.0.0. */
static bool on_hold(const struct vpnsdp *v)
{
	bool nowhere = v->conn.family != 0;

	for (size_t i = 0; i < sizeof(v->conn.b); i++)
		nowhere = nowhere && v->conn.b[i] == 0;
	return v->direction != VPNSDP_SENDRECV || v->port == 0 || nowhere;
}

bool media_on_hold(struct slice body)
{
	struct vpnsdp v;

	return vpnsdp_parse(body, &v, NULL) == VPNSDP_OK &&
	       v.direction != VPNSDP_SENDRECV && v.port != 0;
}

/* How an offer's version stands to the last one; another session is newer. */
static int version_step(const struct vpnsdp *before, const struct vpnsdp *now)
{
	if (!slice_eq(before->sess_id, now->sess_id))
		return 1;
	return compare_digits(now->sess_version, before->sess_version);
}

static bool same_plan(const struct tunnel_plan *a, const struct tunnel_plan *b)
{
	return a->role == b->role && a->port == b->port &&
	       a->peer_port == b->peer_port &&
	       vpnsdp_addr_eq(&a->bind, &b->bind) &&
	       vpnsdp_addr_eq(&a->peer, &b->peer) &&
	       vpnsdp_addr_eq(&a->local, &b->local) &&
	       vpnsdp_addr_eq(&a->remote, &b->remote) &&
	       memcmp(a->peer_fingerprint, b->peer_fingerprint,
		       sizeof(a->peer_fingerprint)) == 0;
}

/* Us, with the tunnel addresses that were agreed on before. */
static struct media_local agreed(
	const struct media_local *me, const struct tunnel_plan *plan)
{
	struct media_local us = *me;

	if (plan->local.family == 0)
		return us;
	us.tun_local = plan->local;
	us.tun_remote = plan->remote;
	return us;
}

/* --- writing -------------------------------------------------------------- */

/* The version in o=, and the one that comes after it. */
struct version {
	char text[2][24];
	struct slice is, next;
};

static void read_version(struct version *v, const struct vpnsdp *own)
{
	struct sbuf b = sbuf_over(v->text[0], sizeof(v->text[0]));
	uint32_t n = 0;

	(void)slice_u32(own->sess_version, UINT32_MAX - 1, &n);
	sbuf_u64(&b, n);
	v->is = sbuf_slice(&b);
	b = sbuf_over(v->text[1], sizeof(v->text[1]));
	sbuf_u64(&b, (uint64_t)n + 1);
	v->next = sbuf_slice(&b);
}

/* Section 8: o= stays as it was, but for its version. */
static void continue_origin(struct vpnsdp *d, const struct vpnsdp *own)
{
	d->sess_id = own->sess_id;
	d->origin_addr = own->origin_addr;
}

bool media_offer_again(const struct media_local *me,
	const struct media_state *now, const struct tunnel_plan *plan,
	enum vpnsdp_setup setup, bool fresh, struct sbuf *out)
{
	struct media_local us = agreed(me, plan);
	struct vpnsdp d = media_describe(&us);
	struct vpnsdp own;
	struct version version = {.is = SLICE("")};

	if (vpnsdp_parse(now->own, &own, NULL) != VPNSDP_OK)
		return false;
	continue_origin(&d, &own);
	read_version(&version, &own);
	d.sess_version = version.next;
	d.form = own.form;
	d.fmt = own.fmt;
	d.vpn_id = own.vpn_id;
	memcpy(d.media, own.media, sizeof(d.media));
	d.n_media = own.n_media;
	d.vpn_index = own.vpn_index;
	d.setup = setup;
	if (!fresh)
		d.tls_id = own.tls_id;
	if (plan->local.family != 0 || me->tun_fixed) {
		d.local = us.tun_local;
		d.remote = us.tun_remote;
	}
	if (now->hold)
		d.direction = VPNSDP_INACTIVE;
	return vpnsdp_write(&d, out) == VPNSDP_OK;
}

/* What decides how an answer of ours reads. */
struct verdict {
	enum media_change change;
	struct tunnel_plan plan; /* in force afterwards */
	bool passive;
};

static bool write_answer(const struct media_local *me,
	const struct media_state *now, const struct vpnsdp *theirs,
	const struct verdict *v, struct sbuf *out)
{
	struct media_local us = agreed(me, &v->plan);
	struct vpnsdp d = media_describe(&us);
	struct vpnsdp own;
	struct version version = {.is = SLICE("")};
	struct sbuf empty = *out;
	bool first = vpnsdp_parse(now->own, &own, NULL) != VPNSDP_OK;

	d.form = theirs->form;
	d.fmt = media_chosen_fmt(theirs);
	d.vpn_id = theirs->vpn_id;
	memcpy(d.media, theirs->media, sizeof(d.media));
	d.n_media = theirs->n_media;
	d.vpn_index = theirs->vpn_index;
	d.setup = v->passive ? VPNSDP_SETUP_PASSIVE : VPNSDP_SETUP_ACTIVE;
	d.local = us.tun_local;
	d.remote = us.tun_remote;
	/* a tunnel goes both ways: there is no half hold (section 8.4) */
	if (v->change == MEDIA_HOLD)
		d.direction = VPNSDP_INACTIVE;
	if (theirs->port == 0) {
		d.port = 0; /* section 8.2: removed for good */
		d.attr_port = 0;
		d.has_attr_port = false;
	}
	if (first)
		return vpnsdp_write(&d, out) == VPNSDP_OK;
	continue_origin(&d, &own);
	read_version(&version, &own);
	d.sess_version = version.is;
	if (v->change != MEDIA_RESTART)
		d.tls_id = own.tls_id;
	if (vpnsdp_write(&d, out) != VPNSDP_OK)
		return false;
	if (slice_eq(sbuf_slice(out), now->own))
		return true;
	*out = empty;
	d.sess_version = version.next;
	return vpnsdp_write(&d, out) == VPNSDP_OK;
}

/* --- judging -------------------------------------------------------------- */

/* RFC 8842 section 5: another tls-id asks for another association. */
static bool tls_id_changed(
	const struct vpnsdp *before, const struct vpnsdp *now)
{
	return before->tls_id.len > 0 && now->tls_id.len > 0 &&
	       !slice_eq(before->tls_id, now->tls_id);
}

/* The role that we have when this offer is answered. */
static bool we_listen(const struct vpnsdp *theirs, bool keep, bool server)
{
	if (theirs->setup == VPNSDP_SETUP_PASSIVE)
		return false;
	return !keep || theirs->setup == VPNSDP_SETUP_ACTIVE || server;
}

static bool judge_offer(const struct media_local *me,
	const struct media_state *now, const struct vpnsdp *before,
	const struct vpnsdp *theirs, struct verdict *v,
	struct media_refusal *why)
{
	struct media_local us = agreed(me, &v->plan);
	bool server = v->plan.role == TUNNEL_SERVER;
	bool anew = now->held || (before && tls_id_changed(before, theirs));
	struct tunnel_plan p;

	if (!media_offer_fits(me, theirs, why))
		return false;
	v->passive = we_listen(theirs, !anew, server);
	if (!media_agree(&us, theirs,
		    v->passive ? TUNNEL_SERVER : TUNNEL_CLIENT, &p, why))
		return false;
	if (!anew && same_plan(&p, &v->plan)) {
		v->change = MEDIA_KEEP;
		return true;
	}
	v->passive = we_listen(theirs, false, server);
	p.role = v->passive ? TUNNEL_SERVER : TUNNEL_CLIENT;
	v->change = MEDIA_RESTART;
	v->plan = p;
	return true;
}

bool media_answer_again(const struct media_local *me,
	const struct media_state *now, struct slice offer, struct sbuf *out,
	struct media_outcome *outcome, struct media_refusal *why)
{
	struct vpnsdp theirs;
	struct vpnsdp before;
	struct verdict v = {.change = MEDIA_HOLD, .plan = outcome->plan};
	bool known = vpnsdp_parse(now->theirs, &before, NULL) == VPNSDP_OK;
	int step = 1;

	if (!media_parse(offer, &theirs, why))
		return false;
	if (known)
		step = version_step(&before, &theirs);
	if (step < 0)
		return refuse_version(why);
	v.passive =
		we_listen(&theirs, !now->held, v.plan.role == TUNNEL_SERVER);
	if (step == 0) /* a refresh, whatever it looks like */
		v.change = now->held ? MEDIA_HOLD : MEDIA_KEEP;
	else if ((now->own.len == 0 || (!now->hold && !on_hold(&theirs))) &&
		 !judge_offer(
			 me, now, known ? &before : NULL, &theirs, &v, why))
		return false;
	if (now->own.len == 0 && on_hold(&theirs))
		v.change = MEDIA_HOLD;
	if (!write_answer(me, now, &theirs, &v, out)) {
		why->status = 488;
		why->warning = 399;
		TEXT_JOIN(why->text, sizeof(why->text),
			SLICE("SDP has too many media to answer"));
		return false;
	}
	outcome->plan = v.plan;
	outcome->change = v.change;
	return true;
}

bool media_conclude_again(const struct media_local *me,
	const struct media_state *now, struct slice own_offer,
	struct slice answer, struct media_outcome *outcome,
	struct media_refusal *why)
{
	struct media_local us = agreed(me, &outcome->plan);
	struct vpnsdp ours;
	struct vpnsdp own;
	struct vpnsdp theirs;
	struct vpnsdp before;
	struct tunnel_plan p;
	bool anew = now->held;

	if (!media_parse(own_offer, &ours, why) ||
		!media_parse(answer, &theirs, why))
		return false;
	if (on_hold(&ours) || on_hold(&theirs)) {
		outcome->change = MEDIA_HOLD;
		return true;
	}
	if (vpnsdp_parse(now->own, &own, NULL) == VPNSDP_OK)
		anew = anew || tls_id_changed(&own, &ours);
	if (vpnsdp_parse(now->theirs, &before, NULL) == VPNSDP_OK) {
		/* to a refresh of ours many say word by word what they said
		 * before, an offer's setup included */
		if (!anew && version_step(&before, &theirs) == 0 &&
			slice_eq(own_offer, now->own)) {
			outcome->change = MEDIA_KEEP;
			return true;
		}
		anew = anew || tls_id_changed(&before, &theirs);
	}
	if (!media_conclude(&us, own_offer, answer, &p, why))
		return false;
	outcome->change = anew || !same_plan(&p, &outcome->plan) ? MEDIA_RESTART
								 : MEDIA_KEEP;
	if (outcome->change == MEDIA_RESTART)
		outcome->plan = p;
	return true;
}
