/* test_nap.c - what two clocks tell of a machine's sleep. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "core/nap.h"

#define HOUR 3600000ULL

static void naps(void **state)
{
	static const struct {
		const char *what;
		struct nap_clocks then, now;
		bool slept;
	} cases[] = {
		{"the same moment", {5000, 5000}, {5000, 5000}, false},
		{"an hour awake", {5000, 5000}, {5000 + HOUR, 5000 + HOUR},
			false},
		{"an hour asleep", {5000, 5000}, {5000 + HOUR, 5000}, true},
		{"asleep within an hour awake", {5000, 5000},
			{5000 + 2 * HOUR, 5000 + HOUR}, true},
		{"asleep before, not since", {9 * HOUR, HOUR},
			{10 * HOUR, 2 * HOUR}, false},
		{"asleep before, and again", {9 * HOUR, HOUR},
			{10 * HOUR, HOUR + 60000}, true},
		{"read at some distance", {5000, 5000},
			{9000 + NAP_MIN_MS, 9000}, false},
		{"the shortest nap", {5000, 5000}, {9001 + NAP_MIN_MS, 9000},
			true},
		{"the other was read late the first time", {6000 + HOUR, 5000},
			{8000 + HOUR, 8000}, false},
		{"not read then", {0, 0}, {5000 + HOUR, 5000}, false},
		{"not read now", {5000 + HOUR, 5000}, {0, 0}, false},
		{"a monotonic clock that is ahead", {5000, 5000},
			{5000, 9000 + HOUR}, false},
		{"both ahead", {5000, 6000}, {5000 + HOUR, 6000}, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (nap_between(&cases[i].then, &cases[i].now) !=
			cases[i].slept)
			fail_msg("%s", cases[i].what);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(naps)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
