/* test_vpnsdp_attr.c - every attribute of the VPN section, right and wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "test_vpnsdp_body.h"

#define HEX8 "00:11:22:33:44:55:66:77:"
#define HASH HEX8 HEX8 HEX8 "88:99:aa:bB:Cc:DD:EE:"
#define CHARS20 "0123456789abcdefghij"
#define CHARS64 CHARS20 CHARS20 CHARS20 "wxyz"
#define CHARS256 CHARS64 CHARS64 CHARS64 CHARS64

/* One value a case, put behind "a=" in the VPN section: line 7. */
struct attr_case {
	struct slice attr;
	enum vpnsdp_err want;
};

static void check_attrs(const struct attr_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char mem[2048];
		struct sbuf b = sbuf_over(mem, sizeof(mem));
		struct fault f = {.want = cases[i].want};

		sbuf_put(&b, SLICE(BASE "a="));
		sbuf_put(&b, cases[i].attr);
		sbuf_put(&b, SLICE("\r\n"));
		assert_true(sbuf_ok(&b));
		f.body = sbuf_slice(&b);
		f.line = f.want ? 7 : 0;
		if (f.want == VPNSDP_TWICE) /* the second one is to blame */
			f.line = 8;
		check_faults(&f, 1);
	}
}
#define CHECK_ATTRS(cases)                                                     \
	check_attrs(cases, sizeof(cases) / sizeof((cases)[0]))

static void judges_addresses_and_ports(void **state)
{
	static const struct attr_case cases[] = {
		{TEXT("IP4:192.0.2.1"), VPNSDP_OK},
		{TEXT("IP4:"), VPNSDP_BAD_ADDRESS},
		{TEXT("IP4"), VPNSDP_BAD_ADDRESS},
		{TEXT("IP4: 192.0.2.1"), VPNSDP_BAD_ADDRESS},
		{TEXT("IP4:192.0.2.1 "), VPNSDP_BAD_ADDRESS},
		{TEXT("IP4:192.0.2"), VPNSDP_BAD_ADDRESS},
		{TEXT("IP4:2001:db8::1"), VPNSDP_BAD_ADDRESS},
		{TEXT("IP4:host.example"), VPNSDP_BAD_ADDRESS},
		{TEXT("IP6:2001:db8::1"), VPNSDP_OK},
		{TEXT("IP6:192.0.2.1"), VPNSDP_BAD_ADDRESS},
		{TEXT("IP6:2001:db8::1::"), VPNSDP_BAD_ADDRESS},
		{TEXT("VPN_LOCAL_ADDR:10.0.0.1"), VPNSDP_OK},
		{TEXT("VPN_LOCAL_ADDR:fd00::1"), VPNSDP_OK},
		{TEXT("VPN_LOCAL_ADDR:10.0.0.1/24"), VPNSDP_BAD_ADDRESS},
		{TEXT("VPN_REMOTE_ADDR:10.0.0.2"), VPNSDP_OK},
		{TEXT("VPN_REMOTE_ADDR:10.0.0.256"), VPNSDP_BAD_ADDRESS},
		{TEXT("VPN_REMOTE_ADDR:"), VPNSDP_BAD_ADDRESS},
		{TEXT("PORT:0"), VPNSDP_OK},
		{TEXT("PORT:65535"), VPNSDP_OK},
		{TEXT("PORT:65536"), VPNSDP_BAD_PORT},
		{TEXT("PORT:-1"), VPNSDP_BAD_PORT},
		{TEXT("PORT:http"), VPNSDP_BAD_PORT},
		{TEXT("PORT:"), VPNSDP_BAD_PORT},
		{TEXT("PORT"), VPNSDP_BAD_PORT},
		{TEXT("PORT:80 "), VPNSDP_BAD_PORT},
	};

	(void)state;
	CHECK_ATTRS(cases);
}

static void judges_names_and_tokens(void **state)
{
	static const struct attr_case cases[] = {
		{TEXT("VPN_ID:a"), VPNSDP_OK},
		{TEXT("VPN_ID:~!#$%&()*+,-./:;<=>?@[]^_`{|}"), VPNSDP_OK},
		{TEXT("VPN_ID:" CHARS64), VPNSDP_OK},
		{TEXT("VPN_ID:" CHARS64 "x"), VPNSDP_BAD_VPN_ID},
		{TEXT("VPN_ID:"), VPNSDP_BAD_VPN_ID},
		{TEXT("VPN_ID"), VPNSDP_BAD_VPN_ID},
		{TEXT("VPN_ID:a b"), VPNSDP_BAD_VPN_ID},
		{TEXT("VPN_ID:a\tb"), VPNSDP_BAD_VPN_ID},
		{TEXT("VPN_ID:a\x7f"), VPNSDP_BAD_VPN_ID},
		{TEXT("VPN_ID:a\x1b[2J"), VPNSDP_BAD_VPN_ID},
		{TEXT("VPN_ID:\xc3\xa4"), VPNSDP_BAD_VPN_ID},
		{TEXT("VPN_ID:a\"b"), VPNSDP_BAD_VPN_ID},
		{TEXT("VPN_ID:a'b"), VPNSDP_BAD_VPN_ID},
		{TEXT("VPN_ID:a\\b"), VPNSDP_BAD_VPN_ID},
		{TEXT("setup:actpass"), VPNSDP_OK},
		{TEXT("setup:ACTIVE"), VPNSDP_OK},
		{TEXT("setup:passive"), VPNSDP_OK},
		{TEXT("setup:holdconn"), VPNSDP_OK},
		{TEXT("setup:"), VPNSDP_BAD_SETUP},
		{TEXT("setup"), VPNSDP_BAD_SETUP},
		{TEXT("setup:act"), VPNSDP_BAD_SETUP},
		{TEXT("setup: active"), VPNSDP_BAD_SETUP},
		{TEXT("tls-id:" CHARS20), VPNSDP_OK},
		{TEXT("tls-id:+/-_6789abcdefghijAZ"), VPNSDP_OK},
		{TEXT("tls-id:123456789abcdefghij"), VPNSDP_BAD_TLS_ID},
		{TEXT("tls-id:" CHARS20 "="), VPNSDP_BAD_TLS_ID},
		{TEXT("tls-id:" CHARS20 " "), VPNSDP_BAD_TLS_ID},
		{TEXT("tls-id:" CHARS256), VPNSDP_BAD_TLS_ID},
		{TEXT("vpn-pake:1 SPAKE2-P256-SHA256 aB+/cd=="), VPNSDP_OK},
		{TEXT("vpn-pake:" CHARS256 CHARS256), VPNSDP_OK},
		{TEXT("vpn-pake:" CHARS256 CHARS256 "x"), VPNSDP_BAD_PAKE},
		{TEXT("vpn-pake:"), VPNSDP_BAD_PAKE},
		{TEXT("vpn-pake:1 a:b"), VPNSDP_BAD_PAKE},
		{TEXT("vpn-pake:1\tx"), VPNSDP_BAD_PAKE},
		{TEXT("ice-ufrag:8hhY"), VPNSDP_OK},
		{TEXT("ice-ufrag:8hh"), VPNSDP_BAD_ICE},
		{TEXT("ice-ufrag:8hh-"), VPNSDP_BAD_ICE},
		{TEXT("ice-ufrag:" CHARS256), VPNSDP_OK},
		{TEXT("ice-ufrag:" CHARS256 "x"), VPNSDP_BAD_ICE},
		{TEXT("ice-pwd:" CHARS20 "+/"), VPNSDP_OK},
		{TEXT("ice-pwd:" CHARS20 "+"), VPNSDP_BAD_ICE},
		{TEXT("ice-pwd:" CHARS20 "::"), VPNSDP_BAD_ICE},
		{TEXT("candidate:anything, even this"), VPNSDP_OK},
		{TEXT("candidate:"), VPNSDP_BAD_ICE},
		{TEXT("candidate:\x07"), VPNSDP_BAD_ICE},
		{TEXT("what-is-this:" CHARS256), VPNSDP_OK},
		{TEXT(""), VPNSDP_OK},
		{TEXT(":"), VPNSDP_OK},
		{TEXT("vpn_id:a b"), VPNSDP_OK}, /* names have a case */
		{TEXT("PORTS:x"), VPNSDP_OK},
	};

	(void)state;
	CHECK_ATTRS(cases);
}

static void judges_fingerprints(void **state)
{
	static const struct attr_case cases[] = {
		{TEXT("fingerprint:SHA-256 " HASH "FF"), VPNSDP_OK},
		{TEXT("fingerprint:sha-256  " HASH "ff"), VPNSDP_OK},
		{TEXT("fingerprint:MD5 00:11"), VPNSDP_OK},
		{TEXT("fingerprint:SHA-256 " HASH), VPNSDP_BAD_FINGERPRINT},
		{TEXT("fingerprint:SHA-256 " HASH "F"), VPNSDP_BAD_FINGERPRINT},
		{TEXT("fingerprint:SHA-256 " HASH "FG"),
			VPNSDP_BAD_FINGERPRINT},
		{TEXT("fingerprint:SHA-256 " HASH "FF:00"),
			VPNSDP_BAD_FINGERPRINT},
		{TEXT("fingerprint:SHA-256 00-11:22:33:44:55:66:77:" HEX8 HEX8
		      "88:99:aa:bb:cc:dd:ee:ff"),
			VPNSDP_BAD_FINGERPRINT},
		{TEXT("fingerprint:SHA-256 " HASH "FF x"),
			VPNSDP_BAD_FINGERPRINT},
		{TEXT("fingerprint:SHA-256"), VPNSDP_BAD_FINGERPRINT},
		{TEXT("fingerprint:SHA-1"), VPNSDP_BAD_FINGERPRINT},
		{TEXT("fingerprint:"), VPNSDP_BAD_FINGERPRINT},
		{TEXT("fingerprint"), VPNSDP_BAD_FINGERPRINT},
	};

	(void)state;
	CHECK_ATTRS(cases);
}

static void what_may_stand_once(void **state)
{
#define DUP(line) TEXT(line "\r\na=" line)
	static const struct attr_case cases[] = {
		{DUP("IP4:192.0.2.1"), VPNSDP_TWICE},
		{DUP("IP6:2001:db8::1"), VPNSDP_TWICE},
		{DUP("PORT:1"), VPNSDP_TWICE},
		{DUP("PORT:0"), VPNSDP_TWICE},
		{DUP("VPN_ID:lab"), VPNSDP_TWICE},
		{DUP("VPN_LOCAL_ADDR:10.0.0.1"), VPNSDP_TWICE},
		{DUP("VPN_REMOTE_ADDR:10.0.0.1"), VPNSDP_TWICE},
		{DUP("setup:active"), VPNSDP_TWICE},
		{DUP("tls-id:" CHARS20), VPNSDP_TWICE},
		{DUP("vpn-pake:x"), VPNSDP_TWICE},
		{DUP("ice-ufrag:8hhY"), VPNSDP_TWICE},
		{DUP("ice-pwd:" CHARS20 "xy"), VPNSDP_TWICE},
		{DUP("sendrecv"), VPNSDP_TWICE},
		{TEXT("sendrecv\r\na=inactive"), VPNSDP_TWICE},
		{TEXT("fingerprint:SHA-256 " HASH
		      "FF\r\na=fingerprint:SHA-256 " HASH "FE"),
			VPNSDP_TWICE},
		{DUP("fingerprint:SHA-256 " HASH "FF"), VPNSDP_OK},
		{DUP("fingerprint:SHA-1 00"), VPNSDP_OK},
		{DUP("candidate:1"), VPNSDP_OK},
		{DUP("unknown:1"), VPNSDP_OK},
	};
#undef DUP

	(void)state;
	CHECK_ATTRS(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges_addresses_and_ports),
		cmocka_unit_test(judges_names_and_tokens),
		cmocka_unit_test(judges_fingerprints),
		cmocka_unit_test(what_may_stand_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
