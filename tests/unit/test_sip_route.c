/* test_sip_route.c - which of several SIP servers is asked, and when again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "core/sip_route.h"

#define NONE ROUTE_NONE
#define S 1000

/* Rounds of a registration: what each server does, and who is asked. */
static const struct round {
	uint64_t at_ms;
	const char *up; /* a letter a server: + works, - fails */
	const char *asked;
} rounds[] = {
	{0, "+++", "0"},
	{200 * S, "+++", "0"},
	{400 * S, "-++", "01"},
	/* the refresh: 0 failed more than 10 s ago */
	{600 * S, "-++", "01"},
	{615 * S, "-++", "1"}, /* 15 of 20 s: stay where we are */
	{620 * S, "+++", "0"}, /* back at the preferred one */
	{621 * S, "-++", "01"},
	{630 * S, "+++", "1"},
	{631 * S, "+++", "0"}, /* its record is clean: 10 s again */
	{640 * S, "--+", "012"},
	{645 * S, "---", "201"}, /* first who did not fail, then the others */
	{646 * S, "---", "012"}, /* all are shunned: in order */
	{647 * S, "++-", "0"},
};

static void play_rounds(void **state)
{
	struct route r;

	(void)state;
	route_set(&r, 3);
	assert_int_equal(r.current, NONE);
	for (size_t i = 0; i < sizeof(rounds) / sizeof(rounds[0]); i++) {
		const struct round *round = &rounds[i];
		size_t n = 0;
		size_t now = route_begin(&r, round->at_ms);

		for (; now != NONE; n++) {
			if ((size_t)(round->asked[n] - '0') != now)
				fail_msg("round %zu: %zu is asked", i, now);
			assert_int_equal(r.current, now);
			if (round->up[now] == '+') {
				route_worked(&r);
				n++;
				break;
			}
			now = route_failed(&r, round->at_ms, 0);
		}
		if (round->asked[n] != '\0')
			fail_msg("round %zu: ends after %zu", i, n);
	}
}

/* 10 s, doubled with each failure, half an hour at most. */
static void shunned_longer_each_time(void **state)
{
	struct route r;
	uint64_t now = 0;
	uint64_t wait = 10 * S;

	(void)state;
	route_set(&r, 2);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(route_begin(&r, now), 0);
		assert_int_equal(route_failed(&r, now, 0), 1);
		route_worked(&r);
		assert_int_equal(route_begin(&r, now + wait - 1), 1);
		now += wait;
		wait = wait * 2 > 1800 * S ? 1800 * S : wait * 2;
	}
}

static void as_long_as_it_asks(void **state)
{
	struct route r;

	(void)state;
	route_set(&r, 2);
	assert_int_equal(route_begin(&r, 0), 0);
	assert_int_equal(route_failed(&r, 0, 100), 1);
	assert_int_equal(route_begin(&r, 100 * S - 1), 1);
	assert_int_equal(route_begin(&r, 100 * S), 0);
	/* not shorter than without */
	assert_int_equal(route_failed(&r, 100 * S, 1), 1);
	assert_int_equal(route_begin(&r, 120 * S - 1), 1);
	assert_int_equal(route_begin(&r, 120 * S), 0);
}

static void another_network(void **state)
{
	struct route r;

	(void)state;
	route_set(&r, 2);
	assert_int_equal(route_begin(&r, 0), 0);
	assert_int_equal(route_failed(&r, 0, 3600), 1);
	assert_int_equal(route_begin(&r, 1), 1);
	route_forgive(&r);
	assert_int_equal(route_begin(&r, 2), 0);
}

static void none_and_too_many(void **state)
{
	struct route r;

	(void)state;
	route_set(&r, 0);
	assert_int_equal(route_begin(&r, 0), NONE);
	assert_int_equal(route_failed(&r, 0, 0), NONE);
	route_worked(&r);
	assert_false(route_has_next(&r));
	route_set(&r, 1000);
	assert_int_equal(r.n, ROUTE_MAX);
	route_begin(&r, 0);
	for (size_t i = 1; i < ROUTE_MAX; i++) {
		assert_true(route_has_next(&r));
		assert_int_equal(route_failed(&r, 0, 0), i);
	}
	assert_false(route_has_next(&r));
	assert_int_equal(route_failed(&r, 0, 0), NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(play_rounds),
		cmocka_unit_test(shunned_longer_each_time),
		cmocka_unit_test(as_long_as_it_asks),
		cmocka_unit_test(another_network),
		cmocka_unit_test(none_and_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
