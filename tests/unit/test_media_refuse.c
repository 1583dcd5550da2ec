/* test_media_refuse.c - what media.c takes from nobody, and how it says so. */
#include "ua_media.h"
#include <stdio.h>

struct fault {
	struct slice body;
	uint16_t status, warning;
	const char *text; /* NULL: any */
};

static void check_refusal(
	size_t i, const struct fault *f, const struct media_refusal *why)
{
	if (why->status != f->status || why->warning != f->warning)
		fail_msg("case %zu: %u/%u: %s", i, why->status, why->warning,
			why->text);
	if (f->text && strcmp(f->text, why->text) != 0)
		fail_msg("case %zu: \"%s\"", i, why->text);
}

static void check_offers(
	const struct media_local *me, const struct fault *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char text[MEDIA_MAX_BODY];
		struct sbuf b = sbuf_over(text, sizeof(text));
		struct tunnel_plan plan;
		struct media_refusal why = {0};

		if (media_answer(me, cases[i].body, &b, &plan, &why))
			fail_msg("case %zu is taken", i);
		check_refusal(i, &cases[i], &why);
	}
}
#define CHECK_OFFERS(me, cases)                                                \
	check_offers(me, cases, sizeof(cases) / sizeof((cases)[0]))

static void malformed_offers(void **state)
{
	static const struct fault cases[] = {
		{TEXT(""), 400, 399, NULL},
		{TEXT("x"), 400, 399, NULL},
		{TEXT("v=1\r\n"), 400, 399, NULL},
		{TEXT("v=0\r\no=- 7\r\n"), 400, 399,
			"SDP: o= line missing or malformed: o=- 7"},
		{TEXT(HEAD "gar\tbage\r\n"), 400, 399,
			"SDP: line is not of the form x=...: gar?bage"},
		{TEXT(HEAD THESIS("8000") "a=x\0y\r\n"), 400, 399, NULL},
		{TEXT(HEAD AUDIO AUDIO AUDIO AUDIO AUDIO AUDIO AUDIO AUDIO AUDIO
				 AUDIO AUDIO AUDIO AUDIO AUDIO AUDIO AUDIO AUDIO
					 THESIS("8000")),
			400, 399, NULL},
	};

	(void)state;
	CHECK_OFFERS(&endpoint, cases);
}

static void unusable_offers(void **state)
{
	static const struct fault cases[] = {
		{TEXT(HEAD), 488, 304, "no VPN section"},
		{TEXT(HEAD AUDIO), 488, 304, "no VPN section"},
		{TEXT(HEAD THESIS("0") KEYS("actpass")), 488, 304,
			"port is 0, the section is refused"},
		{TEXT(OFFER("actpass") "a=PORT:0\r\n"), 488, 304, NULL},
		{TEXT(HEAD THESIS("65536") KEYS("actpass")), 488, 399,
			"SDP: port is not a number from 0 to 65535: "
			"m=application/vpn 65536 OpenVPN 0"},
		{TEXT(HEAD THESIS("-1") KEYS("actpass")), 488, 399, NULL},
		{TEXT(HEAD THESIS("x") KEYS("actpass")), 488, 399, NULL},
		{TEXT(HEAD THESIS("") KEYS("actpass")), 488, 399, NULL},
		{TEXT(OFFER("actpass") "a=PORT:65536\r\n"), 488, 399, NULL},
		{TEXT(OFFER("actpass") THESIS("8001")), 488, 399, NULL},
		{TEXT(OFFER("actpass") "a=IP4:1.2.3\r\n"), 488, 399,
			"SDP: not an IP address: a=IP4:1.2.3"},
		{TEXT(OFFER("actpass") "c=IN IP4 224.0.0.1\r\n"), 488, 399,
			NULL},
		{TEXT(OFFER("actpass") "c=IN IP4 0.0.0.0\r\n"), 488, 399, NULL},
		{TEXT(OFFER("actpass") "a=IP4:255.255.255.255\r\na=PORT:9\r\n"),
			488, 399, NULL},
		{TEXT(OFFER("holdconn")), 488, 399, NULL},
		{TEXT(OFFER("both")), 488, 399, NULL},
		{TEXT(HEAD THESIS("8000") SETUP("actpass")), 488, 399,
			"SDP: no SHA-256 fingerprint"},
		{TEXT(HEAD THESIS("8000") FP), 488, 399,
			"SDP: no usable setup role"},
		{TEXT(OFFER("actpass") "a=VPN_LOCAL_ADDR:10.0.0.1\r\n"), 488,
			399, NULL},
		{TEXT(OFFER("actpass") ADDRS("10.0.0.1", "fd00::1")), 488, 399,
			NULL},
		{TEXT("v=0\r\no=- 7 1 IN IP6 2001:db8::5\r\ns=-\r\n"
		      "c=IN IP6 2001:db8::5\r\nt=0 0\r\n" THESIS("8000")
				 KEYS("actpass")),
			488, 399, "endpoint is of the other IP version"},
	};

	(void)state;
	CHECK_OFFERS(&endpoint, cases);
}

/* RFC 4145 section 4.1: holdconn asks for no connection for the time being. */
static void holdconn_starts_nothing(void **state)
{
	static const struct fault cases[] = {
		{TEXT(HEAD THESIS("8000") MIRROR SETUP("holdconn")), 488, 399,
			NULL},
	};

	(void)state;
	CHECK_OFFERS(&program, cases);
}

/* Which tunnel addresses a peer may hand out. */
static void private_addresses(void **state)
{
	static const struct {
		const char *addr, *mate;
		bool ok;
	} cases[] = {
		{"10.0.0.0", "10.1.1.1", true},
		{"10.255.255.255", "10.1.1.1", true},
		{"9.255.255.255", "10.1.1.1", false},
		{"11.0.0.0", "10.1.1.1", false},
		{"172.16.0.0", "10.1.1.1", true},
		{"172.31.255.255", "10.1.1.1", true},
		{"172.15.255.255", "10.1.1.1", false},
		{"172.32.0.0", "10.1.1.1", false},
		{"192.168.0.0", "10.1.1.1", true},
		{"192.168.255.255", "10.1.1.1", true},
		{"192.167.255.255", "10.1.1.1", false},
		{"192.169.0.0", "10.1.1.1", false},
		{"100.64.0.0", "10.1.1.1", true}, /* RFC 6598 */
		{"100.127.255.255", "10.1.1.1", true},
		{"100.63.255.255", "10.1.1.1", false},
		{"100.128.0.0", "10.1.1.1", false},
		{"8.8.8.8", "10.1.1.1", false},
		{"127.0.0.1", "10.1.1.1", false},
		{"169.254.1.1", "10.1.1.1", false},
		{"fc00::", "fd00::9", true}, /* RFC 4193 */
		{"fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fd00::9", true},
		{"fbff:ffff::", "fd00::9", false},
		{"fe00::1", "fd00::9", false},
		{"fe80::1", "fd00::9", false},
		{"2001:db8::1", "fd00::9", false},
		{"::1", "fd00::9", false},
		{"::ffff:10.0.0.1", "fd00::9", false},
	};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		char text[MEDIA_MAX_BODY];
		char offer[1024];
		struct sbuf b = sbuf_over(text, sizeof(text));
		struct tunnel_plan plan;
		struct media_refusal why = {0};
		const char *addr = cases[i / 2].addr;
		const char *mate = cases[i / 2].mate;
		int len = snprintf(offer, sizeof(offer),
			OFFER("actpass") ADDRS("%s", "%s"), i % 2 ? addr : mate,
			i % 2 ? mate : addr);
		bool ok = media_answer(&endpoint,
			(struct slice){offer, (size_t)len}, &b, &plan, &why);

		if (ok != cases[i / 2].ok)
			fail_msg("%s: %s", addr, ok ? "taken" : why.text);
		if (!ok)
			assert_non_null(strstr(why.text, "not a private one"));
	}
}

/* Such a tunnel would have to carry its own packets. */
static void endpoint_in_the_tunnel(void **state)
{
#define AT_TEN(addrs)                                                          \
	TEXT(OFFER("actpass") "c=IN IP4 10.5.5.5\r\n" addrs), 488, 399,        \
		"tunnel address is the endpoint's own"
	static const struct fault cases[] = {
		{AT_TEN(ADDRS("10.5.5.5", "10.1.1.1"))},
		{AT_TEN(ADDRS("10.1.1.1", "10.5.5.5"))},
	};

	(void)state;
	CHECK_OFFERS(&endpoint, cases);
}

/* A tunnel address inside a network that we are in already. */
static void addresses_in_use(void **state)
{
	static const struct {
		struct media_net net;
		bool clash; /* with 192.168.234.1 and .2 */
	} cases[] = {
		{{V4(192, 168, 234, 0), 24}, true},
		{{V4(192, 168, 234, 0), 30}, true},
		{{V4(192, 168, 234, 1), 32}, true},
		{{V4(192, 168, 234, 2), 32}, true},
		{{V4(192, 168, 234, 3), 32}, false},
		{{V4(192, 168, 234, 3), 31}, true},
		{{V4(192, 168, 234, 128), 25}, false},
		{{V4(192, 168, 235, 0), 24}, false},
		{{V4(192, 168, 235, 0), 23}, true},
		{{V4(192, 168, 0, 0), 16}, true},
		{{V4(10, 0, 0, 0), 8}, false},
		{{V4(0, 0, 0, 0), 0}, true},
		{{{6, {0xfd}}, 8}, false},
		{{{6, {0}}, 0}, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		static const struct slice offer = TEXT(OFFER("actpass") MIRROR);
		const struct media_net nets[] = {{V4(203, 0, 113, 0), 24},
			cases[i].net, {V4(192, 168, 234, 0), 24}};
		struct media_local me = endpoint;
		char text[MEDIA_MAX_BODY];
		struct sbuf b = sbuf_over(text, sizeof(text));
		struct tunnel_plan plan;
		struct media_refusal why = {0};

		me.nets = nets;
		me.n_nets = 2; /* not the last one, whatever it says */
		if (media_answer(&me, offer, &b, &plan, &why) == cases[i].clash)
			fail_msg("case %zu: %s", i, why.text);
		if (cases[i].clash) {
			assert_non_null(strstr(
				why.text, "tunnel address is in use here"));
			assert_int_equal(why.status, 488);
			assert_int_equal(why.warning, 399);
		}
		/* also when the user named them */
		me.tun_fixed = true;
		b.len = 0;
		assert_int_equal(media_answer(&me, offer, &b, &plan, &why),
			!cases[i].clash);
	}
}

static void groups(void **state)
{
	static const struct {
		struct slice ours, offer, answer;
		bool ok;
	} cases[] = {
#define IN(group) TEXT(OFFER("actpass") "a=VPN_ID:" group "\r\n")
		{TEXT(""), TEXT(OFFER("actpass")), TEXT(""), true},
		{TEXT(""), IN("lab"), TEXT("lab"), true},
		{TEXT("lab"), IN("lab"), TEXT("lab"), true},
		{TEXT("lab"), TEXT(OFFER("actpass")), TEXT(""), true},
		{TEXT("lab"), IN("Lab"), TEXT(""), false},
		{TEXT("lab"), IN("la"), TEXT(""), false},
		{TEXT("lab"), IN("labs"), TEXT(""), false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct media_local me = endpoint;
		char text[MEDIA_MAX_BODY];
		struct sbuf b = sbuf_over(text, sizeof(text));
		struct tunnel_plan plan;
		struct media_refusal why = {0};
		struct vpnsdp v;
		bool ok;

		me.group = cases[i].ours;
		ok = media_answer(&me, cases[i].offer, &b, &plan, &why);
		if (ok != cases[i].ok)
			fail_msg("case %zu: %s", i, why.text);
		if (!ok) {
			assert_int_equal(why.status, 488);
			assert_int_equal(why.warning, 399);
			assert_non_null(strstr(why.text, "VPN group: "));
			continue;
		}
		assert_int_equal(
			vpnsdp_parse(sbuf_slice(&b), &v, NULL), VPNSDP_OK);
		assert_true(slice_eq(v.vpn_id, cases[i].answer));
	}
}

static void unusable_answers(void **state)
{
	static const struct fault cases[] = {
		{TEXT(""), 488, 304, "no SDP"},
		{TEXT("garbage"), 400, 399, NULL},
		{TEXT(HEAD AUDIO), 488, 304, "no VPN section"},
		{TEXT(HEAD THESIS("0")), 488, 304,
			"port is 0, the section is refused"},
		{TEXT(HEAD THESIS("8000") KEYS("passive")), 488, 399, NULL},
		{TEXT(ANSWER("passive") THESIS("8001")), 488, 399, NULL},
		{TEXT(ANSWER("passive") AUDIO), 488, 399, NULL},
		{TEXT(UDP_ANSWER("passive")), 488, 399, NULL},
		{TEXT(ANSWER("actpass")), 488, 399, NULL},
		{TEXT(ANSWER("holdconn")), 488, 399, NULL},
		{TEXT(HEAD THESIS("8000") MIRROR FP), 488, 399, NULL},
		{TEXT(HEAD THESIS("8000") MIRROR SETUP("passive")), 488, 399,
			NULL},
		{TEXT(HEAD THESIS("8000") KEYS("passive")
				 ADDRS("192.168.234.1", "192.168.234.2")),
			488, 399, NULL},
		{TEXT(HEAD THESIS("8000") KEYS("passive")
				 ADDRS("192.168.234.2", "192.168.234.9")),
			488, 399, NULL},
		{TEXT(ANSWER("passive") "c=IN IP4 224.0.0.1\r\n"), 488, 399,
			NULL},
		{TEXT(ANSWER("passive") "a=PORT:0\r\na=IP4:192.0.2.1\r\n"), 488,
			304, NULL},
		{TEXT(ANSWER("passive") "a=VPN_ID:other\r\n"), 488, 399, NULL},
	};
	struct media_local me = fixed;
	char text[MEDIA_MAX_BODY];
	struct sbuf b = sbuf_over(text, sizeof(text));
	struct tunnel_plan plan;
	struct media_refusal why = {0};
	static const struct slice good = TEXT(ANSWER("passive"));

	(void)state;
	me.group = SLICE("lab");
	assert_true(
		media_offer(&me, VPNSDP_FORM_THESIS, VPNSDP_SETUP_ACTPASS, &b));
	assert_true(media_conclude(&me, sbuf_slice(&b), good, &plan, &why));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (media_conclude(
			    &me, sbuf_slice(&b), cases[i].body, &plan, &why))
			fail_msg("case %zu is taken", i);
		check_refusal(i, &cases[i], &why);
	}
	assert_false(media_conclude(&me, SLICE("none"), good, &plan, &why));
}

/* What does not fit into our buffer is refused, not cut. */
static void answer_too_long(void **state)
{
	static const struct slice offer = TEXT(OFFER("actpass"));
	char text[MEDIA_MAX_BODY];
	struct sbuf b = sbuf_over(text, sizeof(text));
	struct tunnel_plan plan;
	struct media_refusal why = {0};
	size_t len;

	(void)state;
	assert_true(media_answer(&endpoint, offer, &b, &plan, &why));
	len = b.len;
	b = sbuf_over(text, len);
	assert_true(media_answer(&endpoint, offer, &b, &plan, &why));
	b = sbuf_over(text, len - 1);
	assert_false(media_answer(&endpoint, offer, &b, &plan, &why));
	assert_int_equal(why.status, 488);
	assert_int_equal(why.warning, 399);
	assert_string_equal(why.text, "SDP has too many media to answer");
}

/* However long and odd the line is, the words stay printable and whole. */
static void long_words(void **state)
{
	char body[1200];
	struct media_refusal why;
	struct tunnel_plan plan;
	struct sbuf b = sbuf_over(body, sizeof(body));
	char text[MEDIA_MAX_BODY];
	struct sbuf out = sbuf_over(text, sizeof(text));

	(void)state;
	memset(&why, 0x5a, sizeof(why));
	sbuf_put(&b, SLICE(HEAD THESIS("8000") "a=IP4:\x01\xff\x7f"));
	while (b.len < 1000)
		sbuf_char(&b, (char)('a' + b.len % 26));
	assert_false(
		media_answer(&endpoint, sbuf_slice(&b), &out, &plan, &why));
	assert_int_equal(strlen(why.text), MEDIA_MAX_TEXT - 1);
	assert_string_equal(why.text + MEDIA_MAX_TEXT - 4, "...");
	assert_non_null(strstr(why.text, "a=IP4:???"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(malformed_offers),
		cmocka_unit_test(unusable_offers),
		cmocka_unit_test(holdconn_starts_nothing),
		cmocka_unit_test(private_addresses),
		cmocka_unit_test(endpoint_in_the_tunnel),
		cmocka_unit_test(addresses_in_use),
		cmocka_unit_test(groups),
		cmocka_unit_test(unusable_answers),
		cmocka_unit_test(answer_too_long),
		cmocka_unit_test(long_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
