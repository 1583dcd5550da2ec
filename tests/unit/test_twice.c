/* test_twice.c - the second call with a peer, and calling again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/redial.h"
#include "core/twice.h"

#define IN .outgoing = false
#define OUT .outgoing = true, .sent = true
#define LATER .answered = true, .answered_ms = TWICE_CROSSING_MS
#define JUST .answered = true, .answered_ms = TWICE_CROSSING_MS - 1

static void the_peer_calls(void **state)
{
	static const struct {
		const char *name;
		struct twice_call old;
		enum twice lower, same, higher; /* we, than the peer */
	} cases[] = {
		{"it called before", {IN}, TWICE_REPLACE, TWICE_REPLACE,
			TWICE_REPLACE},
		{"its call stands", {IN, LATER}, TWICE_REPLACE, TWICE_REPLACE,
			TWICE_REPLACE},
		{"its call ends", {IN, .ending = true}, TWICE_TAKE, TWICE_TAKE,
			TWICE_TAKE},
		{"ours waits for the registration", {.outgoing = true},
			TWICE_REPLACE, TWICE_REPLACE, TWICE_REPLACE},
		{"they cross", {OUT}, TWICE_REFUSE, TWICE_REFUSE,
			TWICE_REPLACE},
		{"they crossed", {OUT, JUST}, TWICE_REFUSE, TWICE_REFUSE,
			TWICE_REPLACE},
		{"ours stands", {OUT, LATER}, TWICE_REPLACE, TWICE_REPLACE,
			TWICE_REPLACE},
		{"ours ends", {OUT, .ending = true}, TWICE_TAKE, TWICE_TAKE,
			TWICE_TAKE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct twice_call *old = &cases[i].old;

		if (twice_incoming(old, -1) != cases[i].lower ||
			twice_incoming(old, 0) != cases[i].same ||
			twice_incoming(old, 1) != cases[i].higher)
			fail_msg("%s", cases[i].name);
	}
}

/* Two that call each other at once: one call is left, the same for both. */
static void both_decide_alike(void **state)
{
	static const struct twice_call sent = {OUT};
	static const struct twice_call answered = {OUT, .answered = true};

	(void)state;
	assert_int_equal(twice_incoming(&sent, -1), TWICE_REFUSE);
	assert_int_equal(twice_incoming(&sent, 1), TWICE_REPLACE);
	assert_int_equal(twice_incoming(&answered, -1), TWICE_REFUSE);
}

static void we_call(void **state)
{
	static const struct twice_call cases[] = {
		{IN}, {IN, LATER}, {OUT}, {OUT, LATER}, {.outgoing = true}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct twice_call ends = cases[i];

		ends.ending = true;
		assert_int_equal(twice_outgoing(&cases[i]), TWICE_REFUSE);
		assert_int_equal(twice_outgoing(&ends), TWICE_TAKE);
	}
}

static void calling_again(void **state)
{
	struct redial r = {0};
	uint32_t whole = REDIAL_BASE_MS;

	(void)state;
	for (int i = 0; i < 12; i++) {
		struct redial low = r;
		struct redial mid = r;

		assert_int_equal(redial_after(&low, 0, 0), whole / 2);
		assert_in_range(redial_after(&mid, 0, 32768), whole / 2, whole);
		assert_int_equal(redial_after(&r, 0, UINT16_MAX), whole);
		whole = whole * 2 < REDIAL_MAX_MS ? whole * 2 : REDIAL_MAX_MS;
	}
	assert_int_equal(whole, REDIAL_MAX_MS);
	/* a tunnel that broke at once is no success */
	assert_int_equal(redial_after(&r, REDIAL_STOOD_MS - 1, UINT16_MAX),
		REDIAL_MAX_MS);
	assert_int_equal(
		redial_after(&r, REDIAL_STOOD_MS, UINT16_MAX), REDIAL_BASE_MS);
	assert_int_equal(redial_after(&r, 0, UINT16_MAX), 2 * REDIAL_BASE_MS);
	r.failures = 4294967294U;
	assert_int_equal(redial_after(&r, 0, UINT16_MAX), REDIAL_MAX_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_peer_calls),
		cmocka_unit_test(both_decide_alike),
		cmocka_unit_test(we_call),
		cmocka_unit_test(calling_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
