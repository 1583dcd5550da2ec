/*
 * test_sipvpn_only.c - which bodies are for nothing but a VPN.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "sipvpn_only.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define HEAD "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n"
#define AUDIO "m=audio 4000 RTP/AVP 0\r\n"
#define NO_AUDIO "m=audio 0 RTP/AVP 0\r\n"
#define VPN "m=application/vpn 8000 OpenVPN 0\r\na=IP4:192.0.2.1\r\n"
#define NO_VPN "m=application/vpn 0 OpenVPN 0\r\n"

static void bodies(void **state)
{
	static const struct {
		const char *body;
		bool only;
	} cases[] = {
		{HEAD VPN, true},
		{HEAD NO_VPN, true},
		{HEAD VPN NO_AUDIO, true},
		{HEAD NO_AUDIO VPN, true},
		{HEAD NO_AUDIO NO_VPN, true},
		{HEAD "m=application 8000 udp openvpn\r\n", true},
		{HEAD "m=application 8000 UDP/OpenVPN *\n", true},
		{HEAD "m=application/vpn 8000 OpenVPN 0", true},
		{HEAD VPN "a=m=audio 4000 RTP/AVP 0\r\n", true},
		{HEAD VPN AUDIO, false},
		{HEAD AUDIO VPN, false},
		{HEAD AUDIO NO_VPN, false},
		{HEAD NO_AUDIO VPN AUDIO, false},
		{HEAD VPN "m=audio 4000/2 RTP/AVP 0\r\n", false},
		{HEAD VPN "m=\r\n", false},
		{HEAD VPN "m=audio", false},
		{HEAD AUDIO, false},
		{HEAD NO_AUDIO, false},
		{HEAD "m=application 9 udp x\r\n", false},
		{HEAD, false},
		{"", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *body = cases[i].body;

		print_message("# body %zu\n", i);
		assert_int_equal(
			sipvpn_only((struct slice){body, strlen(body)}),
			cases[i].only);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
