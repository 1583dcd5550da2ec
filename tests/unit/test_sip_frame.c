/* test_sip_frame.c - where a datagram's header ends, and its body. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "core/sip_frame.h"

#define TEXT(literal)                                                          \
	{                                                                      \
		literal, sizeof(literal) - 1                                   \
	}
#define LINE "OPTIONS sip:a@example.org SIP/2.0\r\n"
#define WHOLE SIP_FRAME_WHOLE
#define SHORT SIP_FRAME_SHORT
#define BAD SIP_FRAME_BAD_LENGTH
#define NO_END SIP_FRAME_NO_END

struct frame {
	struct slice datagram;
	enum sip_frame_verdict want;
	struct slice body;
	struct slice length_line; /* without its end */
};

/* A copy that ends where its memory ends, for the sanitizers. */
static enum sip_frame_verdict frame_copy(
	struct slice s, char **copy, struct sip_frame *out)
{
	*copy = malloc(s.len ? s.len : 1);
	assert_non_null(*copy);
	memcpy(*copy, s.p, s.len);
	return sip_frame_datagram((struct slice){*copy, s.len}, out);
}

static struct slice without_cr(struct slice s)
{
	if (s.len > 0 && s.p[s.len - 1] == '\r')
		s.len--;
	return s;
}

static void check_frames(const struct frame *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct sip_frame f = {0};
		char *copy;
		enum sip_frame_verdict got =
			frame_copy(cases[i].datagram, &copy, &f);

		if (got != cases[i].want)
			fail_msg("case %zu: %d, not %d", i, got, cases[i].want);
		if (got == WHOLE && !slice_eq(f.body, cases[i].body))
			fail_msg("case %zu: body \"%.*s\"", i,
				SLICE_ARG(f.body));
		if (got != NO_END && !slice_eq(without_cr(f.length_line),
					     cases[i].length_line))
			fail_msg("case %zu: line \"%.*s\"", i,
				SLICE_ARG(f.length_line));
		if (got != NO_END) {
			assert_ptr_equal(f.head.p, copy);
			assert_int_equal(f.head.p[f.head.len - 1], '\n');
			assert_true(f.length_line.p >= copy);
			assert_true(f.length_line.p + f.length_line.len <=
				    f.head.p + f.head.len);
		}
		free(copy);
	}
}
#define CHECK(cases) check_frames(cases, sizeof(cases) / sizeof((cases)[0]))
#define NONE TEXT("")

static void ends_of_the_header(void **state)
{
	static const struct frame cases[] = {
		{TEXT(LINE "\r\n"), WHOLE, NONE, NONE},
		{TEXT(LINE "\r\nbody"), WHOLE, TEXT("body"), NONE},
		{TEXT(LINE "A: b\r\n\r\nx\r\n\r\ny"), WHOLE, TEXT("x\r\n\r\ny"),
			NONE},
		{TEXT("A\nB: c\n\nbody"), WHOLE, TEXT("body"), NONE},
		{TEXT("A\n\r\nbody"), WHOLE, TEXT("body"), NONE},
		{TEXT("A\r\n\nbody"), WHOLE, TEXT("body"), NONE},
		{TEXT("x"), NO_END, NONE, NONE},
		{TEXT("A\r\n"), NO_END, NONE, NONE},
		{TEXT("A\r\n\r"), NO_END, NONE, NONE},
		{TEXT("A\r\nB\r\nC"), NO_END, NONE, NONE},
		{TEXT("A\r\n \r\nB"), NO_END, NONE, NONE},
		{TEXT("A\r\rB"), NO_END, NONE, NONE},
	};

	(void)state;
	CHECK(cases);
}

static void lengths(void **state)
{
#define CL(value) "Content-Length: " value
#define MSG(line, body) TEXT(LINE line "\r\nTo: x\r\n\r\n" body)
#define TWO(a, b, body) TEXT(LINE a "\r\n" b "\r\n\r\n" body)
	static const struct frame cases[] = {
		{MSG(CL("0"), ""), WHOLE, NONE, TEXT(CL("0"))},
		{MSG(CL("4"), "body"), WHOLE, TEXT("body"), TEXT(CL("4"))},
		/* RFC 3261 section 18.3: bytes beyond it are dropped */
		{MSG(CL("4"), "bodymore"), WHOLE, TEXT("body"), TEXT(CL("4"))},
		{MSG(CL("0"), "body"), WHOLE, NONE, TEXT(CL("0"))},
		{MSG(CL("5"), "body"), SHORT, NONE, TEXT(CL("5"))},
		{MSG(CL("65535"), "body"), SHORT, NONE, TEXT(CL("65535"))},
		{MSG(CL("0004"), "body"), WHOLE, TEXT("body"),
			TEXT(CL("0004"))},
		{MSG("cOnTeNt-LeNgTh:4", "body"), WHOLE, TEXT("body"),
			TEXT("cOnTeNt-LeNgTh:4")},
		{MSG("l: 3", "body"), WHOLE, TEXT("bod"), TEXT("l: 3")},
		{MSG("L \t :\t 3\t ", "body"), WHOLE, TEXT("bod"),
			TEXT("L \t :\t 3\t ")},
		{MSG(CL(""), "body"), BAD, NONE, TEXT(CL(""))},
		{MSG(CL("-1"), "body"), BAD, NONE, TEXT(CL("-1"))},
		{MSG(CL("+4"), "body"), BAD, NONE, TEXT(CL("+4"))},
		{MSG(CL("4 4"), "body"), BAD, NONE, TEXT(CL("4 4"))},
		{MSG(CL("0x4"), "body"), BAD, NONE, TEXT(CL("0x4"))},
		{MSG(CL("four"), "body"), BAD, NONE, TEXT(CL("four"))},
		{TWO(CL("4"), CL("4"), "body"), WHOLE, TEXT("body"),
			TEXT(CL("4"))},
		{TWO(CL("4"), "l: 4", "body"), WHOLE, TEXT("body"),
			TEXT("l: 4")},
		{TWO(CL("4"), CL("3"), "body"), BAD, NONE, TEXT(CL("3"))},
		{TWO("l: 0", CL("4"), "body"), BAD, NONE, TEXT(CL("4"))},
		{TWO(CL("4"), CL("x"), "body"), BAD, NONE, TEXT(CL("x"))},
		/* others that look like it */
		{MSG("Content-Length-X: 1", "body"), WHOLE, TEXT("body"), NONE},
		{MSG("X-Content-Length: 1", "body"), WHOLE, TEXT("body"), NONE},
		{MSG("Content-Length", "body"), WHOLE, TEXT("body"), NONE},
		{MSG("Subject: Content-Length: 1", "body"), WHOLE, TEXT("body"),
			NONE},
		{MSG("k: l", "l: 1\r\n\r\n"), WHOLE, TEXT("l: 1\r\n\r\n"),
			NONE},
		{TEXT("A\nl: 2\n\nbody"), WHOLE, TEXT("bo"), TEXT("l: 2")},
	};

	(void)state;
	CHECK(cases);
}

/* A number it is, and more than there is: RFC 3261 section 18.3. */
static void huge_lengths(void **state)
{
	static const struct frame cases[] = {
		{MSG(CL("65536"), "body"), SHORT, NONE, TEXT(CL("65536"))},
		{MSG(CL("4294967295"), "body"), SHORT, NONE,
			TEXT(CL("4294967295"))},
	};

	(void)state;
	CHECK(cases);
}

/* RFC 3261 section 7.3.1: a line that begins with a blank goes on. */
static void folded_lines(void **state)
{
	static const struct frame value[] = {
		{MSG("Subject: I\r\n l: 1", "body"), WHOLE, TEXT("body"), NONE},
		{MSG("Subject: I\r\n\tContent-Length: x", "body"), WHOLE,
			TEXT("body"), NONE},
	};

	(void)state;
	CHECK(value);
}

static void folded_length(void **state)
{
	static const struct slice msg = MSG("Content-Length:\r\n 3", "body");
	struct sip_frame f = {0};
	char *copy;

	(void)state;
	assert_int_equal(frame_copy(msg, &copy, &f), WHOLE);
	assert_true(slice_eq(f.body, SLICE("bod")));
	free(copy);
}

static void keepalives(void **state)
{
	static const struct slice cases[] = {TEXT(""), TEXT("\r\n"),
		TEXT("\r\n\r\n"), TEXT("\0"), TEXT("\0\0\0\0"), TEXT("\n\0\r")};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sip_frame f = {0};
		char *copy;

		assert_int_equal(
			frame_copy(cases[i], &copy, &f), SIP_FRAME_KEEPALIVE);
		free(copy);
	}
	assert_int_equal(sip_frame_datagram((struct slice){NULL, 0},
				 &(struct sip_frame){0}),
		SIP_FRAME_KEEPALIVE);
}

/* Cut off anywhere: never a whole message with less than its body. */
static void truncated(void **state)
{
	static const struct slice msg = MSG(CL("4"), "body");

	(void)state;
	for (size_t len = 0; len <= msg.len; len++) {
		struct sip_frame f = {0};
		char *copy;
		enum sip_frame_verdict want = len == msg.len       ? WHOLE
					      : len >= msg.len - 4 ? SHORT
					      : len > 0            ? NO_END
							: SIP_FRAME_KEEPALIVE;

		assert_int_equal(
			frame_copy((struct slice){msg.p, len}, &copy, &f),
			want);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends_of_the_header),
		cmocka_unit_test(lengths),
		cmocka_unit_test(huge_lengths),
		cmocka_unit_test(folded_lines),
		cmocka_unit_test(folded_length),
		cmocka_unit_test(keepalives),
		cmocka_unit_test(truncated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
