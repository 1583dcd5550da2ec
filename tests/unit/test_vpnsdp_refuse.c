/* test_vpnsdp_refuse.c - bodies that are refused, and the line to blame. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "test_vpnsdp_body.h"

static void refuses_bad_lines(void **state)
{
	static const struct fault cases[] = {
		{TEXT(""), VPNSDP_NO_VERSION, 0},
		{TEXT("\r\n"), VPNSDP_NO_VERSION, 1},
		{TEXT("v"), VPNSDP_NO_VERSION, 1},
		{TEXT("v=1\r\n"), VPNSDP_NO_VERSION, 1},
		{TEXT("v=00\r\n"), VPNSDP_NO_VERSION, 1},
		{TEXT(" v=0\r\n"), VPNSDP_NO_VERSION, 1},
		{TEXT("o=- 7 1 IN IP4 192.0.2.1\r\nv=0\r\n"), VPNSDP_NO_VERSION,
			1},
		{TEXT("v=0"), VPNSDP_BAD_ORIGIN, 0},
		{TEXT("v=0\r\nvpn\r\n"), VPNSDP_BAD_LINE, 2},
		{TEXT(BASE "a"), VPNSDP_BAD_LINE, 7},
		{TEXT(BASE "a=\0"), VPNSDP_BAD_LINE, 7},
		{TEXT(BASE "a=x\0y\r\n"), VPNSDP_BAD_LINE, 7},
		{TEXT(BASE "a=x\ry\r\n"), VPNSDP_BAD_LINE, 7},
		{TEXT(BASE "a=x\r\r\n"), VPNSDP_BAD_LINE, 7},
		{TEXT(BASE "=x\r\n"), VPNSDP_BAD_LINE, 7},
		{TEXT(BASE "a =x\r\n"), VPNSDP_BAD_LINE, 7},
		{TEXT(BASE " a=x\r\n"), VPNSDP_BAD_LINE, 7},
		{TEXT(BASE "1=x\r\n"), VPNSDP_BAD_LINE, 7},
		{TEXT(BASE "\r\na=PORT:1\r\n"), VPNSDP_BAD_LINE, 7},
		{TEXT(BASE AUDIO "a\r\n"), VPNSDP_BAD_LINE, 8},
		{TEXT(BASE AUDIO "a=\0\r\n"), VPNSDP_BAD_LINE, 8},
		{TEXT(BASE AUDIO "\r\na=x\r\n"), VPNSDP_BAD_LINE, 8},
		{TEXT(BASE "\0"), VPNSDP_BAD_LINE, 7},
	};

	(void)state;
	CHECK_FAULTS(cases);
}

static void refuses_bad_session_lines(void **state)
{
	static const struct fault cases[] = {
		{TEXT("v=0\r\ns=-\r\n" VPN), VPNSDP_BAD_ORIGIN, 0},
		{TEXT("v=0\r\no=\r\n"), VPNSDP_BAD_ORIGIN, 2},
		{TEXT("v=0\r\no=- 7 1 IN IP4\r\n"), VPNSDP_BAD_ORIGIN, 2},
		{TEXT("v=0\r\no=- 7 1 IN IP4 a b\r\n"), VPNSDP_BAD_ORIGIN, 2},
		{TEXT("v=0\r\no=- x 1 IN IP4 192.0.2.1\r\n"), VPNSDP_BAD_ORIGIN,
			2},
		{TEXT("v=0\r\no=- 7 -1 IN IP4 192.0.2.1\r\n"),
			VPNSDP_BAD_ORIGIN, 2},
		{TEXT("v=0\r\n" VPN "o=- 7 1 IN IP4 192.0.2.1\r\n"),
			VPNSDP_BAD_ORIGIN, 0},
		{TEXT(HEAD "o=- 7 1 IN IP4 192.0.2.1\r\n" VPN), VPNSDP_TWICE,
			6},
		{TEXT(HEAD "c=IN IP4 192.0.2.1\r\n" VPN), VPNSDP_TWICE, 6},
		{TEXT(BASE "c=IN IP4 192.0.2.1\r\nc=IN IP4 192.0.2.1\r\n"),
			VPNSDP_TWICE, 8},
		{TEXT(BASE VPN), VPNSDP_TWO_VPN, 7},
		{TEXT(BASE AUDIO "m=application 0 udp openvpn\r\n"),
			VPNSDP_TWO_VPN, 8},
		{TEXT(BASE "m=application/vpn\r\n"), VPNSDP_TWO_VPN, 7},
		{TEXT(HEAD "a=setup:both\r\n" VPN), VPNSDP_BAD_SETUP, 6},
		{TEXT(HEAD "a=setup:active\r\na=setup:active\r\n" VPN),
			VPNSDP_TWICE, 7},
		{TEXT(HEAD "a=fingerprint:SHA-256 00\r\n" VPN),
			VPNSDP_BAD_FINGERPRINT, 6},
	};

	(void)state;
	CHECK_FAULTS(cases);
}

static void refuses_bad_connections(void **state)
{
	static const struct fault cases[] = {
		{TEXT(ORIGIN VPN), VPNSDP_NO_CONNECTION, 3},
		{TEXT(ORIGIN AUDIO "c=IN IP4 192.0.2.1\r\n" VPN "a=PORT:1\r\n"),
			VPNSDP_NO_CONNECTION, 5},
		{TEXT(ORIGIN "c=IN IP4 host.example\r\n" VPN),
			VPNSDP_BAD_CONNECTION, 3},
		{TEXT(ORIGIN VPN "c=IN IP4 192.0.2.256\r\n"),
			VPNSDP_BAD_CONNECTION, 4},
		/* the section's is in force though the session's is good */
		{TEXT(BASE "c=IN IP4 host.example\r\na=x\r\n"),
			VPNSDP_BAD_CONNECTION, 7},
		{TEXT(BASE "c=\r\n"), VPNSDP_BAD_CONNECTION, 7},
		{TEXT(BASE "c=IN IP4\r\n"), VPNSDP_BAD_CONNECTION, 7},
		{TEXT(BASE "c=IN IP4 192.0.2.1 x\r\n"), VPNSDP_BAD_CONNECTION,
			7},
		{TEXT(BASE "c=ATM IP4 192.0.2.1\r\n"), VPNSDP_BAD_CONNECTION,
			7},
		{TEXT(BASE "c=IN IP5 192.0.2.1\r\n"), VPNSDP_BAD_CONNECTION, 7},
		{TEXT(BASE "c=IN IP6 192.0.2.1\r\n"), VPNSDP_BAD_CONNECTION, 7},
		{TEXT(BASE "c=IN IP4 ::1\r\n"), VPNSDP_BAD_CONNECTION, 7},
		{TEXT(BASE "c=IN IP4 224.2.1.1/127\r\n"), VPNSDP_BAD_CONNECTION,
			7},
		/* no a=IP4 makes up for a line that is malformed */
		{TEXT(BASE "c=IN IP4 224.2.1.1/127/3\r\na=IP4:1.2.3.4\r\n"),
			VPNSDP_BAD_CONNECTION, 7},
		{TEXT(BASE "c=\r\na=IP4:1.2.3.4\r\n"), VPNSDP_BAD_CONNECTION,
			7},
		{TEXT(BASE "c=IN IP4\r\na=IP4:1.2.3.4\r\n"),
			VPNSDP_BAD_CONNECTION, 7},
		{TEXT(BASE "c=IN IP4 192.0.2.1 x\r\na=IP4:1.2.3.4\r\n"),
			VPNSDP_BAD_CONNECTION, 7},
		{TEXT(BASE "c=ATM IP4 192.0.2.1\r\na=IP4:1.2.3.4\r\n"),
			VPNSDP_BAD_CONNECTION, 7},
		{TEXT(BASE "c=IN IP5 192.0.2.1\r\na=IP4:1.2.3.4\r\n"),
			VPNSDP_BAD_CONNECTION, 7},
		{TEXT(BASE "c=IN IP6 192.0.2.1\r\na=IP4:1.2.3.4\r\n"),
			VPNSDP_BAD_CONNECTION, 7},
	};

	(void)state;
	CHECK_FAULTS(cases);
}

/* line * n behind head: the body is accepted up to max of them. */
static void check_bound(
	struct slice head, struct slice line, size_t max, enum vpnsdp_err want)
{
	for (size_t n = max; n <= max + 1; n++) {
		char mem[VPNSDP_MAX_BODY];
		struct sbuf b = sbuf_over(mem, sizeof(mem));
		struct vpnsdp v;
		struct vpnsdp_error err;
		enum vpnsdp_err ret;

		sbuf_put(&b, head);
		for (size_t i = 0; i < n; i++)
			sbuf_put(&b, line);
		assert_true(sbuf_ok(&b));
		ret = vpnsdp_parse(sbuf_slice(&b), &v, &err);
		if (ret != (n > max ? want : VPNSDP_OK))
			fail_msg("%zu times %.*s: %s", n, SLICE_ARG(line),
				vpnsdp_strerror(ret));
		if (ret && err.line != 6 + n)
			fail_msg("blames line %u", err.line);
	}
}

static void bounds_the_lists(void **state)
{
	(void)state;
	check_bound(SLICE(BASE), SLICE(AUDIO), VPNSDP_MAX_MEDIA - 1,
		VPNSDP_TOO_MANY_MEDIA);
	check_bound(SLICE(BASE), SLICE("a=candidate:x\r\n"),
		VPNSDP_MAX_CANDIDATES, VPNSDP_TOO_MANY_CANDIDATES);
}

static void bounds_the_body(void **state)
{
	static char body[VPNSDP_MAX_BODY + 1];
	struct vpnsdp v;
	struct vpnsdp_error err;

	(void)state;
	memset(body, 'x', sizeof(body));
	memcpy(body, BASE "a=", sizeof(BASE "a=") - 1);
	assert_int_equal(
		vpnsdp_parse((struct slice){body, VPNSDP_MAX_BODY}, &v, &err),
		VPNSDP_OK);
	assert_int_equal(
		vpnsdp_parse((struct slice){body, sizeof(body)}, &v, &err),
		VPNSDP_TOO_LONG);
	assert_int_equal(err.line, 0);
	assert_true(vpnsdp_mentions((struct slice){body, sizeof(body)}));
}

/* A body cut short anywhere parses or is refused, and reads no byte beyond. */
static void survives_every_truncation(void **state)
{
	static const char *const files[] = {"thesis-200-sent.sdp",
		"offer-full.sdp", "offer-full-lf.sdp", "offer-audio-vpn.sdp",
		"offer-ipv6.sdp", "offer-udp.sdp", "answer-refused.sdp"};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char mem[4096];
		struct slice body = read_file(files[i], mem);
		size_t whole = body.len, good = 0;

		for (body.len = 0; body.len <= whole; body.len++) {
			struct vpnsdp v;
			struct vpnsdp_error err;
			char *copy;

			if (!parse_copy(body, &copy, &v, &err))
				good++;
			free(copy);
		}
		if (good == 0 || good > whole / 2 + 200)
			fail_msg("%s: %zu of %zu parse", files[i], good, whole);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_bad_lines),
		cmocka_unit_test(refuses_bad_session_lines),
		cmocka_unit_test(refuses_bad_connections),
		cmocka_unit_test(bounds_the_lists),
		cmocka_unit_test(bounds_the_body),
		cmocka_unit_test(survives_every_truncation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
