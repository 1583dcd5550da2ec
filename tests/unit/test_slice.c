/* test_slice.c - slices: compared, cut and read as numbers within bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "slice.h"

static const struct slice none = {NULL, 0};

static void compares_whole_length(void **state)
{
	(void)state;
	assert_true(slice_eq(SLICE("abc"), SLICE("abc")));
	assert_false(slice_eq(SLICE("abc"), SLICE("ab")));
	assert_false(slice_eq(SLICE("ab"), SLICE("abc")));
	assert_false(slice_eq(SLICE("abc"), SLICE("abd")));
	assert_false(slice_eq(SLICE("a\0b"), SLICE("a\0c")));
	assert_true(slice_eq(none, SLICE("")));
	assert_false(slice_eq(none, SLICE("a")));
}

static void ignores_case_of_ascii_only(void **state)
{
	(void)state;
	assert_true(slice_caseeq(SLICE("OpenVPN"), SLICE("oPENvpn")));
	assert_true(slice_caseeq(SLICE("AZaz09"), SLICE("azAZ09")));
	assert_false(slice_caseeq(SLICE("OpenVPN"), SLICE("OpenVP")));
	assert_false(slice_caseeq(SLICE("@"), SLICE("`")));
	assert_false(slice_caseeq(SLICE("["), SLICE("{")));
	assert_false(slice_caseeq(SLICE("\xc4"), SLICE("\xe4")));
	assert_true(slice_caseeq(none, none));
}

static void finds_a_prefix(void **state)
{
	(void)state;
	assert_true(slice_starts(SLICE("m=audio"), SLICE("m=")));
	assert_true(slice_starts(SLICE("m="), SLICE("m=")));
	assert_false(slice_starts(SLICE("m"), SLICE("m=")));
	assert_false(slice_starts(SLICE("a=m="), SLICE("m=")));
	assert_true(slice_starts(none, SLICE("")));
}

static void skips_no_further_than_the_end(void **state)
{
	struct slice s = SLICE("abc");

	(void)state;
	assert_true(slice_eq(slice_skip(s, 0), s));
	assert_true(slice_eq(slice_skip(s, 1), SLICE("bc")));
	assert_int_equal(slice_skip(s, 3).len, 0);
	assert_ptr_equal(slice_skip(s, SIZE_MAX).p, s.p + 3);
	assert_int_equal(slice_skip(s, SIZE_MAX).len, 0);
	assert_null(slice_skip(none, 1).p);
}

static void cuts_at_each_separator(void **state)
{
	static const struct {
		const char *text;
		const char *parts[4];
	} cases[] = {
		{"", {NULL}},
		{"a", {"a", NULL}},
		{"a;", {"a", NULL}}, /* as the last line's end */
		{"a;b", {"a", "b", NULL}},
		{";b", {"", "b", NULL}},
		{"a;;b", {"a", "", "b", NULL}},
		{";", {"", NULL}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice rest = {cases[i].text, strlen(cases[i].text)};
		struct slice head;
		size_t n = 0;

		while (slice_cut(&rest, ';', &head)) {
			const char *want = cases[i].parts[n++];

			if (!want || !slice_eq(head, (struct slice){want,
							     strlen(want)}))
				fail_msg("\"%s\": part %zu is \"%.*s\"",
					cases[i].text, n, SLICE_ARG(head));
		}
		if (cases[i].parts[n])
			fail_msg("\"%s\": only %zu parts", cases[i].text, n);
	}
}

static void cut_of_nothing_leaves_head_alone(void **state)
{
	struct slice rest = none, head = SLICE("before");

	(void)state;
	assert_false(slice_cut(&rest, ';', &head));
	assert_true(slice_eq(head, SLICE("before")));
}

static void gives_line_after_line(void **state)
{
	struct slice rest = SLICE("a\r\n\nb\r"), nothing = none, line;

	(void)state;
	assert_true(slice_line(&rest, &line) && slice_eq(line, SLICE("a")));
	assert_true(slice_line(&rest, &line) && line.len == 0);
	assert_true(slice_line(&rest, &line) && slice_eq(line, SLICE("b")));
	assert_false(slice_line(&rest, &line));
	assert_false(slice_line(&nothing, &line));
}

static void copies_what_there_is(void **state)
{
	char mem[4] = "xxx";
	char *at = mem;
	struct slice copy;

	(void)state;
	assert_int_equal(slice_copy(none, &at).len, 0);
	assert_ptr_equal(at, mem);
	copy = slice_copy(SLICE("ab"), &at);
	assert_ptr_equal(copy.p, mem);
	assert_ptr_equal(at, mem + 2);
	assert_true(slice_eq(copy, SLICE("ab")));
	assert_string_equal(mem, "abx");
}

static void gives_word_after_word(void **state)
{
	struct slice rest = SLICE(" 776656\r\n\t1  INVITE ");
	struct slice blank = SLICE(" \t\r\n"), nothing = none;

	(void)state;
	assert_true(slice_eq(slice_word(&rest), SLICE("776656")));
	assert_true(slice_eq(slice_word(&rest), SLICE("1")));
	assert_true(slice_eq(slice_word(&rest), SLICE("INVITE")));
	assert_int_equal(slice_word(&rest).len, 0);
	assert_int_equal(rest.len, 0);
	assert_int_equal(slice_word(&blank).len, 0);
	assert_int_equal(slice_word(&nothing).len, 0);
	rest = SLICE("a\vb\0c\f");
	assert_int_equal(slice_word(&rest).len, 6);
}

static void reads_decimal_numbers_only(void **state)
{
	static const struct {
		struct slice text;
		uint32_t max, want;
		bool ok;
	} cases[] = {
		{{"0", 1}, 65535, 0, true},
		{{"65535", 5}, 65535, 65535, true},
		{{"65536", 5}, 65535, 0, false},
		{{"0080", 4}, 65535, 80, true},
		{{"4294967295", 10}, UINT32_MAX, UINT32_MAX, true},
		{{"4294967296", 10}, UINT32_MAX, 0, false},
		{{"9999999999", 10}, UINT32_MAX, 0, false},
		{{"00000000001", 11}, UINT32_MAX, 0, false},
		{{"18446744073709551617", 20}, UINT32_MAX, 0, false},
		{{"", 0}, 65535, 0, false},
		{{NULL, 0}, 65535, 0, false},
		{{"-1", 2}, 65535, 0, false},
		{{"+1", 2}, 65535, 0, false},
		{{" 1", 2}, 65535, 0, false},
		{{"1 ", 2}, 65535, 0, false},
		{{"1\0", 2}, 65535, 0, false},
		{{"0x10", 4}, 65535, 0, false},
		{{"/", 1}, 65535, 0, false}, /* the byte before '0' */
		{{":", 1}, 65535, 0, false}, /* the byte behind '9' */
		{{"12345", 2}, 65535, 12, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t got = 4711;
		bool ok = slice_u32(cases[i].text, cases[i].max, &got);
		uint32_t want = cases[i].ok ? cases[i].want : 4711;

		if (ok != cases[i].ok || got != want)
			fail_msg("\"%.*s\": %s, %u", SLICE_ARG(cases[i].text),
				ok ? "read" : "refused", got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compares_whole_length),
		cmocka_unit_test(ignores_case_of_ascii_only),
		cmocka_unit_test(finds_a_prefix),
		cmocka_unit_test(skips_no_further_than_the_end),
		cmocka_unit_test(cuts_at_each_separator),
		cmocka_unit_test(cut_of_nothing_leaves_head_alone),
		cmocka_unit_test(gives_line_after_line),
		cmocka_unit_test(copies_what_there_is),
		cmocka_unit_test(gives_word_after_word),
		cmocka_unit_test(reads_decimal_numbers_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
