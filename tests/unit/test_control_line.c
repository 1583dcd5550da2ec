/* test_control_line.c - lines out of a stream that comes in pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "core/control_line.h"

#define CAP 16
#define MORE CONTROL_LINE_MORE
#define READY CONTROL_LINE_READY
#define TOO_LONG CONTROL_LINE_TOO_LONG

/*
 * What comes out of text fed in pieces of this size: each line in brackets,
 * then "+" where there is more to come, "!" where a line was too long.
 */
static void check(const char *text, size_t piece, const char *want)
{
	char buf[CAP];
	char got[128];
	size_t n = 0;
	struct control_line l;
	struct slice all = {text, strlen(text)};
	enum control_line_verdict verdict = MORE;
	struct slice line;

	control_line_init(&l, buf, sizeof(buf));
	while (all.len > 0 && verdict != TOO_LONG) {
		size_t room;
		char *space = control_line_space(&l, &room);
		size_t take = all.len < piece ? all.len : piece;

		take = take < room ? take : room;
		assert_true(take > 0);
		memcpy(space, all.p, take);
		control_line_added(&l, take);
		all = slice_skip(all, take);
		while ((verdict = control_line_next(&l, &line)) == READY) {
			got[n++] = '[';
			memcpy(got + n, line.p, line.len);
			n += line.len;
			got[n++] = ']';
		}
	}
	got[n++] = verdict == TOO_LONG ? '!' : '+';
	got[n] = '\0';
	if (strcmp(got, want) != 0)
		fail_msg("\"%s\" in pieces of %zu: %s, not %s", text, piece,
			got, want);
}

static void lines_in_pieces(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{"one\n", "[one]+"},
		{"one\ntwo\r\n\n\r\nrest", "[one][two][][]+"},
		{"a\rb\n", "[a\rb]+"},
		{"a\r\r\n", "[a\r]+"},
		{"", "+"},
		{"no end", "+"},
		{"0123456789abcde\nx\n", "[0123456789abcde][x]+"},
		{"0123456789abcdef", "!"},
		{"0123456789abcdef\nx\n", "!"},
		{"x\n0123456789abcdefg\n", "[x]!"},
		{"\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n",
			"[][][][][][][][][][][][][][][][][][]+"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t piece = 1; piece <= CAP + 2; piece++)
			check(cases[i].text, piece, cases[i].want);
}

static void too_long_stays_so(void **state)
{
	char buf[CAP];
	struct control_line l;
	struct slice line;
	size_t room;

	(void)state;
	control_line_init(&l, buf, sizeof(buf));
	memset(control_line_space(&l, &room), 'x', CAP);
	assert_int_equal(room, CAP);
	control_line_added(&l, CAP);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(control_line_next(&l, &line), TOO_LONG);
		(void)control_line_space(&l, &room);
		assert_int_equal(room, 0);
	}
}

/* Lines are only moved when room is asked for, so a slice lives till then. */
static void slices_live_until_more_is_read(void **state)
{
	char buf[CAP];
	struct control_line l;
	struct slice first;
	struct slice second;
	size_t room;

	(void)state;
	control_line_init(&l, buf, sizeof(buf));
	memcpy(control_line_space(&l, &room), "ab\ncd\nef", 8);
	control_line_added(&l, 8);
	assert_int_equal(control_line_next(&l, &first), READY);
	assert_int_equal(control_line_next(&l, &second), READY);
	assert_true(slice_eq(first, SLICE("ab")));
	assert_true(slice_eq(second, SLICE("cd")));
	(void)control_line_space(&l, &room);
	assert_int_equal(room, CAP - 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_in_pieces),
		cmocka_unit_test(too_long_stays_so),
		cmocka_unit_test(slices_live_until_more_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
