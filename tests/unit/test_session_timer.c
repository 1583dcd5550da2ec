/* test_session_timer.c - RFC 4028: who refreshes, when, and when it is over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "core/session_timer.h"

#define SE(seconds, who)                                                       \
	{                                                                      \
		seconds, REFRESHER_##who                                       \
	}

/* Section 9: what a request asks for, and what our 2xx says. */
static void asked(void **state)
{
	static const struct {
		struct session_expires in;
		uint32_t min_se;
		bool supported, good;
		struct session_expires out;
	} cases[] = {
		{SE(0, NONE), 0, false, true, SE(0, NONE)},
		{SE(0, NONE), 0, true, true, SE(1800, UAS)},
		{SE(0, NONE), 3600, true, true, SE(3600, UAS)},
		{SE(1800, NONE), 0, true, true, SE(1800, UAC)},
		{SE(1800, UAC), 0, true, true, SE(1800, UAC)},
		{SE(1800, UAS), 0, true, true, SE(1800, UAS)},
		{SE(90, UAS), 90, true, true, SE(90, UAS)},
		{SE(89, UAS), 0, true, false, SE(0, NONE)},
		{SE(1, NONE), 0, true, false, SE(0, NONE)},
		/* a proxy's wish for a caller who knows nothing of it */
		{SE(600, NONE), 0, false, true, SE(600, UAS)},
		{SE(4, NONE), 0, false, true, SE(4, UAS)},
		{SE(600, UAC), 0, false, true, SE(600, UAS)},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct session_expires out;
		bool good = session_timer_judge(&cases[i].in, cases[i].min_se,
			cases[i].supported, &out);

		assert_int_equal(good, cases[i].good);
		if (!good)
			continue;
		assert_int_equal(out.expires, cases[i].out.expires);
		assert_int_equal(out.refresher, cases[i].out.refresher);
	}
}

/* Sections 7.4 and 10: half way the refresh, near the end the BYE. */
static void due(void **state)
{
	static const struct {
		struct session_expires got; /* with our request's 2xx */
		uint64_t refresh, end;      /* ms after it; 0: never */
	} cases[] = {
		{SE(0, NONE), 0, 0},
		{SE(1800, UAC), 900000, 1768000},
		{SE(1800, NONE), 900000, 1768000},
		{SE(1800, UAS), 0, 1768000},
		{SE(90, UAC), 45000, 60000},
		{SE(96, UAS), 0, 64000},
		{SE(97, UAS), 0, 97000 - 32000},
		{SE(6, UAC), 3000, 4000},
		{SE(UINT32_MAX, UAC), 2147483647500, 4294967263000},
	};
	const uint64_t began = 5000;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct session_timer t;
		uint64_t at;

		session_timer_init(&t);
		session_timer_answered(&t, &cases[i].got, began);
		if (cases[i].refresh > 0) {
			at = session_timer_next(&t);
			assert_int_equal(at, began + cases[i].refresh);
			assert_int_equal(
				session_timer_due(&t, at - 1), SESSION_NOTHING);
			assert_int_equal(
				session_timer_due(&t, at), SESSION_REFRESH);
			assert_int_equal(
				session_timer_due(&t, at + 1), SESSION_NOTHING);
		}
		at = session_timer_next(&t);
		if (cases[i].end == 0) {
			assert_true(at == SESSION_TIMER_NEVER);
			assert_int_equal(session_timer_due(&t, UINT64_MAX),
				SESSION_NOTHING);
			continue;
		}
		assert_int_equal(at, began + cases[i].end);
		assert_int_equal(
			session_timer_due(&t, at - 1), SESSION_NOTHING);
		assert_int_equal(session_timer_due(&t, at), SESSION_EXPIRED);
	}
}

static void refreshed(void **state)
{
	static const struct session_expires ours = SE(100, UAC);
	static const struct session_expires theirs = SE(100, UAS);
	static const struct session_expires off = SE(0, NONE);
	struct session_timer t;

	(void)state;
	session_timer_init(&t);
	session_timer_answered(&t, &ours, 0);
	assert_int_equal(session_timer_due(&t, 50000), SESSION_REFRESH);
	session_timer_answered(&t, &ours, 51000);
	assert_int_equal(session_timer_next(&t), 101000);
	/* the peer's request: said by us as UAS, so UAC is the peer */
	session_timer_agreed(&t, &ours, 60000);
	assert_false(t.refresher);
	assert_int_equal(session_timer_next(&t), 60000 + 68000);
	session_timer_agreed(&t, &theirs, 60000);
	assert_true(t.refresher);
	assert_int_equal(session_timer_next(&t), 60000 + 50000);
	/* a machine that slept: all of it is late */
	assert_int_equal(session_timer_due(&t, 900000), SESSION_EXPIRED);
	session_timer_answered(&t, &off, 70000);
	assert_true(session_timer_next(&t) == SESSION_TIMER_NEVER);
}

static void what_we_ask(void **state)
{
	static const struct session_expires got = SE(600, UAS);
	struct session_timer t;

	(void)state;
	session_timer_init(&t);
	assert_int_equal(session_timer_ask(&t).expires, 1800);
	assert_int_equal(session_timer_ask(&t).refresher, REFRESHER_NONE);
	/* section 7.3: 422 */
	assert_false(session_timer_too_small(&t, 0));
	assert_false(session_timer_too_small(&t, 1800));
	assert_true(session_timer_too_small(&t, 3600));
	assert_int_equal(session_timer_ask(&t).expires, 3600);
	assert_int_equal(t.min_se, 3600);
	assert_false(session_timer_too_small(&t, 3600));
	session_timer_init(&t);
	session_timer_answered(&t, &got, 0);
	assert_int_equal(session_timer_ask(&t).expires, 600);
	assert_int_equal(session_timer_ask(&t).refresher, REFRESHER_UAS);
	session_timer_agreed(&t, &got, 0);
	assert_int_equal(session_timer_ask(&t).refresher, REFRESHER_UAC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asked),
		cmocka_unit_test(due),
		cmocka_unit_test(refreshed),
		cmocka_unit_test(what_we_ask),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
