/* test_sip_stream.c - where in a stream of bytes a message ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "core/sip_frame.h"

#define LINE "OPTIONS sip:a@example.org SIP/2.0\r\n"
#define MORE SIP_STREAM_MORE
#define MESSAGE SIP_STREAM_MESSAGE
#define PING SIP_STREAM_PING
#define PONG SIP_STREAM_PONG
#define BROKEN SIP_STREAM_BROKEN
#define ALL SIZE_MAX

static const struct {
	const char *bytes;
	enum sip_stream_verdict want;
	size_t used; /* not for MORE */
} cases[] = {
	{"", MORE, 0},
	{"O", MORE, 0},
	{LINE, MORE, 0},
	{LINE "\r", MORE, 0},
	{LINE "\r\n", MESSAGE, ALL},
	{LINE "\n", MESSAGE, ALL},
	{LINE "l: 3\r\n\r\n", MORE, 0},
	{LINE "l: 3\r\n\r\nab", MORE, 0},
	{LINE "l: 3\r\n\r\nabc", MESSAGE, ALL},
	{LINE "l: 3\r\n\r\nabcOPT", MESSAGE,
		sizeof(LINE "l: 3\r\n\r\nabc") - 1},
	{LINE "Content-Length : 1\r\nl:1\r\n\r\nab", MESSAGE,
		sizeof(LINE "Content-Length : 1\r\nl:1\r\n\r\na") - 1},
	/* behind it nobody knows where we are */
	{LINE "l: 1\r\nl: 2\r\n\r\nab", BROKEN,
		sizeof(LINE "l: 1\r\nl: 2\r\n\r\n") - 1},
	{LINE "l: x\r\n\r\n", BROKEN, ALL},
	{LINE "l: -1\r\n\r\n", BROKEN, ALL},
	{LINE "l: 65536\r\n\r\n", BROKEN, ALL},
	{LINE "l: 4294967296\r\n\r\n", BROKEN, ALL},
	{"\r\n\r\n", PING, 4},
	{"\r\n\r\n\r\n", PING, 4},
	{"\r\n\r\nOPTIONS", PING, 4},
	{"\r\n", PONG, 2},
	{"\r\nOPTIONS", PONG, 2},
	{"\r", MORE, 0},
	{"\r\n\r", MORE, 0},
	{"\n", PONG, 1},
	{"\rO", PONG, 1},
};

static enum sip_stream_verdict frame(
	const char *bytes, size_t len, size_t *used)
{
	/* a copy that ends where its memory ends, for the sanitizers */
	char *copy = malloc(len ? len : 1);
	enum sip_stream_verdict verdict;

	assert_non_null(copy);
	memcpy(copy, bytes, len);
	verdict = sip_frame_stream((struct slice){copy, len}, used);
	free(copy);
	return verdict;
}

static void the_first_message(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len = strlen(cases[i].bytes);
		size_t used = 0;
		enum sip_stream_verdict got = frame(cases[i].bytes, len, &used);

		if (got != cases[i].want)
			fail_msg("case %zu: %d, not %d", i, got, cases[i].want);
		if (got != MORE &&
			used != (cases[i].used == ALL ? len : cases[i].used))
			fail_msg("case %zu: %zu bytes used", i, used);
	}
}

/* A pong that comes in two halves is no ping; a ping is one, however cut. */
static void cut_anywhere(void **state)
{
	static const char text[] = LINE "l: 4\r\n\r\n\r\n\r\n" LINE "\r\n";
	size_t first = sizeof(LINE "l: 4\r\n\r\n\r\n\r\n") - 1;
	size_t used = 0;

	(void)state;
	for (size_t len = 0; len < sizeof(text); len++)
		if (len < first)
			assert_int_equal(frame(text, len, &used), MORE);
		else {
			assert_int_equal(frame(text, len, &used), MESSAGE);
			assert_int_equal(used, first);
		}
}

static void header_without_end(void **state)
{
	static char text[SIP_FRAME_STREAM_MAX + 2];
	size_t used = 0;

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_int_equal(frame(text, SIP_FRAME_STREAM_MAX, &used), MORE);
	assert_int_equal(frame(text, SIP_FRAME_STREAM_MAX + 1, &used), BROKEN);
	assert_int_equal(used, SIP_FRAME_STREAM_MAX + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_message),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(header_without_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
