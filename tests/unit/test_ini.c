/* test_ini.c - the lines of a configuration file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/ini.h"

struct want {
	enum ini_kind kind;
	unsigned number;
	const char *key, *value;
};

static void check(struct slice text, const struct want *want)
{
	struct ini in = ini_over(text);
	struct ini_line line;

	for (;; want++) {
		assert_int_equal(ini_next(&in, &line), want->kind);
		assert_int_equal(line.kind, want->kind);
		if (want->kind == INI_END)
			return;
		assert_int_equal(line.number, want->number);
		if (want->kind == INI_BAD) {
			assert_non_null(line.why);
			continue;
		}
		assert_true(slice_eq(line.key, slice_cstr(want->key)));
		assert_true(slice_eq(line.value, slice_cstr(want->value)));
	}
}

static void a_file(void **state)
{
	static const struct want want[] = {
		{INI_SECTION, 3, "daemon", ""},
		{INI_KEY, 4, "log", "/var/log/x"},
		{INI_SECTION, 6, "account", "home"},
		{INI_KEY, 7, "user", "2500"},
		{INI_KEY, 8, "program", "a = \"b\" # c"},
		{INI_SECTION, 9, "peer", "a.b-c_d@e"},
		{INI_KEY, 10, "empty", ""},
		{INI_END, 0, NULL, NULL},
	};

	(void)state;
	check(SLICE("# comment\n \t; another\n[daemon]\nlog = /var/log/x\r\n\n"
		    "[account home]\r\n  user=2500  \nprogram = a = \"b\" # c\n"
		    "[ peer  a.b-c_d@e ]\nempty =\n\n#"),
		want);
	check(SLICE(""), &want[7]);
	check(SLICE("\n\r\n \n"), &want[7]);
}

static void bad_lines(void **state)
{
	static const struct slice cases[] = {
		{"[", 1},
		{"[]", 2},
		{"[ ]", 3},
		{"[a", 2},
		{"[a] x", 5},
		{"[a] # x", 7},
		{"[a b c]", 7},
		{"[a/b]", 5},
		{"[a \"b\"]", 7},
		{"word", 4},
		{"= x", 3},
		{"a b = x", 7},
		{"k\xc3\xa4y = x", 8},
		{"a = x\0y", 7},
		{"a = x\ry", 7},
		{"a = x\x1b[2J", 9},
		{"a = x\x7f", 6},
		{"\xef\xbb\xbf[a]", 6},
	};
	static const struct want want[] = {
		{INI_BAD, 1, NULL, NULL}, {INI_END, 0, NULL, NULL}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check(cases[i], want);
}

/* One bad line does not hide the next. */
static void goes_on(void **state)
{
	static const struct want want[] = {
		{INI_BAD, 1, NULL, NULL},
		{INI_KEY, 2, "a", "b"},
		{INI_BAD, 3, NULL, NULL},
		{INI_END, 0, NULL, NULL},
	};
	struct ini in = ini_over(SLICE("a"));
	struct ini_line line;

	(void)state;
	check(SLICE("x\na=b\n["), want);
	assert_int_equal(ini_next(&in, &line), INI_BAD);
	for (int i = 0; i < 3; i++)
		assert_int_equal(ini_next(&in, &line), INI_END);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file),
		cmocka_unit_test(bad_lines),
		cmocka_unit_test(goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
