/*
 * fuzz_media.c - any bytes as an offer to us and as an answer to ours: what is
 * agreed on is a plan that one may act on, what is refused has a reason. Rule:
 * a finding is a trap, never a message.
 */
#include <stdlib.h>
#include "core/media.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(ok)                                                               \
	do {                                                                   \
		if (!(ok))                                                     \
			__builtin_trap();                                      \
	} while (0)

/* RFC 1918, 6598 and 4193, written down once more and differently. */
static bool private_addr(const struct vpnsdp_addr *a)
{
	unsigned hi = (unsigned)a->b[0] << 8 | a->b[1];

	if (a->family == 6)
		return a->b[0] == 0xfc || a->b[0] == 0xfd;
	return a->family == 4 && (a->b[0] == 10 || hi == 0xc0a8 ||
					 (hi >= 0xac10 && hi < 0xac20) ||
					 (hi >= 0x6440 && hi < 0x6480));
}

static void check_plan(
	const struct media_local *me, const struct tunnel_plan *p)
{
	MUST(p->role == TUNNEL_SERVER || p->role == TUNNEL_CLIENT);
	MUST(vpnsdp_addr_eq(&p->bind, &me->addr) && p->port == me->port);
	MUST(vpnsdp_addr_unicast(&p->peer) && p->peer_port != 0);
	MUST(p->peer.family == p->bind.family);
	MUST(p->local.family != 0 && p->local.family == p->remote.family);
	MUST(vpnsdp_addr_unicast(&p->local) && vpnsdp_addr_unicast(&p->remote));
	MUST(!vpnsdp_addr_eq(&p->local, &p->remote));
	MUST(!vpnsdp_addr_eq(&p->peer, &p->local));
	MUST(!vpnsdp_addr_eq(&p->peer, &p->remote));
	if (me->tun_fixed) {
		MUST(vpnsdp_addr_eq(&p->local, &me->tun_local));
		MUST(vpnsdp_addr_eq(&p->remote, &me->tun_remote));
	} else {
		MUST(private_addr(&p->local) && private_addr(&p->remote));
	}
	/* the one network that we are in, 10.77.0.0/16 */
	MUST(p->local.family == 6 || p->local.b[0] != 10 ||
		p->local.b[1] != 77);
	MUST(p->remote.family == 6 || p->remote.b[0] != 10 ||
		p->remote.b[1] != 77);
}

static void check_refusal(const struct media_refusal *why)
{
	size_t n = 0;

	MUST(why->status == 400 || why->status == 488);
	MUST(why->warning == 304 || why->warning == 305 || why->warning == 399);
	for (; n < sizeof(why->text) && why->text[n] != '\0'; n++)
		MUST(why->text[n] >= ' ' && why->text[n] <= '~');
	MUST(n > 0 && n < sizeof(why->text));
}

/* An m= line of another medium that names none: nothing answers that. */
static bool nameless_media(const struct vpnsdp *v)
{
	for (size_t i = 0; i < v->n_media; i++) {
		struct slice m = v->media[i];

		while (m.len > 0 && (*m.p == ' ' || *m.p == '\t'))
			m = slice_skip(m, 1);
		if (m.len == 0)
			return true;
	}
	return false;
}

/* Who asked would take our answer, and end at the other end of the tunnel. */
static void check_answer(const struct media_local *me, struct slice offer,
	struct slice answer, const struct tunnel_plan *plan)
{
	struct vpnsdp theirs;
	struct vpnsdp ours;
	struct vpnsdp_addr at;
	uint16_t port;

	MUST(vpnsdp_parse(offer, &theirs, NULL) == VPNSDP_OK);
	MUST(vpnsdp_parse(answer, &ours, NULL) == VPNSDP_OK);
	if (!nameless_media(&theirs))
		MUST(!vpnsdp_check_answer(&theirs, &ours, me->keys));
	MUST(vpnsdp_endpoint(&ours, &at, &port));
	MUST(vpnsdp_addr_eq(&at, &me->addr) && port == me->port);
	MUST(vpnsdp_addr_eq(&ours.local, &plan->local));
	MUST(vpnsdp_addr_eq(&ours.remote, &plan->remote));
	MUST((ours.setup == VPNSDP_SETUP_PASSIVE) ==
		(plan->role == TUNNEL_SERVER));
	MUST(ours.has_fingerprint == me->keys);
	if (me->keys)
		MUST(memcmp(plan->peer_fingerprint, theirs.fingerprint,
			     VPNSDP_FINGERPRINT_LEN) == 0);
}

static void offered(const struct media_local *me, struct slice body)
{
	char text[MEDIA_MAX_BODY];
	struct sbuf b = sbuf_over(text, sizeof(text));
	struct tunnel_plan plan;
	struct media_refusal why;

	memset(&plan, 0x5a, sizeof(plan));
	memset(&why, 0x5a, sizeof(why));
	if (media_answer(me, body, &b, &plan, &why)) {
		MUST(sbuf_ok(&b));
		check_plan(me, &plan);
		check_answer(me, body, sbuf_slice(&b), &plan);
	} else {
		check_refusal(&why);
	}
}

static void answered(const struct media_local *me, enum vpnsdp_form form,
	enum vpnsdp_setup setup, struct slice body)
{
	char text[MEDIA_MAX_BODY];
	struct sbuf b = sbuf_over(text, sizeof(text));
	struct tunnel_plan plan;
	struct media_refusal why;

	memset(&plan, 0x5a, sizeof(plan));
	memset(&why, 0x5a, sizeof(why));
	MUST(media_offer(me, form, setup, &b));
	if (media_conclude(me, sbuf_slice(&b), body, &plan, &why)) {
		check_plan(me, &plan);
		if (setup == VPNSDP_SETUP_ACTIVE)
			MUST(plan.role == TUNNEL_CLIENT);
		if (setup == VPNSDP_SETUP_PASSIVE)
			MUST(plan.role == TUNNEL_SERVER);
	} else {
		check_refusal(&why);
	}
}

/* A call that stands, with a peer that has offered this. */
static const char before[] =
	"v=0\r\no=- 7 1 IN IP4 198.51.100.7\r\ns=-\r\n"
	"c=IN IP4 198.51.100.7\r\nt=0 0\r\n"
	"m=application/vpn 8000 OpenVPN 0\r\na=setup:actpass\r\n"
	"a=tls-id:0123456789abcdefghij\r\na=fingerprint:SHA-256 "
	"22:22:22:22:22:22:22:22:22:22:22:22:22:22:22:22:"
	"22:22:22:22:22:22:22:22:22:22:22:22:22:22:22:22\r\n";

static void check_again(const struct media_local *me,
	const struct tunnel_plan *was, const struct tunnel_plan *plan,
	enum media_change change)
{
	if (change == MEDIA_RESTART)
		check_plan(me, plan);
	else
		MUST(memcmp(was, plan, sizeof(*was)) == 0);
}

/* Now the body comes inside its dialog, as an offer and as an answer. */
static void again(const struct media_local *me, struct slice body, bool held)
{
	char text[2][MEDIA_MAX_BODY];
	struct sbuf own = sbuf_over(text[0], sizeof(text[0]));
	struct sbuf b = sbuf_over(text[1], sizeof(text[1]));
	struct media_state now = {
		.theirs = {before, sizeof(before) - 1}, .held = held};
	struct tunnel_plan was;
	struct media_outcome outcome = {.change = MEDIA_KEEP};
	struct media_refusal why;
	struct vpnsdp v;

	memset(&was, 0, sizeof(was));
	if (!media_answer(me, now.theirs, &own, &was, &why))
		return; /* the IPv6 endpoint, or the one with other addresses */
	now.own = sbuf_slice(&own);
	memcpy(&outcome.plan, &was, sizeof(was));
	if (media_answer_again(me, &now, body, &b, &outcome, &why)) {
		check_again(me, &was, &outcome.plan, outcome.change);
		MUST(!vpnsdp_parse(sbuf_slice(&b), &v, NULL));
		MUST((outcome.change == MEDIA_HOLD) ==
			(v.direction == VPNSDP_INACTIVE));
	} else {
		check_refusal(&why);
		MUST(memcmp(&was, &outcome.plan, sizeof(was)) == 0);
	}
	b = sbuf_over(text[1], sizeof(text[1]));
	MUST(media_offer_again(me, &now, &was, VPNSDP_SETUP_ACTPASS, true, &b));
	memcpy(&outcome.plan, &was, sizeof(was));
	if (media_conclude_again(
		    me, &now, sbuf_slice(&b), body, &outcome, &why))
		check_again(me, &was, &outcome.plan, outcome.change);
	else
		check_refusal(&why);
}

/* An offer of a peer of 2007, which nobody answers. */
static void unanswered(const struct media_local *me, struct slice body)
{
	struct tunnel_plan plan;
	struct media_refusal why;

	memset(&plan, 0x5a, sizeof(plan));
	memset(&why, 0x5a, sizeof(why));
	if (media_unanswered(me, body, &plan, &why)) {
		check_plan(me, &plan);
		MUST(plan.role == TUNNEL_CLIENT);
		MUST(memchr(plan.group, '\0', sizeof(plan.group)));
	} else {
		check_refusal(&why);
	}
}

/* The endpoints of the corpus: an IPv4 or IPv6 one, firm or not. */
static struct media_local endpoint(unsigned kind)
{
	static const struct media_net used = {{4, {10, 77}}, 16};
	struct media_local me = {
		.addr = {4, {192, 0, 2, 10}},
		.port = 41822,
		.tun_local = {4, {192, 168, 234, 1}},
		.tun_remote = {4, {192, 168, 234, 2}},
		.fingerprint = {0x11},
		.tls_id = SLICE("Zk3q0uJm8w2R7bVx5NcT"),
		.sess_id = SLICE("3989"),
		.nets = &used,
		.n_nets = 1,
	};

	if (kind & 1)
		me.addr = (struct vpnsdp_addr){
			6, {0x20, 0x01, 0x0d, 0xb8, [15] = 1}};
	me.keys = (kind & 2) != 0;
	me.tun_fixed = (kind & 4) != 0;
	if (kind & 8)
		me.group = SLICE("lab");
	return me;
}

static void either_way(const struct media_local *me, struct slice body)
{
	offered(me, body);
	unanswered(me, body);
	answered(me, VPNSDP_FORM_THESIS, VPNSDP_SETUP_ACTPASS, body);
	answered(me, VPNSDP_FORM_UDP, VPNSDP_SETUP_ACTPASS, body);
	answered(me, VPNSDP_FORM_THESIS,
		me->keys ? VPNSDP_SETUP_ACTIVE : VPNSDP_SETUP_PASSIVE, body);
	again(me, body, (body.len & 1) != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* a copy of its own: the sanitizer sees the first byte too many */
	char *copy = malloc(size ? size : 1);
	struct slice body = {copy, size};
	struct media_local me = endpoint(2);
	unsigned sum = 0; /* decides who else is asked: all 16 take too long */

	MUST(copy);
	if (size)
		memcpy(copy, data, size);
	for (size_t i = 0; i < size; i++)
		sum += data[i];
	either_way(&me, body);
	me = endpoint(sum & 15);
	either_way(&me, body);
	free(copy);
	return 0;
}
