/* test_openvpn_advice.c - what OpenVPN says, and what we make of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "core/openvpn_advice.h"

#define OPEN "Cannot open TUN/TAP dev /dev/net/tun: "
#define MAKE "Cannot ioctl TUNSETIFF vpn-2500: "

static void says_what_to_do(void **state)
{
	static const struct {
		enum tunnel_end end;
		const char *text, *word; /* NULL: no advice */
	} cases[] = {
		{TUNNEL_END_NO_DEVICE,
			OPEN "No such file or directory (errno=2)", "modprobe"},
		{TUNNEL_END_NO_DEVICE, OPEN "No such device (errno=19)",
			"modprobe"},
		{TUNNEL_END_NO_DEVICE, OPEN "Permission denied (errno=13)",
			"chmod"},
		{TUNNEL_END_NO_DEVICE, OPEN "Operation not permitted (errno=1)",
			"DeviceAllow"},
		{TUNNEL_END_NO_DEVICE, MAKE "Operation not permitted (errno=1)",
			"CAP_NET_ADMIN"},
		{TUNNEL_END_NO_DEVICE,
			MAKE "Device or resource busy (errno=16)",
			"call again"},
		{TUNNEL_END_NO_PROGRAM, "openvpn: No such file or directory",
			"--openvpn"},
		{TUNNEL_END_PORT_TAKEN, "", "-v"},
		/* the number is the whole of it, and another end another */
		{TUNNEL_END_NO_DEVICE, MAKE "what (errno=11)", NULL},
		{TUNNEL_END_NO_DEVICE, OPEN "(errno=2), and more", NULL},
		{TUNNEL_END_NO_DEVICE, "", NULL},
		{TUNNEL_END_FAILED, OPEN "Permission denied (errno=13)", NULL},
		{TUNNEL_END_STOPPED, "", NULL},
		{TUNNEL_END_PEER_LEFT, "", NULL},
		{TUNNEL_END_WRONG_CERT, "", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *got =
			openvpn_advice(cases[i].end, slice_cstr(cases[i].text));

		if (!got != !cases[i].word ||
			(got && !strstr(got, cases[i].word)))
			fail_msg("%s: %s", cases[i].text, got ? got : "none");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
