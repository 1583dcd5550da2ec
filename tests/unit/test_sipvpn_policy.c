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
		struct sipvpn_ends ends;
		enum sipvpn_verdict got;

		print_message("# offer %zu\n", i);
		if (cases[i].wanted)
			wanted = (struct slice){
				cases[i].wanted, strlen(cases[i].wanted)};
		got = sipvpn_policy_offer(sdp, cases[i].wanted ? &wanted : NULL,
			&group, &ends, &err);
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
		(const struct sipvpn_seat[]){__VA_ARGS__},                     \
			sizeof((const struct sipvpn_seat[]){__VA_ARGS__}) /    \
				sizeof(struct sipvpn_seat)                     \
	}
#define IN(n)                                                                  \
	{                                                                      \
		.group = (n)                                                   \
	}

/* What the groups of the next test say: refusals by group number. */
static enum sipvpn_verdict says(void *arg, const struct sipvpn_seat *caller,
	const struct sipvpn_seat *callee)
{
	const enum sipvpn_verdict *groups = arg;

	assert_int_equal(caller->group, callee->group);
	return groups[caller->group];
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
		{NONE, PARTY(IN(1)), SIPVPN_ANY_GROUP, 0,
			SIPVPN_CALLER_NOT_MEMBER, 0},
		{PARTY(IN(1)), NONE, SIPVPN_ANY_GROUP, 0,
			SIPVPN_CALLEE_NOT_MEMBER, 0},
		{PARTY(IN(1)), PARTY(IN(1)), SIPVPN_ANY_GROUP, 0,
			SIPVPN_ALLOWED, 1},
		{PARTY(IN(1), IN(5), IN(9)), PARTY(IN(2), IN(5), IN(9)),
			SIPVPN_ANY_GROUP, 0, SIPVPN_ALLOWED, 5},
		{PARTY(IN(1), IN(3), IN(5)), PARTY(IN(2), IN(4), IN(6)),
			SIPVPN_ANY_GROUP, 0, SIPVPN_NO_SHARED_GROUP, 0},
		{PARTY(IN(7)),
			PARTY(IN(1), IN(2), IN(3), IN(4), IN(5), IN(6), IN(7)),
			SIPVPN_ANY_GROUP, 0, SIPVPN_ALLOWED, 7},
		{PARTY(IN(0), IN(1)), PARTY(IN(0), IN(1)), SIPVPN_ONE_GROUP, 1,
			SIPVPN_ALLOWED, 1},
		{PARTY(IN(0)), PARTY(IN(0), IN(1)), SIPVPN_ONE_GROUP, 1,
			SIPVPN_CALLER_NOT_MEMBER, 0},
		{PARTY(IN(0), IN(1)), PARTY(IN(0)), SIPVPN_ONE_GROUP, 1,
			SIPVPN_CALLEE_NOT_MEMBER, 0},
		{NONE, PARTY(IN(1)), SIPVPN_ONE_GROUP, 1,
			SIPVPN_CALLER_NOT_MEMBER, 0},
		{PARTY(IN(1)), PARTY(IN(1)), SIPVPN_UNKNOWN_GROUP, 0,
			SIPVPN_NO_SUCH_GROUP, 0},
	};

	enum sipvpn_verdict groups[10];
	const struct sipvpn_judge judge = {says, groups};

	(void)state;
	for (size_t i = 0; i < COUNT(groups); i++)
		groups[i] = SIPVPN_ALLOWED;
	for (size_t i = 0; i < COUNT(cases); i++) {
		uint32_t shared = 4711;

		print_message("# pair %zu\n", i);
		assert_int_equal(sipvpn_policy_pair(&cases[i].caller,
					 &cases[i].callee, cases[i].naming,
					 cases[i].group, &judge, &shared),
			cases[i].verdict);
		assert_int_equal(shared, cases[i].verdict == SIPVPN_ALLOWED
						 ? cases[i].shared
						 : 4711);
	}
}

/* Without a name, the first shared group that allows; else its reason. */
static void groups_refuse(void **state)
{
	const struct sipvpn_party a = PARTY(IN(1), IN(2), IN(3), IN(5));
	const struct sipvpn_party b = PARTY(IN(0), IN(2), IN(3), IN(5));
	enum sipvpn_verdict groups[] = {SIPVPN_ALLOWED, SIPVPN_ALLOWED,
		SIPVPN_NO_HUB, SIPVPN_GROUP_OFF, SIPVPN_ALLOWED,
		SIPVPN_ALLOWED};
	const struct sipvpn_judge judge = {says, groups};
	uint32_t shared = 4711;

	(void)state;
	assert_int_equal(sipvpn_policy_pair(
				 &a, &b, SIPVPN_ANY_GROUP, 0, &judge, &shared),
		SIPVPN_ALLOWED);
	assert_int_equal(shared, 5);
	groups[5] = SIPVPN_LOCAL_NOT_OWN;
	shared = 4711;
	assert_int_equal(sipvpn_policy_pair(
				 &a, &b, SIPVPN_ANY_GROUP, 0, &judge, &shared),
		SIPVPN_NO_HUB);
	assert_int_equal(sipvpn_policy_pair(
				 &a, &b, SIPVPN_ONE_GROUP, 3, &judge, &shared),
		SIPVPN_GROUP_OFF);
	assert_int_equal(shared, 4711);
}

static struct vpnsdp_addr address(const char *text)
{
	struct vpnsdp_addr a = {.family = 0};

	if (text)
		assert_true(vpnsdp_addr_parse(
			(struct slice){text, strlen(text)}, &a));
	return a;
}

#define A4 "10.8.0.1"
#define B4 "10.8.0.2"
#define A6 "fd00:8::1"
#define B6 "fd00:8::2"

/* The caller has A4 and A6, the callee B4 and B6 or nothing. */
static void terms(void **state)
{
	static const struct {
		enum sipvpn_group_policy policy;
		bool assigns, caller_hub, callee_hub, callee_has;
		const char *local, *remote;
		enum sipvpn_verdict offer, answer; /* to the same addresses */
	} cases[] = {
		{SIPVPN_OPEN, false, false, false, false, NULL, NULL,
			SIPVPN_ALLOWED, SIPVPN_ALLOWED},
		{SIPVPN_OPEN, false, false, false, false, "192.0.2.1",
			"192.0.2.2", SIPVPN_ALLOWED, SIPVPN_ALLOWED},
		{SIPVPN_OFF, false, true, true, false, NULL, NULL,
			SIPVPN_GROUP_OFF, SIPVPN_ALLOWED},
		{SIPVPN_HUB, false, false, false, false, NULL, NULL,
			SIPVPN_NO_HUB, SIPVPN_ALLOWED},
		{SIPVPN_HUB, false, true, false, false, NULL, NULL,
			SIPVPN_ALLOWED, SIPVPN_ALLOWED},
		{SIPVPN_HUB, false, false, true, false, NULL, NULL,
			SIPVPN_ALLOWED, SIPVPN_ALLOWED},
		{SIPVPN_OPEN, true, false, false, true, NULL, NULL,
			SIPVPN_ALLOWED, SIPVPN_ALLOWED},
		{SIPVPN_OPEN, true, false, false, true, A4, B4, SIPVPN_ALLOWED,
			SIPVPN_LOCAL_NOT_OWN},
		{SIPVPN_OPEN, true, false, false, true, B4, A4,
			SIPVPN_LOCAL_NOT_OWN, SIPVPN_ALLOWED},
		{SIPVPN_OPEN, true, false, false, true, A6, B6, SIPVPN_ALLOWED,
			SIPVPN_LOCAL_NOT_OWN},
		{SIPVPN_OPEN, true, false, false, true, A4, "10.8.0.3",
			SIPVPN_REMOTE_NOT_OWN, SIPVPN_LOCAL_NOT_OWN},
		{SIPVPN_OPEN, true, false, false, false, A4, B4,
			SIPVPN_REMOTE_NOT_OWN, SIPVPN_LOCAL_NOT_OWN},
		{SIPVPN_OPEN, true, false, false, true, B4, "10.8.0.3",
			SIPVPN_LOCAL_NOT_OWN, SIPVPN_REMOTE_NOT_OWN},
		{SIPVPN_HUB, true, false, true, true, B4, A4,
			SIPVPN_LOCAL_NOT_OWN, SIPVPN_ALLOWED},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct sipvpn_ends ends = {
			address(cases[i].local), address(cases[i].remote)};
		struct sipvpn_shared shared = {.policy = cases[i].policy,
			.assigns = cases[i].assigns,
			.caller = {cases[i].caller_hub, address(A4),
				address(A6)},
			.callee = {.hub = cases[i].callee_hub}};

		print_message("# terms %zu\n", i);
		if (cases[i].callee_has) {
			shared.callee.addr4 = address(B4);
			shared.callee.addr6 = address(B6);
		}
		assert_int_equal(
			sipvpn_policy_shared(&shared, &ends), cases[i].offer);
		assert_int_equal(
			sipvpn_policy_answer(&shared, &ends), cases[i].answer);
	}
}

/* What an offer names comes out of it as it was written. */
static void offered_addresses(void **state)
{
	const struct slice sdp = SLICE(HEAD VPN "a=VPN_LOCAL_ADDR:" A4 "\r\n"
						"a=VPN_REMOTE_ADDR:" B4 "\r\n");
	const struct slice lab = SLICE("lab");
	const struct slice *demands[] = {NULL, &lab};
	const struct vpnsdp_addr a = address(A4), b = address(B4);

	(void)state;
	for (size_t i = 0; i < COUNT(demands); i++) {
		struct sipvpn_ends ends = {.local = {.family = 0}};
		struct vpnsdp_error err;
		struct slice group;

		assert_int_equal(sipvpn_policy_offer(
					 sdp, demands[i], &group, &ends, &err),
			SIPVPN_ALLOWED);
		assert_true(vpnsdp_addr_eq(&ends.local, &a));
		assert_true(vpnsdp_addr_eq(&ends.remote, &b));
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
	assert_int_equal(SIPVPN_REMOTE_NOT_OWN, -14);
	assert_int_equal(SIPVPN_NOT_OFFERED, -15);
	for (int v = SIPVPN_LAST_VERDICT; v < 0; v++) {
		const char *text = sipvpn_verdict_text((enum sipvpn_verdict)v);

		assert_string_not_equal(text, "unknown verdict");
		for (int w = SIPVPN_LAST_VERDICT; w < v; w++)
			assert_string_not_equal(text,
				sipvpn_verdict_text((enum sipvpn_verdict)w));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(offers),
		cmocka_unit_test(pairs),
		cmocka_unit_test(groups_refuse),
		cmocka_unit_test(terms),
		cmocka_unit_test(offered_addresses),
		cmocka_unit_test(addresses),
		cmocka_unit_test(verdicts),
	};

	return cmocka_run_group_tests_name("sipvpn_policy", tests, NULL, NULL);
}
