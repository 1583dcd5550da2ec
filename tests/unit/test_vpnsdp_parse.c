/* test_vpnsdp_parse.c - what is read from well-formed SDP bodies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "test_vpnsdp_body.h"

#define HEX8 "00:11:22:33:44:55:66:77:"
#define HASH HEX8 HEX8 HEX8 "88:99:aa:bB:Cc:DD:EE:"
#define CHARS20 "0123456789abcdefghij"

static void parse_file(
	const char *name, char mem[static 4096], struct vpnsdp *out)
{
	struct slice body = read_file(name, mem);
	struct vpnsdp_error err;

	if (vpnsdp_parse(body, out, &err))
		fail_msg("%s: line %u: %s", name, err.line,
			vpnsdp_strerror(err.code));
	assert_int_equal(err.line, 0);
	assert_null(stray_slice(out, body));
	assert_true(vpnsdp_mentions(body));
}

static void assert_addr(const struct vpnsdp_addr *a, const char *want)
{
	char mem[64];
	struct sbuf b = sbuf_over(mem, sizeof(mem));

	vpnsdp_addr_write(a, &b);
	assert_string_equal(sbuf_cstr(&b), want);
}

#define assert_text(s, want) assert_true(slice_eq(s, SLICE(want)))

/* The one call on record, before and after a proxy rewrote c= and m=. */
static void reads_the_call_of_2007(void **state)
{
	static const struct {
		const char *file, *conn;
		uint16_t port;
	} cases[] = {
		{"thesis-200-sent.sdp", "202.26.159.136", 8000},
		{"thesis-200-received.sdp", "202.26.159.131", 7084},
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char mem[4096];
		struct vpnsdp v;
		struct vpnsdp_addr addr;
		uint16_t port;

		parse_file(cases[i].file, mem, &v);
		assert_text(v.origin_user, "2500");
		assert_text(v.sess_id, "1169538046");
		assert_text(v.sess_version, "1169538046");
		assert_addr(&v.origin_addr, cases[i].conn);
		assert_int_equal(v.form, VPNSDP_FORM_THESIS);
		assert_text(v.fmt, "0");
		assert_int_equal(v.port, cases[i].port);
		assert_addr(&v.conn, cases[i].conn);
		assert_true(v.conn_own);
		assert_addr(&v.local, "192.168.234.1");
		assert_addr(&v.remote, "192.168.234.2");
		assert_false(v.has_fingerprint);
		assert_int_equal(v.setup, VPNSDP_SETUP_NONE);
		assert_int_equal(v.direction, VPNSDP_SENDRECV);

		assert_true(vpnsdp_endpoint(&v, &addr, &port));
		assert_addr(&addr, "202.26.159.136");
		assert_int_equal(port, 8000);
	}
}

static void check_full_offer(const struct vpnsdp *v)
{
	assert_text(v->origin_user, "2501");
	assert_text(v->sess_id, "3989");
	assert_text(v->sess_version, "1");
	assert_int_equal(v->n_media, 1);
	assert_int_equal(v->vpn_index, 0);
	assert_text(v->media[0], "application/vpn 41822 OpenVPN 0");
	assert_int_equal(v->port, 41822);
	assert_addr(&v->conn, "203.0.113.9");
	assert_false(v->conn_own);
	assert_addr(&v->ip4, "203.0.113.9");
	assert_int_equal(v->ip6.family, 0);
	assert_true(v->has_attr_port);
	assert_int_equal(v->attr_port, 41822);
	assert_text(v->vpn_id, "lab");
	assert_addr(&v->local, "192.168.234.1");
	assert_addr(&v->remote, "192.168.234.2");
	assert_int_equal(v->setup, VPNSDP_SETUP_ACTPASS);
	assert_text(v->tls_id, "Zk3q0uJm8w2R7bVx5NcT");
	assert_true(v->has_fingerprint);
	assert_false(v->other_fingerprint);
	for (size_t i = 0; i < VPNSDP_FINGERPRINT_LEN; i++)
		assert_int_equal(v->fingerprint[i], (i * 37 + 11) & 255);
	assert_true(slice_starts(v->pake, SLICE("1 SPAKE2-P256-SHA256 BGs")));
	assert_text(v->ice_ufrag, "8hhY");
	assert_text(v->ice_pwd, "asd88fgpdd777uzjYhagZg");
	assert_int_equal(v->n_candidates, 2);
	assert_text(
		v->candidates[0], "1 1 UDP 2130706431 10.0.0.5 41822 typ host");
	assert_true(slice_starts(v->candidates[1], SLICE("2 1 UDP")));
}

static void reads_every_attribute(void **state)
{
	char mem[4096];
	struct vpnsdp v;

	(void)state;
	parse_file("offer-full.sdp", mem, &v);
	check_full_offer(&v);
	assert_int_equal(v.section.p[0], 'm');
	assert_int_equal(v.section.p[v.section.len - 1], '\n');
	/* LF only, and the last line has no end */
	parse_file("offer-full-lf.sdp", mem, &v);
	check_full_offer(&v);
}

static void reads_the_form_of_rfc_6193(void **state)
{
	char mem[4096];
	struct vpnsdp v;

	(void)state;
	parse_file("offer-udp.sdp", mem, &v);
	assert_int_equal(v.form, VPNSDP_FORM_UDP);
	assert_text(v.fmt, "ike-esp openvpn");
	assert_int_equal(v.setup, VPNSDP_SETUP_ACTIVE);
	assert_true(v.conn_own);
}

/* Session defaults, two other media, and the section between them. */
static void reads_the_vpn_among_other_media(void **state)
{
	char mem[4096];
	struct vpnsdp v;

	(void)state;
	parse_file("offer-audio-vpn.sdp", mem, &v);
	assert_int_equal(v.n_media, 3);
	assert_int_equal(v.vpn_index, 1);
	assert_text(v.media[0], "audio 49170 RTP/AVP 0 8 97");
	assert_text(v.media[2], "video 0 RTP/AVP 31");
	assert_int_equal(v.form, VPNSDP_FORM_UDP_OPENVPN);
	assert_text(v.section, "m=application 9 UDP/OpenVPN *\r\n"
			       "c=IN IP4 192.0.2.10\r\nk=prompt\r\n"
			       "a=PORT:1194\r\na=IP4:192.0.2.77\r\n"
			       "a=ice-ufrag:Sect\r\n");
	assert_int_equal(v.attr_port, 1194);
	assert_int_equal(v.setup, VPNSDP_SETUP_ACTPASS);
	assert_int_equal(v.direction, VPNSDP_SENDONLY);
	assert_true(v.has_fingerprint);
	assert_true(v.other_fingerprint);
	assert_int_equal(v.fingerprint[1], 37 + 11);
	assert_text(v.ice_ufrag, "Sect");
	assert_text(v.ice_pwd, "sessionpwdsessionpwd22");
}

static void reads_ipv6(void **state)
{
	char mem[4096];
	struct vpnsdp v;
	struct vpnsdp_addr addr;
	uint16_t port;

	(void)state;
	parse_file("offer-ipv6.sdp", mem, &v);
	assert_addr(&v.origin_addr, "2001:db8::5");
	assert_addr(&v.conn, "2001:db8::5");
	assert_addr(&v.ip6, "2001:db8::25");
	assert_addr(&v.local, "fd00:42::1");
	assert_addr(&v.remote, "fd00:42::2");
	assert_true(vpnsdp_endpoint(&v, &addr, &port));
	assert_addr(&addr, "2001:db8::25");
	assert_int_equal(port, 1195);
}

static void a_refused_section_needs_no_address(void **state)
{
	char mem[4096];
	struct vpnsdp v;

	(void)state;
	parse_file("answer-refused.sdp", mem, &v);
	assert_int_equal(v.port, 0);
	assert_int_equal(v.vpn_index, 1);
	assert_int_equal(v.conn.family, 0);
}

static void no_vpn_is_an_answer(void **state)
{
	char mem[4096];
	struct slice body = read_file("audio-only.sdp", mem);
	struct vpnsdp v = {.port = 4711};
	struct vpnsdp_error err;

	(void)state;
	assert_int_equal(vpnsdp_parse(body, &v, &err), VPNSDP_NO_VPN);
	assert_int_equal(err.line, 0);
	assert_int_equal(v.port, 4711);
	assert_false(vpnsdp_mentions(body));
}

static void accepts_odd_but_harmless_bodies(void **state)
{
	static const struct slice cases[] = {
		TEXT(BASE "\r\n\r\n\n"), /* sent by many */
		TEXT("v=0\no=- 7 1 IN IP4 192.0.2.1\nc=IN IP4 192.0.2.1\n" VPN),
		TEXT(HEAD "m=application/vpn 8000 OpenVPN 0"),
		TEXT(HEAD "m=application/vpn 8000 OpenVPN 0\r"),
		TEXT(ORIGIN "k=DH:x\r\nk=\r\n" VPN
			    "k=DH:y\r\nc=in ip4 192.0.2.1\r\nk=DH:z\r\n"),
		TEXT(BASE "y=who knows\r\nX=\r\nz=0 0\r\nv=7\r\no=x\r\n"),
		TEXT("v=0\r\ns=-\r\nt=0 0\r\nc=IN  IP4\t192.0.2.1\r\n"
		     "o=a  7 99999999999999999999 IN IP4 host.example\r\n" VPN),
		/* a c= that is not in force is nobody's business */
		TEXT(ORIGIN "c=garbage\r\n" VPN "c=IN IP4 192.0.2.1\r\n"),
		TEXT(ORIGIN VPN "c=IN IP4 host.example\r\na=IP4:192.0.2.1\r\n"),
		TEXT(ORIGIN "m=application/vpn 0 OpenVPN 0\r\n"
			    "c=IN IP4 host.example\r\n"),
		/* nor what other media say */
		TEXT(HEAD AUDIO "c=\r\nc=\r\na=setup:x\r\na=PORT:x\r\n"
				"a=VPN_ID:\r\no=\r\na=\xff\r\n" VPN AUDIO
				"a=IP4:x\r\nm=\r\nm=x\r\n"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vpnsdp v;
		struct vpnsdp_error err;
		enum vpnsdp_err ret;
		char *copy;

		ret = parse_copy(cases[i], &copy, &v, &err);
		if (ret)
			fail_msg("case %zu: line %u: %s", i, err.line,
				vpnsdp_strerror(ret));
		assert_int_equal(v.form, VPNSDP_FORM_THESIS);
		free(copy);
	}
}

static void the_section_wins_over_the_session(void **state)
{
	static const struct slice body = TEXT(
		HEAD "a=setup:active\r\na=inactive\r\n"
		     "a=fingerprint:SHA-256 " HASH "01\r\n"
		     "a=ice-ufrag:sess\r\na=ice-pwd:" CHARS20 "ss\r\n"
		     "a=VPN_ID:not here\r\na=PORT:x\r\n" /* not session level */
		VPN "c=IN IP6 2001:db8::7\r\n"
		     "a=setup:passive\r\na=sendrecv\r\n"
		     "a=fingerprint:SHA-1 00\r\n"
		     "a=ice-ufrag:sect\r\na=ice-pwd:" CHARS20 "tt\r\n");
	struct vpnsdp v;
	struct vpnsdp_error err;

	(void)state;
	assert_int_equal(vpnsdp_parse(body, &v, &err), VPNSDP_OK);
	assert_int_equal(v.setup, VPNSDP_SETUP_PASSIVE);
	assert_int_equal(v.direction, VPNSDP_SENDRECV);
	assert_false(v.has_fingerprint); /* hidden by the section's SHA-1 */
	assert_true(v.other_fingerprint);
	assert_text(v.ice_ufrag, "sect");
	assert_text(v.ice_pwd, CHARS20 "tt");
	assert_int_equal(v.vpn_id.len, 0);
	assert_addr(&v.conn, "2001:db8::7");
	assert_true(v.conn_own);
}

static void reads_all_directions_and_roles(void **state)
{
	static const struct {
		struct slice body;
		enum vpnsdp_direction direction;
		enum vpnsdp_setup setup;
	} cases[] = {
		{TEXT(BASE), VPNSDP_SENDRECV, VPNSDP_SETUP_NONE},
		{TEXT(BASE "a=sendrecv\r\na=setup:actpass"), VPNSDP_SENDRECV,
			VPNSDP_SETUP_ACTPASS},
		{TEXT(BASE "a=sendonly\r\na=setup:Active"), VPNSDP_SENDONLY,
			VPNSDP_SETUP_ACTIVE},
		{TEXT(BASE "a=recvonly\r\na=setup:passive"), VPNSDP_RECVONLY,
			VPNSDP_SETUP_PASSIVE},
		{TEXT(BASE "a=inactive\r\na=setup:holdconn"), VPNSDP_INACTIVE,
			VPNSDP_SETUP_HOLDCONN},
		{TEXT(BASE "a=inactive:1"), VPNSDP_SENDRECV, VPNSDP_SETUP_NONE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vpnsdp v;

		assert_int_equal(
			vpnsdp_parse(cases[i].body, &v, NULL), VPNSDP_OK);
		if (v.direction != cases[i].direction)
			fail_msg("case %zu: direction %d", i, v.direction);
		if (v.setup != cases[i].setup)
			fail_msg("case %zu: setup %d", i, v.setup);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_call_of_2007),
		cmocka_unit_test(reads_every_attribute),
		cmocka_unit_test(reads_the_form_of_rfc_6193),
		cmocka_unit_test(reads_the_vpn_among_other_media),
		cmocka_unit_test(reads_ipv6),
		cmocka_unit_test(a_refused_section_needs_no_address),
		cmocka_unit_test(no_vpn_is_an_answer),
		cmocka_unit_test(accepts_odd_but_harmless_bodies),
		cmocka_unit_test(the_section_wins_over_the_session),
		cmocka_unit_test(reads_all_directions_and_roles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
