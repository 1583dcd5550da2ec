/*
 * test_vpnsdp_write.c - what is written, byte by byte, and that it says the
 * same when it is read again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "test_vpnsdp_body.h"

static const struct vpnsdp_addr host = {4, {203, 0, 113, 9}};
static const struct vpnsdp_addr host6 = {6, {0x20, 1, 0xd, 0xb8, [15] = 9}};

#define AFTER_O "s=-\r\nc=IN IP4 203.0.113.9\r\nt=0 0\r\n"
#define HEX8 "00:01:02:03:04:05:06:07:"
#define HEX16 "10:11:12:13:14:15:16:17:"

static void check_written(const struct vpnsdp *v, const char *want)
{
	char mem[4096];
	struct sbuf b = sbuf_over(mem, sizeof(mem));

	assert_int_equal(vpnsdp_write(v, &b), VPNSDP_OK);
	assert_string_equal(sbuf_cstr(&b), want);
}

static void writes_every_attribute(void **state)
{
	struct vpnsdp v = {
		.origin_user = SLICE("2501"),
		.sess_id = SLICE("3989"),
		.sess_version = SLICE("1"),
		.origin_addr = host,
		.form = VPNSDP_FORM_THESIS,
		.fmt = SLICE("0"),
		.port = 41822,
		.key = SLICE("DH:crypt code"),
		.conn = host,
		.direction = VPNSDP_INACTIVE,
		.ip4 = host,
		.ip6 = host6,
		.attr_port = 41823,
		.has_attr_port = true,
		.vpn_id = SLICE("lab"),
		.local = {4, {192, 168, 234, 1}},
		.remote = {4, {192, 168, 234, 2}},
		.setup = VPNSDP_SETUP_ACTPASS,
		.tls_id = SLICE("Zk3q0uJm8w2R7bVx5NcT"),
		.has_fingerprint = true,
		.pake = SLICE("1 SPAKE2-P256-SHA256 aB+/=="),
		.ice_ufrag = SLICE("8hhY"),
		.ice_pwd = SLICE("asd88fgpdd777uzjYhagZg"),
		.candidates = {SLICE("1 1 UDP"), SLICE("2 1 UDP")},
		.n_candidates = 2,
	};

	(void)state;
	for (uint8_t i = 0; i < VPNSDP_FINGERPRINT_LEN; i++)
		v.fingerprint[i] = (uint8_t)((i & 7) + 16 * (i / 8));
	check_written(&v,
		"v=0\r\no=2501 3989 1 IN IP4 203.0.113.9\r\n" AFTER_O
		"m=application/vpn 41822 OpenVPN 0\r\nk=DH:crypt code\r\n"
		"a=IP4:203.0.113.9\r\na=IP6:2001:db8::9\r\na=PORT:41823\r\n"
		"a=VPN_ID:lab\r\na=VPN_LOCAL_ADDR:192.168.234.1\r\n"
		"a=VPN_REMOTE_ADDR:192.168.234.2\r\na=setup:actpass\r\n"
		"a=tls-id:Zk3q0uJm8w2R7bVx5NcT\r\n"
		"a=fingerprint:SHA-256 " HEX8 HEX16
		"20:21:22:23:24:25:26:27:30:31:32:33:34:35:36:37\r\n"
		"a=vpn-pake:1 SPAKE2-P256-SHA256 aB+/==\r\n"
		"a=ice-ufrag:8hhY\r\na=ice-pwd:asd88fgpdd777uzjYhagZg\r\n"
		"a=candidate:1 1 UDP\r\na=candidate:2 1 UDP\r\n"
		"a=inactive\r\n");
}

static void leaves_out_what_is_not_given(void **state)
{
	struct vpnsdp v = {.port = 8000, .conn = host};

	(void)state;
	check_written(&v, "v=0\r\no=- 0 0 IN IP4 203.0.113.9\r\n" AFTER_O
			  "m=application/vpn 8000 OpenVPN 0\r\n");
	v.conn = host6;
	check_written(&v, "v=0\r\no=- 0 0 IN IP6 2001:db8::9\r\ns=-\r\n"
			  "c=IN IP6 2001:db8::9\r\nt=0 0\r\n"
			  "m=application/vpn 8000 OpenVPN 0\r\n");
	v.conn.family = 0;
	v.port = 0;
	check_written(&v, "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
			  "m=application/vpn 0 OpenVPN 0\r\n");
}

static void writes_the_three_forms(void **state)
{
	static const struct {
		enum vpnsdp_form form;
		struct slice fmt;
		const char *want;
	} cases[] = {
		{VPNSDP_FORM_THESIS, {NULL, 0}, "application/vpn 9 OpenVPN 0"},
		{VPNSDP_FORM_THESIS, {"x y", 3},
			"application/vpn 9 OpenVPN x y"},
		{VPNSDP_FORM_UDP, {NULL, 0}, "application 9 udp openvpn"},
		{VPNSDP_FORM_UDP, {"openvpn wireguard", 17},
			"application 9 udp openvpn wireguard"},
		{VPNSDP_FORM_UDP_OPENVPN, {NULL, 0},
			"application 9 UDP/OpenVPN *"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vpnsdp v = {.form = cases[i].form,
			.fmt = cases[i].fmt,
			.port = 9,
			.conn = host};
		char mem[512];
		struct sbuf b = sbuf_over(mem, sizeof(mem));

		sbuf_put(&b, SLICE("v=0\r\no=- 0 0 IN IP4 203.0.113.9\r\n"));
		sbuf_put(&b, SLICE(AFTER_O "m="));
		sbuf_put(&b,
			(struct slice){cases[i].want, strlen(cases[i].want)});
		sbuf_put(&b, SLICE("\r\n"));
		check_written(&v, sbuf_cstr(&b));
	}
}

static void refuses_other_media_in_their_places(void **state)
{
	struct vpnsdp v = {
		.form = VPNSDP_FORM_UDP,
		.port = 9,
		.conn = host,
		.media = {SLICE("audio 49170 RTP/AVP 0 8"),
			SLICE("not looked at"), SLICE("video  0\tRTP/AVP 31 "),
			SLICE("message"), SLICE("image 5"), SLICE("")},
		.n_media = 6,
		.vpn_index = 1,
	};

	(void)state;
	check_written(&v, "v=0\r\no=- 0 0 IN IP4 203.0.113.9\r\n" AFTER_O
			  "m=audio 0 RTP/AVP 0 8\r\n"
			  "m=application 9 udp openvpn\r\n"
			  "m=video 0 RTP/AVP 31\r\nm=message 0\r\n"
			  "m=image 0\r\nm=- 0\r\n");
}

/* A port that was given is written, were it 0; so is one not so marked. */
static void writes_the_port_attribute(void **state)
{
	struct vpnsdp v = {.port = 9, .conn = host, .has_attr_port = true};

	(void)state;
	check_written(&v, "v=0\r\no=- 0 0 IN IP4 203.0.113.9\r\n" AFTER_O
			  "m=application/vpn 9 OpenVPN 0\r\na=PORT:0\r\n");
	v.has_attr_port = false;
	v.attr_port = 65535;
	check_written(&v, "v=0\r\no=- 0 0 IN IP4 203.0.113.9\r\n" AFTER_O
			  "m=application/vpn 9 OpenVPN 0\r\na=PORT:65535\r\n");
}

static void what_was_parsed_comes_back(void **state)
{
	static const char *const files[] = {"thesis-200-sent.sdp",
		"thesis-200-received.sdp", "offer-full.sdp",
		"offer-full-lf.sdp", "answer-full.sdp", "offer-udp.sdp",
		"offer-audio-vpn.sdp", "offer-ipv6.sdp", "answer-refused.sdp"};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char mem[4096], text[4096], again[4096];
		struct sbuf b = sbuf_over(text, sizeof(text));
		struct sbuf c = sbuf_over(again, sizeof(again));
		struct vpnsdp v, w;
		struct slice body = read_file(files[i], mem);
		const char *field;

		assert_int_equal(vpnsdp_parse(body, &v, NULL), VPNSDP_OK);
		assert_int_equal(vpnsdp_write(&v, &b), VPNSDP_OK);
		assert_int_equal(
			vpnsdp_parse(sbuf_slice(&b), &w, NULL), VPNSDP_OK);
		field = difference(&v, &w);
		if (field)
			fail_msg("%s: %s differs", files[i], field);
		assert_int_equal(vpnsdp_write(&w, &c), VPNSDP_OK);
		assert_true(slice_eq(sbuf_slice(&b), sbuf_slice(&c)));
	}
}

/* Every role and direction, which the files do not all have. */
static void enumerations_come_back(void **state)
{
	(void)state;
	for (int s = VPNSDP_SETUP_NONE; s <= VPNSDP_SETUP_HOLDCONN; s++)
		for (int d = VPNSDP_SENDRECV; d <= VPNSDP_INACTIVE; d++) {
			struct vpnsdp v = {.conn = host,
				.setup = (enum vpnsdp_setup)s,
				.direction = (enum vpnsdp_direction)d};
			struct vpnsdp w;
			char mem[512];
			struct sbuf b = sbuf_over(mem, sizeof(mem));

			assert_int_equal(vpnsdp_write(&v, &b), VPNSDP_OK);
			assert_int_equal(vpnsdp_parse(sbuf_slice(&b), &w, NULL),
				VPNSDP_OK);
			if (w.setup != v.setup || w.direction != v.direction)
				fail_msg("setup %d, direction %d: came back "
					 "as %d, %d",
					s, d, w.setup, w.direction);
		}
}

static void says_when_it_does_not_fit(void **state)
{
	char mem[4096], text[4096];
	struct sbuf whole = sbuf_over(text, sizeof(text));
	struct vpnsdp v;

	(void)state;
	assert_int_equal(
		vpnsdp_parse(read_file("offer-full.sdp", mem), &v, NULL),
		VPNSDP_OK);
	assert_int_equal(vpnsdp_write(&v, &whole), VPNSDP_OK);
	for (size_t cap = 0; cap <= whole.len; cap++) {
		char small[4096];
		struct sbuf b = sbuf_over(small, cap);
		enum vpnsdp_err want =
			cap < whole.len ? VPNSDP_DOES_NOT_FIT : VPNSDP_OK;

		small[cap] = '#';
		assert_int_equal(vpnsdp_write(&v, &b), want);
		assert_int_equal(b.len, whole.len);
		assert_int_equal(small[cap], '#');
	}
}

/* No text of ours or of a peer's may start a line or a field of its own. */
static void lets_nothing_be_smuggled_in(void **state)
{
	static const struct slice texts[] = {
		{"a\r\nm=x", 6}, {"a\nb", 3}, {"a\rb", 3}, {"a\0b", 3}};
	struct vpnsdp v = {.port = 9, .conn = host, .n_candidates = 1};
	struct slice *const fields[] = {&v.origin_user, &v.sess_id,
		&v.sess_version, &v.fmt, &v.vpn_id, &v.tls_id, &v.pake,
		&v.ice_ufrag, &v.ice_pwd, &v.candidates[0], &v.key};

	(void)state;
	for (size_t f = 0; f < sizeof(fields) / sizeof(fields[0]); f++) {
		for (size_t t = 0; t < 4; t++) {
			char mem[512];
			struct sbuf b = sbuf_over(mem, sizeof(mem));

			*fields[f] = texts[t];
			if (vpnsdp_write(&v, &b) != VPNSDP_BAD_LINE)
				fail_msg("field %zu, text %zu", f, t);
		}
		*fields[f] = (struct slice){NULL, 0};
	}
	for (size_t f = 0; f < 3; f++) { /* those of o= */
		char mem[512];
		struct sbuf b = sbuf_over(mem, sizeof(mem));

		*fields[f] = SLICE("two words");
		assert_int_equal(vpnsdp_write(&v, &b), VPNSDP_BAD_LINE);
		*fields[f] = (struct slice){NULL, 0};
	}
	v.n_media = 2;
	v.media[1] = SLICE("audio 1 RTP/AVP 0\r\nm=x");
	assert_int_equal(
		vpnsdp_write(&v, &(struct sbuf){NULL, 0, 0}), VPNSDP_BAD_LINE);
}

static void full_lists_come_back(void **state)
{
	char mem[4096];
	struct sbuf b = sbuf_over(mem, sizeof(mem));
	struct vpnsdp w, v = {.port = 9,
				 .conn = host,
				 .n_media = VPNSDP_MAX_MEDIA,
				 .vpn_index = VPNSDP_MAX_MEDIA - 1,
				 .n_candidates = VPNSDP_MAX_CANDIDATES};

	(void)state;
	for (size_t i = 0; i < VPNSDP_MAX_MEDIA; i++)
		v.media[i] = SLICE("audio 1 RTP/AVP 0");
	for (size_t i = 0; i < VPNSDP_MAX_CANDIDATES; i++)
		v.candidates[i] = SLICE("x");
	assert_int_equal(vpnsdp_write(&v, &b), VPNSDP_OK);
	assert_int_equal(vpnsdp_parse(sbuf_slice(&b), &w, NULL), VPNSDP_OK);
	assert_int_equal(w.n_media, VPNSDP_MAX_MEDIA);
	assert_int_equal(w.vpn_index, VPNSDP_MAX_MEDIA - 1);
	assert_int_equal(w.n_candidates, VPNSDP_MAX_CANDIDATES);
}

static void refuses_counts_that_are_off(void **state)
{
	char mem[512];
	struct sbuf b = sbuf_over(mem, sizeof(mem));
	struct vpnsdp v = {.n_media = VPNSDP_MAX_MEDIA + 1};

	(void)state;
	assert_int_equal(vpnsdp_write(&v, &b), VPNSDP_TOO_MANY_MEDIA);
	v = (struct vpnsdp){.n_candidates = VPNSDP_MAX_CANDIDATES + 1};
	assert_int_equal(vpnsdp_write(&v, &b), VPNSDP_TOO_MANY_CANDIDATES);
	v = (struct vpnsdp){.n_media = 2, .vpn_index = 2};
	assert_int_equal(vpnsdp_write(&v, &b), VPNSDP_BAD_MEDIA);
	v = (struct vpnsdp){.n_media = 0, .vpn_index = 1};
	assert_int_equal(vpnsdp_write(&v, &b), VPNSDP_BAD_MEDIA);
	assert_int_equal(b.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_every_attribute),
		cmocka_unit_test(leaves_out_what_is_not_given),
		cmocka_unit_test(writes_the_three_forms),
		cmocka_unit_test(refuses_other_media_in_their_places),
		cmocka_unit_test(writes_the_port_attribute),
		cmocka_unit_test(what_was_parsed_comes_back),
		cmocka_unit_test(enumerations_come_back),
		cmocka_unit_test(says_when_it_does_not_fit),
		cmocka_unit_test(lets_nothing_be_smuggled_in),
		cmocka_unit_test(full_lists_come_back),
		cmocka_unit_test(refuses_counts_that_are_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
