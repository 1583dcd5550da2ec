/*
 * test_sipvpn_line.c - lines of the file with groups and members.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "sipvpn_line.h"

static struct slice text(const char *s)
{
	return (struct slice){s, strlen(s)};
}

static void assert_text(struct slice s, const char *wanted)
{
	assert_int_equal(s.len, strlen(wanted));
	if (s.len > 0)
		assert_memory_equal(s.p, wanted, s.len);
}

static void lines(void **state)
{
	static const struct {
		const char *line;
		enum sipvpn_line kind;
		/* group: name; member: group and the user */
		const char *name, *user, *plain, *four, *six;
	} cases[] = {
		{"", SIPVPN_LINE_EMPTY, NULL, NULL, NULL, NULL, NULL},
		{"  \t\r", SIPVPN_LINE_EMPTY, NULL, NULL, NULL, NULL, NULL},
		{"# group x", SIPVPN_LINE_EMPTY, NULL, NULL, NULL, NULL, NULL},
		{"group lab", SIPVPN_LINE_GROUP, "lab", NULL, "", "", ""},
		{" group\tlab  # why", SIPVPN_LINE_GROUP, "lab", NULL, "", "",
			""},
		{"group site hub 10.8.0.0/24 fd00:8::/64\r", SIPVPN_LINE_GROUP,
			"site", NULL, "hub", "10.8.0.0/24", "fd00:8::/64"},
		{"group site fd00:8::/64 off", SIPVPN_LINE_GROUP, "site", NULL,
			"off", "", "fd00:8::/64"},
		{"group", SIPVPN_LINE_GROUP, "", NULL, "", "", ""},
		{"group a hub off", SIPVPN_LINE_BAD, NULL, NULL, NULL, NULL,
			NULL},
		{"group a 10.0.0.0/8 11.0.0.0/8", SIPVPN_LINE_BAD, NULL, NULL,
			NULL, NULL, NULL},
		{"member lab 2500@example.org", SIPVPN_LINE_MEMBER, "lab",
			"2500", "", "", ""},
		{"member lab sip:2500 hub fd00::1 10.0.0.1", SIPVPN_LINE_MEMBER,
			"lab", "2500", "hub", "10.0.0.1", "fd00::1"},
		{"member lab", SIPVPN_LINE_BAD, NULL, NULL, NULL, NULL, NULL},
		{"member lab @example.org", SIPVPN_LINE_BAD, NULL, NULL, NULL,
			NULL, NULL},
		{"Member lab 2500", SIPVPN_LINE_BAD, NULL, NULL, NULL, NULL,
			NULL},
		{"2500@example.org", SIPVPN_LINE_BAD, NULL, NULL, NULL, NULL,
			NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sipvpn_line_words w;

		print_message("# %s\n", cases[i].line);
		assert_int_equal(sipvpn_line_read(text(cases[i].line),
					 SLICE("example.org"), &w),
			cases[i].kind);
		if (cases[i].kind == SIPVPN_LINE_GROUP) {
			assert_text(w.group.name, cases[i].name);
			assert_text(w.group.policy, cases[i].plain);
			assert_text(w.group.subnet4, cases[i].four);
			assert_text(w.group.subnet6, cases[i].six);
		} else if (cases[i].kind == SIPVPN_LINE_MEMBER) {
			assert_text(w.in, cases[i].name);
			assert_text(w.member.who.user, cases[i].user);
			assert_text(w.member.who.domain, "example.org");
			assert_text(w.member.role, cases[i].plain);
			assert_text(w.member.addr4, cases[i].four);
			assert_text(w.member.addr6, cases[i].six);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(lines)};

	return cmocka_run_group_tests_name("sipvpn_line", tests, NULL, NULL);
}
