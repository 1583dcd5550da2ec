/*
 * test_vpnsdp_strip.c - a closed VPN section has port 0 and nothing to build
 * a tunnel from; all else stays byte for byte.
 */
#include "test_vpnsdp_body.h"

static char mem[2 * VPNSDP_MAX_BODY];

/* Strip a copy without a byte behind it; the result is in mem. */
static struct slice strip(struct slice body)
{
	struct sbuf count = sbuf_over(NULL, 0);
	struct sbuf out = sbuf_over(mem, sizeof(mem));
	char *copy = malloc(body.len ? body.len : 1);

	assert_non_null(copy);
	memcpy(copy, body.p, body.len);
	body.p = copy;
	vpnsdp_strip(body, &count);
	vpnsdp_strip(body, &out);
	free(copy);
	assert_true(sbuf_ok(&out));
	assert_int_equal(count.len, out.len);
	return sbuf_slice(&out);
}

static void closes(struct slice body, struct slice want)
{
	struct slice got = strip(body);

	if (!slice_eq(got, want))
		fail_msg("'%.*s' became '%.*s'", SLICE_ARG(body),
			SLICE_ARG(got));
}

struct row {
	struct slice body, want;
};

static void closes_all(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		closes(rows[i].body, rows[i].want);
		closes(rows[i].want, rows[i].want);
	}
}

#define ROWS(rows) rows, sizeof(rows) / sizeof((rows)[0])
#define SAME(literal)                                                          \
	{                                                                      \
		TEXT(literal), TEXT(literal)                                   \
	}

static void the_port(void **state)
{
	static const struct row rows[] = {
		{TEXT("m=application/vpn 8000 OpenVPN 0\r\n"),
			TEXT("m=application/vpn 0 OpenVPN 0\r\n")},
		{TEXT("m=application 8000 udp openvpn\n"),
			TEXT("m=application 0 udp openvpn\n")},
		{TEXT("m=application 8000 UDP/OpenVPN *"),
			TEXT("m=application 0 UDP/OpenVPN *")},
		{TEXT("m=APPLICATION/VPN\t 8000/2  x\r\n"),
			TEXT("m=APPLICATION/VPN\t 0  x\r\n")},
		{TEXT("m=application/vpn -1 OpenVPN 0\r\n"),
			TEXT("m=application/vpn 0 OpenVPN 0\r\n")},
		{TEXT("m=application/vpn 00 OpenVPN 0\r\n"),
			TEXT("m=application/vpn 0 OpenVPN 0\r\n")},
		{TEXT("m=application/vpn"), TEXT("m=application/vpn 0")},
		{TEXT("x\rm=application/vpn 1 OpenVPN 0\ra=PORT:1\rs=-"),
			TEXT("x\rm=application/vpn 0 OpenVPN 0\rs=-")},
	};

	(void)state;
	closes_all(ROWS(rows));
}

static void every_attribute_of_a_tunnel(void **state)
{
	static const char *const gone[] = {"IP4:192.0.2.1", "IP6:2001:db8::1",
		"PORT:8000", "VPN_ID:lab", "VPN_LOCAL_ADDR:10.0.0.1",
		"VPN_REMOTE_ADDR:10.0.0.2", "VPN_", "vpn-pake:AA",
		"fingerprint:SHA-256 AA", "setup:actpass", "tls-id:abc",
		"ice-ufrag:abcd", "ice-pwd:x", "ice-options:ice2", "ice-lite",
		"candidate:1 1 UDP 1 192.0.2.1 8 typ host",
		"remote-candidates:1 192.0.2.1 8", "end-of-candidates",
		"port:1", "Setup", "FINGERPRINT:"};
	static const char *const stay[] = {"IP4x:1", "PORTS:1", "VPN:1", "vpn",
		"setupx", "sendrecv", "label:1", "", ":", "xsetup:active",
		" setup:active", "ice"};
	char body[256];
	char want[256];

	(void)state;
	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++) {
		int n = snprintf(body, sizeof(body),
			"m=application/vpn 0 OpenVPN 0\r\na=%s\r\nb=1\r\n",
			gone[i]);

		closes((struct slice){body, (size_t)n},
			SLICE("m=application/vpn 0 OpenVPN 0\r\nb=1\r\n"));
	}
	for (size_t i = 0; i < sizeof(stay) / sizeof(stay[0]); i++) {
		int n = snprintf(want, sizeof(want),
			"m=application/vpn 0 OpenVPN 0\r\na=%s\r\n", stay[i]);

		closes((struct slice){want, (size_t)n},
			(struct slice){want, (size_t)n});
	}
}

static void nothing_else(void **state)
{
	static const struct row rows[] = {
		SAME(""),
		SAME("\r\n\r"),
		SAME("m="),
		SAME("no SDP\nat all"),
		SAME(HEAD "a=setup:active\r\n" AUDIO
			  "a=fingerprint:SHA-1 AA\r\na=PORT:1\r\n"),
		SAME(HEAD "m=application 9 UDP/BFCP *\r\na=setup:active\r\n"),
		SAME(" " VPN "a=PORT:1\r\n"),
		{TEXT(HEAD AUDIO "a=setup:active\r\n" VPN
				 "i=x\r\nc=IN IP4 192.0.2.9\r\nk=clear:x\r\n"
				 "a=setup:active\r\n\r\na=PORT:1" /* no end */),
			TEXT(HEAD AUDIO
				"a=setup:active\r\n"
				"m=application/vpn 0 OpenVPN 0\r\n"
				"i=x\r\nc=IN IP4 192.0.2.9\r\nk=clear:x\r\n"
				"\r\n")},
		{TEXT(VPN "a=PORT:1\r\n" AUDIO "a=PORT:1\r\n" VPN "a=PORT:1\n"),
			TEXT("m=application/vpn 0 OpenVPN 0\r\n" AUDIO
			     "a=PORT:1\r\n"
			     "m=application/vpn 0 OpenVPN 0\r\n")},
		{TEXT(VPN "a=x\0y\r\na=PORT:1\0\r\n"),
			TEXT("m=application/vpn 0 OpenVPN 0\r\na=x\0y\r\n")},
	};

	(void)state;
	closes_all(ROWS(rows));
}

/* What is closed is a refused section to everybody who reads it. */
static void reads_as_refused(void **state)
{
	static const char *const files[] = {"offer-full.sdp",
		"offer-full-lf.sdp", "offer-audio-vpn.sdp", "offer-ipv6.sdp",
		"offer-udp.sdp", "answer-full.sdp", "thesis-200-received.sdp"};
	static char file[4096];
	struct vpnsdp before, after;
	struct vpnsdp_addr addr;
	uint16_t port;

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct slice body = read_file(files[i], file);
		struct slice got = strip(body);

		assert_int_equal(vpnsdp_parse(body, &before, NULL), VPNSDP_OK);
		assert_int_equal(vpnsdp_parse(got, &after, NULL), VPNSDP_OK);
		assert_int_equal(after.port, 0);
		assert_false(vpnsdp_endpoint(&after, &addr, &port));
		assert_int_equal(after.n_media, before.n_media);
		assert_int_equal(after.vpn_index, before.vpn_index);
		assert_int_equal(after.vpn_id.len, 0);
		assert_int_equal(after.local.family + after.remote.family, 0);
		assert_int_equal(after.n_candidates, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_port),
		cmocka_unit_test(every_attribute_of_a_tunnel),
		cmocka_unit_test(nothing_else),
		cmocka_unit_test(reads_as_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
