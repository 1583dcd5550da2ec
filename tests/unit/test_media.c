/* test_media.c - two endpoints that come to agree, and what they write. */
#include "ua_media.h"

#define V6(last)                                                               \
	{                                                                      \
		6,                                                             \
		{                                                              \
			0x20, 0x01, 0x0d, 0xb8, [15] = (last)                  \
		}                                                              \
	}
#define ULA(last)                                                              \
	{                                                                      \
		6,                                                             \
		{                                                              \
			0xfd, 0x42, [15] = (last)                              \
		}                                                              \
	}

/* The other one, at 198.51.100.7, with tunnel addresses of its own in mind. */
#define THEM_AT(where) .addr = where, .port = 8000, .sess_id = TEXT("77")
#define THEM THEM_AT(V4(198, 51, 100, 7))
#define THEIR_KEYS                                                             \
	.keys = true, .fingerprint = {0x22},                                   \
	.tls_id = TEXT("p9Qw2eRt4Yu6iO8pLmNb")
#define TEN TUNNEL(V4(10, 9, 0, 1), V4(10, 9, 0, 2))

static const struct media_local other = {THEM, THEIR_KEYS, TEN};
static const struct media_local other_program = {THEM, TEN};
static const struct media_local other_fixed = {THEM, THEIR_KEYS,
	TUNNEL(V4(192, 168, 234, 2), V4(192, 168, 234, 1)), .tun_fixed = true};
static const struct media_local six = {
	US_AT(V6(1)), OUR_KEYS, TUNNEL(ULA(1), ULA(2))};
static const struct media_local other_six = {
	THEM_AT(V6(2)), THEIR_KEYS, TUNNEL(ULA(0x11), ULA(0x12))};
/* a public pair, named by the user */
static const struct media_local public_fixed = {US_AT(V4(192, 0, 2, 10)),
	OUR_KEYS, TUNNEL(V4(203, 0, 113, 1), V4(203, 0, 113, 2)),
	.tun_fixed = true};
static const struct media_local other_public = {THEM, THEIR_KEYS,
	TUNNEL(V4(203, 0, 113, 2), V4(203, 0, 113, 1)), .tun_fixed = true};

static void same_addr(const struct vpnsdp_addr *a, const struct vpnsdp_addr *b)
{
	assert_true(vpnsdp_addr_eq(a, b));
}

/* What one side's plan must say of the other side. */
static void check_plan(const struct tunnel_plan *p,
	const struct media_local *me, const struct media_local *peer,
	enum tunnel_role role)
{
	assert_int_equal(p->role, role);
	same_addr(&p->bind, &me->addr);
	assert_int_equal(p->port, me->port);
	same_addr(&p->peer, &peer->addr);
	assert_int_equal(p->peer_port, peer->port);
	if (me->keys)
		assert_memory_equal(p->peer_fingerprint, peer->fingerprint,
			VPNSDP_FINGERPRINT_LEN);
}

struct pair {
	const char *name;
	const struct media_local *caller, *callee;
	const struct media_local *assigns; /* whose tunnel addresses */
};

static void agree(const struct pair *t, enum vpnsdp_form form, bool late)
{
	const struct media_local *offerer = late ? t->callee : t->caller;
	const struct media_local *answerer = late ? t->caller : t->callee;
	enum vpnsdp_setup setup =
		late ? VPNSDP_SETUP_ACTIVE : VPNSDP_SETUP_ACTPASS;
	char text[2][MEDIA_MAX_BODY];
	struct sbuf offer = sbuf_over(text[0], sizeof(text[0]));
	struct sbuf answer = sbuf_over(text[1], sizeof(text[1]));
	struct tunnel_plan theirs, ours;
	struct media_refusal why = {0};

	assert_true(media_offer(offerer, form, setup, &offer));
	if (!media_answer(answerer, sbuf_slice(&offer), &answer, &theirs, &why))
		fail_msg("%s: answer: %s", t->name, why.text);
	if (!media_conclude(offerer, sbuf_slice(&offer), sbuf_slice(&answer),
		    &ours, &why))
		fail_msg("%s: conclude: %s", t->name, why.text);
	check_plan(&theirs, answerer, offerer, TUNNEL_SERVER);
	check_plan(&ours, offerer, answerer, TUNNEL_CLIENT);
	same_addr(&theirs.local, &ours.remote);
	same_addr(&theirs.remote, &ours.local);
	if (t->assigns == t->callee)
		same_addr(late ? &ours.local : &theirs.local,
			&t->callee->tun_local);
	else
		same_addr(late ? &theirs.local : &ours.local,
			&t->caller->tun_local);
}

static void two_endpoints(void **state)
{
	static const struct pair pairs[] = {
		{"the called side assigns", &endpoint, &other, &other},
		{"the caller is firm", &fixed, &other, &fixed},
		{"the called is firm", &endpoint, &other_fixed, &other_fixed},
		{"both are firm", &fixed, &other_fixed, &fixed},
		{"programs", &program, &other_program, &other_program},
		{"IPv6", &six, &other_six, &other_six},
		{"both want public ones", &public_fixed, &other_public,
			&other_public},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct pair late = pairs[i];

		agree(&pairs[i], VPNSDP_FORM_THESIS, false);
		agree(&pairs[i], VPNSDP_FORM_UDP, false);
		/* who offers late, offers addresses too */
		if (late.caller == &fixed && late.callee == &other)
			continue;
		late.assigns = late.callee;
		agree(&late, VPNSDP_FORM_THESIS, true);
	}
}

static void two_that_differ(void **state)
{
	static const struct {
		const struct media_local *caller, *callee;
		const char *answer, *conclude; /* NULL: fine */
	} pairs[] = {
		{&public_fixed, &other_fixed,
			"tunnel addresses do not mirror ours", NULL},
		{&public_fixed, &other,
			"tunnel address is not a private one: 203.0.113.2",
			NULL},
		{&endpoint, &other_public, NULL,
			"tunnel address is not a private one: 203.0.113.1"},
		{&six, &other, "endpoint is of the other IP version", NULL},
		{&program, &other, "SDP: no SHA-256 fingerprint", NULL},
		{&endpoint, &other_program, NULL,
			"SDP: no SHA-256 fingerprint"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		char text[2][MEDIA_MAX_BODY];
		struct sbuf offer = sbuf_over(text[0], sizeof(text[0]));
		struct sbuf answer = sbuf_over(text[1], sizeof(text[1]));
		struct tunnel_plan plan;
		struct media_refusal why = {0};
		bool ok;

		assert_true(media_offer(pairs[i].caller, VPNSDP_FORM_THESIS,
			VPNSDP_SETUP_ACTPASS, &offer));
		ok = media_answer(pairs[i].callee, sbuf_slice(&offer), &answer,
			&plan, &why);
		assert_int_equal(ok, pairs[i].answer == NULL);
		if (ok) {
			assert_false(media_conclude(pairs[i].caller,
				sbuf_slice(&offer), sbuf_slice(&answer), &plan,
				&why));
			assert_string_equal(why.text, pairs[i].conclude);
		} else {
			assert_string_equal(why.text, pairs[i].answer);
			assert_int_equal(why.status, 488);
			assert_int_equal(why.warning, 399);
		}
	}
}

static struct vpnsdp parsed(struct slice body)
{
	struct vpnsdp v;

	assert_int_equal(vpnsdp_parse(body, &v, NULL), VPNSDP_OK);
	return v;
}

static void what_an_offer_says(void **state)
{
	char text[MEDIA_MAX_BODY];
	struct media_local me = endpoint;
	struct sbuf b = sbuf_over(text, sizeof(text));
	struct vpnsdp v;

	(void)state;
	me.group = SLICE("lab");
	assert_true(
		media_offer(&me, VPNSDP_FORM_THESIS, VPNSDP_SETUP_ACTPASS, &b));
	assert_true(slice_starts(sbuf_slice(&b),
		SLICE("v=0\r\no=- 3989 1 IN IP4 192.0.2.10\r\ns=-\r\n"
		      "c=IN IP4 192.0.2.10\r\nt=0 0\r\n"
		      "m=application/vpn 41822 OpenVPN 0\r\n")));
	v = parsed(sbuf_slice(&b));
	same_addr(&v.ip4, &me.addr);
	assert_int_equal(v.attr_port, 41822);
	assert_true(slice_eq(v.vpn_id, me.group));
	assert_true(slice_eq(v.tls_id, me.tls_id));
	assert_memory_equal(v.fingerprint, me.fingerprint, 32);
	assert_int_equal(v.setup, VPNSDP_SETUP_ACTPASS);
	assert_int_equal(v.local.family, 0);
	assert_int_equal(vpnsdp_check_offer(&v, true), VPNSDP_OK);

	b.len = 0;
	assert_true(
		media_offer(&fixed, VPNSDP_FORM_UDP, VPNSDP_SETUP_ACTPASS, &b));
	v = parsed(sbuf_slice(&b));
	assert_true(
		slice_eq(v.media[0], SLICE("application 41822 udp openvpn")));
	same_addr(&v.local, &fixed.tun_local);
	same_addr(&v.remote, &fixed.tun_remote);

	b.len = 0;
	assert_true(media_offer(
		&program, VPNSDP_FORM_UDP_OPENVPN, VPNSDP_SETUP_PASSIVE, &b));
	v = parsed(sbuf_slice(&b));
	assert_true(
		slice_eq(v.media[0], SLICE("application 41822 UDP/OpenVPN *")));
	assert_false(v.has_fingerprint);
	assert_int_equal(v.tls_id.len, 0);
	assert_int_equal(v.setup, VPNSDP_SETUP_PASSIVE);
	same_addr(&v.local, &program.tun_local);

	b.len = 0;
	assert_true(media_offer(
		&six, VPNSDP_FORM_THESIS, VPNSDP_SETUP_ACTPASS, &b));
	v = parsed(sbuf_slice(&b));
	same_addr(&v.conn, &six.addr);
	same_addr(&v.ip6, &six.addr);
	assert_int_equal(v.ip4.family, 0);
}

static void no_room(void **state)
{
	char text[MEDIA_MAX_BODY];
	size_t need = 0;

	(void)state;
	for (size_t cap = 0; cap <= sizeof(text); cap++) {
		struct sbuf b = sbuf_over(text, cap);
		bool ok = media_offer(
			&fixed, VPNSDP_FORM_THESIS, VPNSDP_SETUP_ACTPASS, &b);

		if (ok && need == 0)
			need = cap;
		assert_int_equal(ok, need > 0);
		if (ok)
			assert_int_equal(b.len, need);
	}
	assert_true(need > 200 && need < sizeof(text));
}

/* RFC 3264 section 6: line by line, port 0 for what we do not take. */
static void answer_mirrors_the_offer(void **state)
{
	static const struct {
		struct slice offer;
		size_t n, index;
		struct slice vpn;
	} cases[] = {
		{TEXT(OFFER("actpass")), 1, 0,
			TEXT("application/vpn 41822 OpenVPN 0")},
		{TEXT(HEAD AUDIO THESIS("8000") KEYS("actpass") AUDIO), 3, 1,
			TEXT("application/vpn 41822 OpenVPN 0")},
		{TEXT(HEAD
			 "m=application/vpn 8000 OpenVPN 7\r\n" KEYS("active")),
			1, 0, TEXT("application/vpn 41822 OpenVPN 7")},
		{TEXT(HEAD AUDIO UDP("8000") KEYS("actpass")), 2, 1,
			TEXT("application 41822 udp openvpn")},
		{TEXT(HEAD "m=application 8000 UDP/OpenVPN *\r\n" KEYS(
			 "actpass")),
			1, 0, TEXT("application 41822 UDP/OpenVPN *")},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[MEDIA_MAX_BODY];
		struct sbuf b = sbuf_over(text, sizeof(text));
		struct tunnel_plan plan;
		struct media_refusal why = {0};
		struct vpnsdp offer = parsed(cases[i].offer);
		struct vpnsdp v;

		assert_true(media_answer(
			&endpoint, cases[i].offer, &b, &plan, &why));
		v = parsed(sbuf_slice(&b));
		assert_int_equal(v.n_media, cases[i].n);
		assert_int_equal(v.vpn_index, cases[i].index);
		assert_true(slice_eq(v.media[v.vpn_index], cases[i].vpn));
		for (size_t k = 0; k < v.n_media; k++)
			if (k != v.vpn_index)
				assert_true(slice_eq(v.media[k],
					SLICE("audio 0 RTP/AVP 0")));
		assert_int_equal(
			vpnsdp_check_answer(&offer, &v, true), VPNSDP_OK);
	}
}

/* The true endpoint survives a middlebox that rewrites c= and the m= port. */
static void rewritten_on_the_way(void **state)
{
	static const struct slice answer =
		TEXT(HEAD "m=application/vpn 7084 OpenVPN 0\r\n"
			  "c=IN IP4 203.0.113.131\r\n"
			  "a=IP4:203.0.113.136\r\na=PORT:8000\r\n" MIRROR KEYS(
				  "passive"));
	static const struct vpnsdp_addr want = V4(203, 0, 113, 136);
	char text[MEDIA_MAX_BODY];
	struct sbuf b = sbuf_over(text, sizeof(text));
	struct tunnel_plan plan;
	struct media_refusal why = {0};

	(void)state;
	assert_true(media_offer(
		&fixed, VPNSDP_FORM_THESIS, VPNSDP_SETUP_ACTPASS, &b));
	assert_true(
		media_conclude(&fixed, sbuf_slice(&b), answer, &plan, &why));
	same_addr(&plan.peer, &want);
	assert_int_equal(plan.peer_port, 8000);
}

/* Without TLS of ours setup= may be missing: who is called then listens. */
static void roles_without_setup(void **state)
{
	static const struct {
		enum vpnsdp_setup offered;
		struct slice answer;
		enum tunnel_role role;
	} cases[] = {
#define BARE HEAD THESIS("8000") MIRROR
		{VPNSDP_SETUP_ACTPASS, TEXT(BARE), TUNNEL_CLIENT},
		{VPNSDP_SETUP_ACTPASS, TEXT(BARE SETUP("passive")),
			TUNNEL_CLIENT},
		{VPNSDP_SETUP_ACTPASS, TEXT(BARE SETUP("active")),
			TUNNEL_SERVER},
		{VPNSDP_SETUP_ACTIVE, TEXT(BARE), TUNNEL_CLIENT},
		{VPNSDP_SETUP_PASSIVE, TEXT(BARE), TUNNEL_SERVER},
		{VPNSDP_SETUP_PASSIVE, TEXT(BARE SETUP("active")),
			TUNNEL_SERVER},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[MEDIA_MAX_BODY];
		struct sbuf b = sbuf_over(text, sizeof(text));
		struct tunnel_plan plan;
		struct media_refusal why = {0};

		assert_true(media_offer(
			&program, VPNSDP_FORM_THESIS, cases[i].offered, &b));
		assert_true(media_conclude(&program, sbuf_slice(&b),
			cases[i].answer, &plan, &why));
		assert_int_equal(plan.role, cases[i].role);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_endpoints),
		cmocka_unit_test(two_that_differ),
		cmocka_unit_test(what_an_offer_says),
		cmocka_unit_test(no_room),
		cmocka_unit_test(answer_mirrors_the_offer),
		cmocka_unit_test(rewritten_on_the_way),
		cmocka_unit_test(roles_without_setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
