/*
 * test_vpnsdp_names.c - group and tunnel addresses of an answer, wherever and
 * however they are written; and what is found at a first look.
 */
#include "test_vpnsdp_body.h"

#define M "m=application/vpn 8000 OpenVPN 0\r\n"
#define BODY(lines) TEXT("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n" M lines)

/* What an answer says, if all of it is to be read. */
static enum vpnsdp_err read_names(struct slice body, struct vpnsdp_names *names)
{
	struct vpnsdp_words words;
	enum vpnsdp_err err = vpnsdp_find_words(body, &words);

	return err ? err : vpnsdp_read_words(&words, names);
}

static void reads_what_is_named(void **state)
{
	struct slice body = BODY("a=VPN_ID:lab\r\n"
				 "a=VPN_LOCAL_ADDR:10.8.0.1\r\n"
				 "a=VPN_REMOTE_ADDR:fd00::2");
	struct vpnsdp_names names;
	struct vpnsdp_addr want;

	(void)state;
	assert_int_equal(read_names(body, &names), VPNSDP_OK);
	assert_true(slice_eq(names.vpn_id, SLICE("lab")));
	assert_true(vpnsdp_addr_parse(SLICE("10.8.0.1"), &want));
	assert_true(vpnsdp_addr_eq(&names.local, &want));
	assert_true(vpnsdp_addr_parse(SLICE("fd00::2"), &want));
	assert_true(vpnsdp_addr_eq(&names.remote, &want));
}

static void reads_nothing_where_nothing_is(void **state)
{
	static const struct slice bodies[] = {
		BODY(""),
		BODY("a=VPN_LOCAL:10.8.0.1\r\nx=VPN_ID:lab\r\n"),
		BODY("a=x:a=VPN_ID:lab\r\na=VPN_ID\r\n"),
		TEXT(""),
	};
	struct vpnsdp_names names;

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		assert_int_equal(read_names(bodies[i], &names), VPNSDP_OK);
		assert_int_equal(names.vpn_id.len, 0);
		assert_int_equal(names.local.family, 0);
		assert_int_equal(names.remote.family, 0);
	}
}

static void refuses(void **state)
{
	static const struct {
		struct slice body;
		enum vpnsdp_err want;
	} rows[] = {
		{BODY("a=VPN_LOCAL_ADDR:10.8.0.256\r\n"), VPNSDP_BAD_ADDRESS},
		{BODY("a=VPN_REMOTE_ADDR:\r\n"), VPNSDP_BAD_ADDRESS},
		{BODY("a=VPN_ID:\r\n"), VPNSDP_BAD_VPN_ID},
		{BODY("a=VPN_ID:a\r\na=VPN_ID:b\r\n"), VPNSDP_TWICE},
		{BODY("a=VPN_ID:a\ra=VPN_ID:b\n"), VPNSDP_TWICE},
		{BODY("a=VPN_ID:a\na=vpn_id:b\n"), VPNSDP_TWICE},
		{BODY("a=VPN_LOCAL_ADDR:10.8.0.1\r\nm=audio 1 RTP/AVP 0\r\n"
		      "a=VPN_LOCAL_ADDR:10.8.0.1\r\n"),
			VPNSDP_TWICE},
	};
	struct vpnsdp_names names = {.vpn_id = SLICE("untouched")};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(
			read_names(rows[i].body, &names), rows[i].want);
		assert_true(slice_eq(names.vpn_id, SLICE("untouched")));
	}
}

static void looks_at_addresses_only_when_it_reads_them(void **state)
{
	struct slice body = BODY("a=VPN_LOCAL_ADDR:no.address\r\n");
	struct vpnsdp_names names = {.vpn_id = SLICE("untouched")};
	struct vpnsdp_words words;

	(void)state;
	assert_int_equal(vpnsdp_find_words(body, &words), VPNSDP_OK);
	assert_true(slice_eq(words.local, SLICE("no.address")));
	assert_null(words.remote.p);
	assert_null(words.vpn_id.p);
	assert_int_equal(vpnsdp_read_words(&words, &names), VPNSDP_BAD_ADDRESS);
	assert_true(slice_eq(names.vpn_id, SLICE("untouched")));
}

static void finds_the_line(void **state)
{
	static const struct {
		struct slice body;
		int at; /* -1: nowhere */
	} rows[] = {
		{TEXT(""), -1},
		{TEXT("vp"), -1},
		{TEXT(M), 0},
		{TEXT("v=0\r" M), 4},
		{TEXT("V=vpn\n" M), 6},
		{TEXT("a=VPN_ID:vVvpvPvpn\nm=audio 1 RTP/AVP 0\n"
		      "m=APPLICATION/vPN 1 x\n"),
			39},
		{TEXT("am=application/vpn 8000 OpenVPN 0\n"), -1},
		{TEXT("m=application 1 udp OPENVPN"), 0},
		{TEXT("m=application 1 UDP/OpenVPN *"), 0},
		{TEXT("m=application 1 udp vpn\nm=audio 1 openvpn 0"), -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *at = vpnsdp_find(rows[i].body);

		assert_int_equal(at ? at - rows[i].body.p : -1, rows[i].at);
		assert_int_equal(vpnsdp_mentions(rows[i].body), at != NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_is_named),
		cmocka_unit_test(reads_nothing_where_nothing_is),
		cmocka_unit_test(refuses),
		cmocka_unit_test(looks_at_addresses_only_when_it_reads_them),
		cmocka_unit_test(finds_the_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
