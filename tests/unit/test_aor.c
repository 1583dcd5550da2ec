/* test_aor.c - addresses-of-record: who is who. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/aor.h"

#define HOME SLICE("home.example")

static void parsed(void **state)
{
	static const struct {
		const char *text, *user, *host;
	} cases[] = {
		{"2500", "2500", "home.example"},
		{"2500@example.org", "2500", "example.org"},
		{"sip:2500@example.org", "2500", "example.org"},
		{"SIP:2500@example.org", "2500", "example.org"},
		{"sips:2500@example.org:5061", "2500", "example.org"},
		{"sip:2500", "2500", "home.example"},
		{"sip:a@h;transport=tls;x=1", "a", "h"},
		{"sip:a@h?subject=x", "a", "h"},
		{"sip:a@[2001:db8::1]:5060;lr", "a", "[2001:db8::1]"},
		{"sip:a;b=c@h", "a;b=c", "h"},
		{"siphon@h", "siphon", "h"},
		{"", NULL, NULL},
		{"sip:", NULL, NULL},
		{"@h", NULL, NULL},
		{"sip:@h", NULL, NULL},
		{"a@", NULL, NULL},
		{"a@:5060", NULL, NULL},
		{"a@;x", NULL, NULL},
	};

	struct aor a;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool ok = aor_parse(slice_cstr(cases[i].text), HOME, &a);

		if (ok != (cases[i].user != NULL))
			fail_msg("'%s'", cases[i].text);
		if (!ok)
			continue;
		assert_true(slice_eq(a.user, slice_cstr(cases[i].user)));
		assert_true(slice_eq(a.host, slice_cstr(cases[i].host)));
	}
	assert_false(aor_parse(SLICE("2500"), SLICE(""), &a));
}

static void compared(void **state)
{
	static const struct {
		const char *one, *other;
		int order;
	} cases[] = {
		{"a@h", "a@h", 0},
		{"a@h", "sip:a@H:5060", 0},
		{"a@h", "A@h", 1},
		{"a@h", "b@h", -1},
		{"a@h", "aa@h", -1},
		{"b@g", "a@h", -1},
		{"2500@h", "2501@h", -1},
		{"\xe4@h", "a@h", 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct aor a;
		struct aor b;

		assert_true(aor_parse(slice_cstr(cases[i].one), HOME, &a));
		assert_true(aor_parse(slice_cstr(cases[i].other), HOME, &b));
		if (aor_compare(&a, &b) != cases[i].order ||
			aor_compare(&b, &a) != -cases[i].order)
			fail_msg("'%s' and '%s'", cases[i].one, cases[i].other);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parsed),
		cmocka_unit_test(compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
