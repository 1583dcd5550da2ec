/*
 * test_sipvpn_media.c - the parameter that says which media are protected,
 * and the m= lines that it means.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "sipvpn_media.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct slice text(const char *s)
{
	return (struct slice){s, strlen(s)};
}

static void parameters(void **state)
{
	static const struct {
		const char *text;
		size_t n; /* 0: refused */
	} cases[] = {
		{SIPVPN_MEDIA_VPN, 3},
		{"application UDP/BFCP", 1},
		{"message TCP/MSRP;", 1},
		{" ; application\tudp  openvpn ;; audio ", 2},
		{"a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a", SIPVPN_MEDIA_MAX},
		{"a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a;a", 0},
		{"", 0},
		{" ; ;", 0},
		{"application 9 udp openvpn", 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sipvpn_media_set set = {.n = 4711};
		bool ok = sipvpn_media_parse(text(cases[i].text), &set);

		print_message("# parameter %zu\n", i);
		assert_int_equal(ok, cases[i].n > 0);
		assert_int_equal(set.n, ok ? cases[i].n : 4711);
	}
}

static void lines(void **state)
{
	static const struct {
		const char *set, *line;
		bool has;
	} cases[] = {
		{SIPVPN_MEDIA_VPN, "m=application/vpn 8000 OpenVPN 0", true},
		{SIPVPN_MEDIA_VPN, "m=APPLICATION/vpn 8000 x", true},
		{SIPVPN_MEDIA_VPN, "m=application/vpn", true},
		{SIPVPN_MEDIA_VPN, "m=application/vpns 8000 OpenVPN 0", false},
		{SIPVPN_MEDIA_VPN, "m=application 8000 udp openvpn", true},
		{SIPVPN_MEDIA_VPN, "m=application 8000 UDP x OpenVPN", true},
		{SIPVPN_MEDIA_VPN, "m=application 8000 udp x", false},
		{SIPVPN_MEDIA_VPN, "m=application 8000 udp", false},
		{SIPVPN_MEDIA_VPN, "m=application 8000 UDP/OpenVPN *\r", true},
		{SIPVPN_MEDIA_VPN, "m=application  1  UDP/OpenVPN\t*", true},
		/* what a relay makes of two blanks */
		{SIPVPN_MEDIA_VPN, "m=application 30026  8000 udp openvpn",
			true},
		{SIPVPN_MEDIA_VPN, "m=application 9 TCP/BFCP *", false},
		{SIPVPN_MEDIA_VPN, "m=audio 4000 RTP/AVP 0", false},
		{SIPVPN_MEDIA_VPN, "a=application/vpn", false},
		{SIPVPN_MEDIA_VPN, "M=application/vpn 1 OpenVPN 0", false},
		{SIPVPN_MEDIA_VPN, "", false},
		{SIPVPN_MEDIA_VPN, "m=", false},
		{"application UDP/BFCP", "m=application 9 udp/bfcp *", true},
		{"application UDP/BFCP", "m=application 9 TCP/BFCP *", false},
		{"message", "m=message 2855 TCP/MSRP *\r\na=path:x\r\n", true},
		{"message TCP/MSRP *", "m=message 1 TCP/MSRP\r\n*", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sipvpn_media_set set;

		print_message("# line %zu\n", i);
		assert_true(sipvpn_media_parse(text(cases[i].set), &set));
		assert_int_equal(sipvpn_media_has(&set, text(cases[i].line)),
			cases[i].has);
	}
}

static void bodies(void **state)
{
	struct sipvpn_media_set set;

	(void)state;
	assert_true(sipvpn_media_parse(SLICE(SIPVPN_MEDIA_VPN), &set));
	assert_true(sipvpn_media_in(
		&set, SLICE("v=0\nm=audio 1 x 0\nm=application/vpn 1 x 0")));
	assert_false(sipvpn_media_in(
		&set, SLICE("v=0\ns=m=application/vpn 1 x 0\n")));
	assert_false(sipvpn_media_in(&set, SLICE("")));
}

static void refused(void **state)
{
	(void)state;
	assert_true(sipvpn_media_refused(SLICE("m=audio 0 RTP/AVP 0")));
	assert_true(sipvpn_media_refused(SLICE("m=audio 00 RTP/AVP 0\r\n")));
	assert_false(sipvpn_media_refused(SLICE("m=audio 80 RTP/AVP 0")));
	assert_false(sipvpn_media_refused(SLICE("m=audio 0/2 RTP/AVP 0")));
	assert_false(sipvpn_media_refused(SLICE("m=audio\r\n0 0")));
	assert_false(sipvpn_media_refused(SLICE("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parameters),
		cmocka_unit_test(lines),
		cmocka_unit_test(bodies),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests_name("sipvpn_media", tests, NULL, NULL);
}
