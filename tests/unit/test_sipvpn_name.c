/*
 * test_sipvpn_name.c - names of groups, users and hosts that a message can
 * have.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "sipvpn_name.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { GROUP = 1, USER = 2, HOST = 4 };

static void names(void **state)
{
	static const struct {
		const char *text;
		int fits;
	} cases[] = {
		{"", 0},
		{"lab", GROUP | USER | HOST},
		{"2500", GROUP | USER | HOST},
		{"+49.30_1-2", GROUP | USER},
		{"example.org", GROUP | USER | HOST},
		{"a_b-c.", GROUP | USER | HOST},
		{"o'neill;x=%41", GROUP | USER},
		{"x')--", GROUP | USER},
		{"has blank", 0},
		{"lab ", 0},
		{"a\t", 0},
		{"a\n", 0},
		{"\x7f", 0},
		{"\xc3\xbc", 0},
		{"a\"b", 0},
		{"a\\b", 0},
		{"<a>", GROUP},
		{"a:b", GROUP},
		{"a@b", GROUP},
		{"example.org:5060", GROUP},
		{"example.org;transport=tcp", GROUP | USER},
		{"[fd00::1]", GROUP | HOST},
		{"[::ffff:10.0.0.1]", GROUP | HOST},
		{"[]", GROUP | USER},
		{"[", GROUP | USER},
		{"[fd00::1", GROUP},
		{"[fd00::1]:5060", GROUP},
		{"[a-b]", GROUP | USER},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice s = {cases[i].text, strlen(cases[i].text)};
		int fits = (sipvpn_name_is_group(s) ? GROUP : 0) |
			   (sipvpn_name_is_user(s) ? USER : 0) |
			   (sipvpn_name_is_host(s) ? HOST : 0);

		print_message("# name %zu\n", i);
		assert_int_equal(fits, cases[i].fits);
	}
}

static void lengths(void **state)
{
	static const char many[] = "ggggggggggggggggggggggggggggggggggggggggg"
				   "gggggggggggggggggggggggg";
	struct slice s = {many, sizeof(many) - 1};

	(void)state;
	assert_int_equal(s.len, 65);
	assert_false(sipvpn_name_is_group(s));
	assert_true(sipvpn_name_is_user(s));
	s.len--;
	assert_true(sipvpn_name_is_group(s));
	s = (struct slice){"a\0b", 3};
	assert_false(sipvpn_name_is_user(s));
	assert_false(sipvpn_name_is_host(s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(lengths),
	};

	return cmocka_run_group_tests_name("sipvpn_name", tests, NULL, NULL);
}
