/* test_units.c - amounts for people. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "core/units.h"

static void check(
	void (*write)(uint64_t, struct sbuf *), uint64_t n, const char *want)
{
	char mem[16];
	struct sbuf b = sbuf_over(mem, sizeof(mem));

	write(n, &b);
	assert_string_equal(sbuf_cstr(&b), want);
}

static void bytes(void **state)
{
	static const struct {
		uint64_t n;
		const char *want;
	} cases[] = {
		{0, "0"},
		{1, "1"},
		{999, "999"},
		{1000, "1.0k"},
		{1049, "1.0k"},
		{1050, "1.1k"},
		{9949, "9.9k"},
		{9950, "10k"},
		{99499, "99k"},
		{99500, "100k"},
		{999499, "999k"},
		{999500, "1.0M"},
		{999999, "1.0M"},
		{12345678, "12M"},
		{1000000000, "1.0G"},
		{999499999999, "999G"},
		{999500000000, "1.0T"},
		{1234567890123456, "1.2P"},
		{UINT64_MAX, "18E"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check(units_bytes, cases[i].n, cases[i].want);
}

static void seconds(void **state)
{
	(void)state;
	check(units_seconds, 0, "0:00");
	check(units_seconds, 9, "0:09");
	check(units_seconds, 60, "1:00");
	check(units_seconds, 3599, "59:59");
	check(units_seconds, 3600, "1:00:00");
	check(units_seconds, 3600 + 61, "1:01:01");
	check(units_seconds, 100 * 3600 + 59, "100:00:59");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes),
		cmocka_unit_test(seconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
