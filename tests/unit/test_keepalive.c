/* test_keepalive.c - when the way to the server is pinged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "core/keepalive.h"

#define LONGEST 65535

static void how_long(void **state)
{
	static const struct {
		bool stream, outbound;
		uint32_t flow_timer;
		uint32_t least, most; /* ms */
	} cases[] = {
		{true, false, 0, 96000, 120000}, /* RFC 5626: 95 to 120 s */
		{true, true, 0, 96000, 120000},
		{true, true, 60, 48000, 60000}, /* section 4.4 */
		{true, false, 600, 480000, 600000},
		{true, true, 12, 10000, 12000}, /* never under 10 s */
		{true, true, 1, 10000, 10000},
		{true, true, UINT32_MAX, 69120000, 86400000},
		{false, false, 0, 23200, 29000}, /* 24 to 29 s */
		{false, true, 20, 16000, 20000},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct keepalive k;

		keepalive_init(&k, cases[i].stream);
		keepalive_learn(&k, cases[i].outbound, cases[i].flow_timer);
		assert_int_equal(keepalive_wait(&k, 0), cases[i].least);
		assert_int_equal(keepalive_wait(&k, LONGEST), cases[i].most);
	}
}

/* Ten seconds for the answer, where the server has promised one. */
static void ping_and_pong(void **state)
{
	struct keepalive k;
	uint32_t wait = 0;

	(void)state;
	keepalive_init(&k, true);
	keepalive_learn(&k, true, 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(
			keepalive_due(&k, LONGEST, &wait), KEEPALIVE_PING);
		assert_int_equal(wait, 10000);
		assert_true(keepalive_pong(&k));
		assert_false(keepalive_pong(&k)); /* one too many */
	}
	assert_int_equal(keepalive_due(&k, 0, &wait), KEEPALIVE_PING);
	assert_int_equal(keepalive_due(&k, 0, &wait), KEEPALIVE_DEAD);
}

/* A server without RFC 5626 need not answer, and a datagram nobody answers. */
static void no_pong_is_expected(void **state)
{
	struct keepalive k;
	uint32_t wait = 0;

	(void)state;
	for (int stream = 0; stream < 2; stream++) {
		keepalive_init(&k, stream);
		keepalive_learn(&k, !stream, 0);
		for (int i = 0; i < 5; i++) {
			assert_int_equal(keepalive_due(&k, LONGEST, &wait),
				KEEPALIVE_PING);
			assert_int_equal(wait, stream ? 120000 : 29000);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(how_long),
		cmocka_unit_test(ping_and_pong),
		cmocka_unit_test(no_pong_is_expected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
