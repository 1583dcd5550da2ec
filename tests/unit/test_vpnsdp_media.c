/* test_vpnsdp_media.c - which m= lines are the VPN's, in which spelling. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "test_vpnsdp_body.h"

static void media_lines_in_all_spellings(void **state)
{
	static const struct {
		struct slice line;
		enum vpnsdp_err want;
		enum vpnsdp_form form;
		uint16_t port;
		struct slice fmt;
	} cases[] = {
		{TEXT("application/vpn 8000 OpenVPN 0"), VPNSDP_OK,
			VPNSDP_FORM_THESIS, 8000, TEXT("0")},
		{TEXT("APPLICATION/VPN 1 openvpn anything goes"), VPNSDP_OK,
			VPNSDP_FORM_THESIS, 1, TEXT("anything goes")},
		{TEXT("application/vpn  8000\t OPENVPN   0  "), VPNSDP_OK,
			VPNSDP_FORM_THESIS, 8000, TEXT("0")},
		{TEXT("application/vpn 0 OpenVPN 0"), VPNSDP_OK,
			VPNSDP_FORM_THESIS, 0, TEXT("0")},
		{TEXT("application/vpn 65535 OpenVPN 0"), VPNSDP_OK,
			VPNSDP_FORM_THESIS, 65535, TEXT("0")},
		{TEXT("application 9 udp openvpn"), VPNSDP_OK, VPNSDP_FORM_UDP,
			9, TEXT("openvpn")},
		{TEXT("Application 9 UDP ike-esp OpenVPN x"), VPNSDP_OK,
			VPNSDP_FORM_UDP, 9, TEXT("ike-esp OpenVPN x")},
		{TEXT("application 9 UDP/OpenVPN *"), VPNSDP_OK,
			VPNSDP_FORM_UDP_OPENVPN, 9, TEXT("*")},
		{TEXT("application 9 udp/openvpn *"), VPNSDP_OK,
			VPNSDP_FORM_UDP_OPENVPN, 9, TEXT("*")},

		/* not ours */
		{TEXT("audio 8000 OpenVPN 0"), VPNSDP_NO_VPN, 0, 0, TEXT("")},
		{TEXT("application 9 udp ike-esp"), VPNSDP_NO_VPN, 0, 0,
			TEXT("")},
		{TEXT("application 9 udp openvpnx"), VPNSDP_NO_VPN, 0, 0,
			TEXT("")},
		{TEXT("application 9 udp"), VPNSDP_NO_VPN, 0, 0, TEXT("")},
		{TEXT("application 9 tcp openvpn"), VPNSDP_NO_VPN, 0, 0,
			TEXT("")},
		{TEXT("data 9 udp openvpn"), VPNSDP_NO_VPN, 0, 0, TEXT("")},
		{TEXT("application/vpnx 9 OpenVPN 0"), VPNSDP_NO_VPN, 0, 0,
			TEXT("")},
		{TEXT(""), VPNSDP_NO_VPN, 0, 0, TEXT("")},

		/* ours and wrong */
		{TEXT("application/vpn"), VPNSDP_BAD_MEDIA, 0, 0, TEXT("")},
		{TEXT("application/vpn 8000"), VPNSDP_BAD_MEDIA, 0, 0,
			TEXT("")},
		{TEXT("application/vpn 8000 OpenVPN"), VPNSDP_BAD_MEDIA, 0, 0,
			TEXT("")},
		{TEXT("application/vpn 8000 OpenVPN  "), VPNSDP_BAD_MEDIA, 0, 0,
			TEXT("")},
		{TEXT("application/vpn 8000 RTP/AVP 0"), VPNSDP_BAD_MEDIA, 0, 0,
			TEXT("")},
		{TEXT("application/vpn 8000 OpenVPN \x01"), VPNSDP_BAD_MEDIA, 0,
			0, TEXT("")},
		{TEXT("application/vpn 8000 OpenVPN \xc3\xa4"),
			VPNSDP_BAD_MEDIA, 0, 0, TEXT("")},
		{TEXT("application 9 UDP/OpenVPN"), VPNSDP_BAD_MEDIA, 0, 0,
			TEXT("")},
		{TEXT("application 9 UDP/OpenVPN 0"), VPNSDP_BAD_MEDIA, 0, 0,
			TEXT("")},
		{TEXT("application/vpn 65536 OpenVPN 0"), VPNSDP_BAD_PORT, 0, 0,
			TEXT("")},
		{TEXT("application/vpn -1 OpenVPN 0"), VPNSDP_BAD_PORT, 0, 0,
			TEXT("")},
		{TEXT("application/vpn http OpenVPN 0"), VPNSDP_BAD_PORT, 0, 0,
			TEXT("")},
		{TEXT("application/vpn 8000/2 OpenVPN 0"), VPNSDP_BAD_PORT, 0,
			0, TEXT("")},
		{TEXT("application/vpn 99999999999999999999 OpenVPN 0"),
			VPNSDP_BAD_PORT, 0, 0, TEXT("")},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char mem[512], *copy;
		struct sbuf b = sbuf_over(mem, sizeof(mem));
		struct vpnsdp v = {0};
		struct vpnsdp_error err;
		enum vpnsdp_err ret;

		sbuf_put(&b, SLICE(HEAD "m="));
		sbuf_put(&b, cases[i].line);
		sbuf_put(&b, SLICE("\r\n"));
		ret = parse_copy(sbuf_slice(&b), &copy, &v, &err);
		if (ret != cases[i].want)
			fail_msg("m=%.*s: %s", SLICE_ARG(cases[i].line),
				vpnsdp_strerror(ret));
		if (ret && ret != VPNSDP_NO_VPN && err.line != 6)
			fail_msg("m=%.*s: blames line %u",
				SLICE_ARG(cases[i].line), err.line);
		if (!ret &&
			(v.form != cases[i].form || v.port != cases[i].port ||
				!slice_eq(v.fmt, cases[i].fmt)))
			fail_msg("m=%.*s: form %d, port %d, fmt \"%.*s\"",
				SLICE_ARG(cases[i].line), v.form, v.port,
				SLICE_ARG(v.fmt));
		if (vpnsdp_mentions(sbuf_slice(&b)) != (ret != VPNSDP_NO_VPN))
			fail_msg("m=%.*s: mentions disagrees",
				SLICE_ARG(cases[i].line));
		free(copy);
	}
}

static void mentions_in_bodies_that_do_not_parse(void **state)
{
	static const struct {
		struct slice body;
		bool want;
	} cases[] = {
		{TEXT(""), false},
		{{NULL, 0}, false},
		{TEXT("m=application/vpn"), true},
		{TEXT("no SDP at all\nm=application 1 udp openvpn"), true},
		{TEXT("v=0\rm=application/vpn 1 OpenVPN 0\ra=x"), true},
		{TEXT("a=\0\r\r\nm= application/vpn 1 OpenVPN 0"), true},
		{TEXT(" m=application/vpn 1 OpenVPN 0\n"), false},
		{TEXT("a=m=application/vpn 1 OpenVPN 0\n"), false},
		{TEXT("m"), false},
		{TEXT("m="), false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (vpnsdp_mentions(cases[i].body) != cases[i].want)
			fail_msg("case %zu: \"%.*s\"", i,
				SLICE_ARG(cases[i].body));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(media_lines_in_all_spellings),
		cmocka_unit_test(mentions_in_bodies_that_do_not_parse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
