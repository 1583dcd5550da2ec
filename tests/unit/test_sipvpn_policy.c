/*
 * test_sipvpn_policy.c - every verdict, and addresses-of-record as text.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "sipvpn_policy.h"

#define HEAD                                                                   \
	"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\n"     \
	"t=0 0\r\n"
#define VPN "m=application/vpn 8000 OpenVPN 0\r\n"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void offers(void **state)
{
	static const struct {
		const char *sdp;
		const char *wanted; /* NULL: the script demands none */
		enum sipvpn_verdict verdict;
		const char *group;
	} cases[] = {
		{HEAD VPN, NULL, SIPVPN_ALLOWED, ""},
		{HEAD VPN "a=VPN_ID:lab\r\n", NULL, SIPVPN_ALLOWED, "lab"},
		{HEAD VPN "a=VPN_ID:lab\r\n", "lab", SIPVPN_ALLOWED, "lab"},
		{HEAD VPN, "lab", SIPVPN_ALLOWED, "lab"},
		{HEAD VPN "a=VPN_ID:lab\r\n", "Lab", SIPVPN_OTHER_GROUP, NULL},
		{HEAD VPN "a=VPN_ID:lab\r\n", "la", SIPVPN_OTHER_GROUP, NULL},
		{HEAD VPN "a=VPN_ID:lab\r\n", "", SIPVPN_NO_SUCH_GROUP, NULL},
		{HEAD VPN, "", SIPVPN_NO_SUCH_GROUP, NULL},
		/* held back, but it may come to life in the same call */
		{HEAD "m=application/vpn 0 OpenVPN 0\r\n", NULL, SIPVPN_ALLOWED,
			""},
		{HEAD VPN VPN, NULL, SIPVPN_BAD_OFFER, NULL},
		{HEAD "m=application/vpn 70000 OpenVPN 0\r\n", NULL,
			SIPVPN_BAD_OFFER, NULL},
		{HEAD VPN "a=VPN_LOCAL_ADDR:10.0.0.1\r\n", NULL,
			SIPVPN_BAD_OFFER, NULL},
		{HEAD VPN "a=IP4:224.0.0.1\r\na=PORT:9\r\n", NULL,
			SIPVPN_BAD_OFFER, NULL},
		{HEAD "m=audio 4000 RTP/AVP 0\r\n", NULL, SIPVPN_BAD_OFFER,
			NULL},
		{"", NULL, SIPVPN_BAD_OFFER, NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice sdp = {cases[i].sdp, strlen(cases[i].sdp)};
		struct slice wanted = SLICE(""), group = SLICE("unset");
		struct vpnsdp_error err = {.text = SLICE("")};
		enum sipvpn_verdict got;

		print_message("# offer %zu\n", i);
		if (cases[i].wanted)
			wanted = (struct slice){
				cases[i].wanted, strlen(cases[i].wanted)};
		got = sipvpn_policy_offer(
			sdp, cases[i].wanted ? &wanted : NULL, &group, &err);
		assert_int_equal(got, cases[i].verdict);
		if (got == SIPVPN_BAD_OFFER)
			assert_int_not_equal(err.code, VPNSDP_OK);
		if (cases[i].group)
			assert_true(slice_eq(
				group, (struct slice){cases[i].group,
					       strlen(cases[i].group)}));
		else
			assert_true(slice_eq(group, SLICE("unset")));
	}
}

#define NONE                                                                   \
	{                                                                      \
		NULL, 0                                                        \
	}
#define PARTY(...)                                                             \
	{                                                                      \
		(const uint32_t[]){__VA_ARGS__},                               \
			sizeof((const uint32_t[]){__VA_ARGS__}) /              \
				sizeof(uint32_t)                               \
	}

static void pairs(void **state)
{
	const struct {
		struct sipvpn_party caller, callee;
		enum sipvpn_naming naming;
		uint32_t group;
		enum sipvpn_verdict verdict;
		uint32_t shared;
	} cases[] = {
		{NONE, NONE, SIPVPN_ANY_GROUP, 0, SIPVPN_CALLER_NOT_MEMBER, 0},
		{NONE, PARTY(1), SIPVPN_ANY_GROUP, 0, SIPVPN_CALLER_NOT_MEMBER,
			0},
		{PARTY(1), NONE, SIPVPN_ANY_GROUP, 0, SIPVPN_CALLEE_NOT_MEMBER,
			0},
		{PARTY(1), PARTY(1), SIPVPN_ANY_GROUP, 0, SIPVPN_ALLOWED, 1},
		{PARTY(1, 5, 9), PARTY(2, 5, 9), SIPVPN_ANY_GROUP, 0,
			SIPVPN_ALLOWED, 5},
		{PARTY(1, 3, 5), PARTY(2, 4, 6), SIPVPN_ANY_GROUP, 0,
			SIPVPN_NO_SHARED_GROUP, 0},
		{PARTY(7), PARTY(1, 2, 3, 4, 5, 6, 7), SIPVPN_ANY_GROUP, 0,
			SIPVPN_ALLOWED, 7},
		{PARTY(0, 1), PARTY(0, 1), SIPVPN_ONE_GROUP, 1, SIPVPN_ALLOWED,
			1},
		{PARTY(0), PARTY(0, 1), SIPVPN_ONE_GROUP, 1,
			SIPVPN_CALLER_NOT_MEMBER, 0},
		{PARTY(0, 1), PARTY(0), SIPVPN_ONE_GROUP, 1,
			SIPVPN_CALLEE_NOT_MEMBER, 0},
		{NONE, PARTY(1), SIPVPN_ONE_GROUP, 1, SIPVPN_CALLER_NOT_MEMBER,
			0},
		{PARTY(1), PARTY(1), SIPVPN_UNKNOWN_GROUP, 0,
			SIPVPN_NO_SUCH_GROUP, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		uint32_t shared = 4711;

		print_message("# pair %zu\n", i);
		assert_int_equal(
			sipvpn_policy_pair(&cases[i].caller, &cases[i].callee,
				cases[i].naming, cases[i].group, &shared),
			cases[i].verdict);
		assert_int_equal(shared, cases[i].verdict == SIPVPN_ALLOWED
						 ? cases[i].shared
						 : 4711);
	}
}

static void addresses(void **state)
{
	static const struct {
		const char *text, *home, *user,
			*domain; /* user NULL: refused */
	} cases[] = {
		{"2500@example.org", "", "2500", "example.org"},
		{"sip:2500@example.org", "home", "2500", "example.org"},
		{"sips:2500@example.org", "home", "2500", "example.org"},
		{"2500", "home", "2500", "home"},
		{"2500@", "home", "2500", "home"},
		{"2500", "", NULL, NULL},
		{"", "home", NULL, NULL},
		{"@example.org", "home", NULL, NULL},
		{"sip:", "home", NULL, NULL},
		{"a@b@c", "home", NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice text = {cases[i].text, strlen(cases[i].text)};
		struct slice home = {cases[i].home, strlen(cases[i].home)};
		struct sipvpn_aor aor = {SLICE("u"), SLICE("d")};

		print_message("# address %zu\n", i);
		if (!cases[i].user) {
			assert_false(sipvpn_aor_parse(text, home, &aor));
			assert_true(slice_eq(aor.user, SLICE("u")));
			continue;
		}
		assert_true(sipvpn_aor_parse(text, home, &aor));
		assert_int_equal(aor.user.len, strlen(cases[i].user));
		assert_memory_equal(aor.user.p, cases[i].user, aor.user.len);
		assert_int_equal(aor.domain.len, strlen(cases[i].domain));
		assert_memory_equal(
			aor.domain.p, cases[i].domain, aor.domain.len);
	}
}

/* Scripts may rely on the numbers, and 0 would end a script. */
static void verdicts(void **state)
{
	(void)state;
	assert_int_equal(SIPVPN_ALLOWED, 1);
	assert_int_equal(SIPVPN_NO_OFFER, -1);
	assert_int_equal(SIPVPN_INTERNAL, -10);
	for (int v = SIPVPN_INTERNAL; v < 0; v++) {
		const char *text = sipvpn_verdict_text((enum sipvpn_verdict)v);

		assert_string_not_equal(text, "unknown verdict");
		for (int w = SIPVPN_INTERNAL; w < v; w++)
			assert_string_not_equal(text,
				sipvpn_verdict_text((enum sipvpn_verdict)w));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(offers),
		cmocka_unit_test(pairs),
		cmocka_unit_test(addresses),
		cmocka_unit_test(verdicts),
	};

	return cmocka_run_group_tests_name("sipvpn_policy", tests, NULL, NULL);
}
