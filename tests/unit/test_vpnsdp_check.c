/*
 * test_vpnsdp_check.c - which offers and answers may be acted on, and where
 * the peer's OpenVPN is. Bodies are made of lines, so that a case shows them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "test_vpnsdp_body.h"

#define FP                                                                     \
	"a=fingerprint:SHA-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:"  \
	"FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n"
#define PAIR "a=VPN_LOCAL_ADDR:10.0.0.1\r\na=VPN_REMOTE_ADDR:10.0.0.2\r\n"
#define MIRROR "a=VPN_LOCAL_ADDR:10.0.0.2\r\na=VPN_REMOTE_ADDR:10.0.0.1\r\n"
#define SETUP(role) "a=setup:" role "\r\n"
#define C4 "c=IN IP4 192.0.2.1\r\n"
#define KEYS FP SETUP("actpass")

/* lines stands for the VPN section, or for all m= sections. */
static struct vpnsdp parsed(struct slice lines, char mem[static 2048])
{
	struct sbuf b = sbuf_over(mem, 2048);
	struct vpnsdp v;
	struct vpnsdp_error err;

	sbuf_put(&b, SLICE(ORIGIN "s=-\r\nt=0 0\r\n"));
	if (!slice_starts(lines, SLICE("m=")))
		sbuf_put(&b, SLICE(VPN));
	sbuf_put(&b, lines);
	assert_true(sbuf_ok(&b));
	if (vpnsdp_parse(sbuf_slice(&b), &v, &err))
		fail_msg("line %u: %s: %.*s", err.line,
			vpnsdp_strerror(err.code), SLICE_ARG(lines));
	return v;
}

static void endpoint_of(void **state)
{
	static const struct {
		struct slice lines;
		const char *addr; /* NULL: none */
		uint16_t port;
	} cases[] = {
		{TEXT(C4), "192.0.2.1", 8000},
		{TEXT(C4 "a=IP4:192.0.2.7\r\na=PORT:99\r\n"), "192.0.2.7", 99},
		{TEXT("a=IP4:192.0.2.7\r\na=PORT:99\r\n"), "192.0.2.7", 99},
		{TEXT("a=IP4:192.0.2.7\r\n"), "192.0.2.7", 8000},
		/* half a pair does not beat a whole one */
		{TEXT(C4 "a=IP4:192.0.2.7\r\n"), "192.0.2.1", 8000},
		{TEXT(C4 "a=PORT:99\r\n"), "192.0.2.1", 8000},
		{TEXT(C4 "a=IP6:2001:db8::7\r\na=PORT:99\r\n"), "2001:db8::7",
			99},
		{TEXT(C4 "a=IP6:2001:db8::7\r\na=IP4:192.0.2.7\r\na=PORT:"
			 "9\r\n"),
			"192.0.2.7", 9},
		{TEXT("c=IN IP6 2001:db8::1\r\na=IP6:2001:db8::7\r\n"
		      "a=IP4:192.0.2.7\r\na=PORT:9\r\n"),
			"2001:db8::7", 9},
		{TEXT("c=IN IP6 2001:db8::1\r\na=IP4:192.0.2.7\r\n"
		      "a=PORT:9\r\n"),
			"192.0.2.7", 9},
		{TEXT("c=IN IP4 host.example\r\na=IP4:192.0.2.7\r\n"),
			"192.0.2.7", 8000},
		{TEXT(C4 "a=IP4:192.0.2.7\r\na=PORT:0\r\n"), NULL, 0},
		{TEXT("m=application/vpn 0 OpenVPN 0\r\n" C4), NULL, 0},
		{TEXT("m=application/vpn 0 OpenVPN 0\r\n"
		      "a=IP4:192.0.2.7\r\na=PORT:9\r\n"),
			NULL, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char mem[2048], text[64];
		struct sbuf b = sbuf_over(text, sizeof(text));
		struct vpnsdp v = parsed(cases[i].lines, mem);
		struct vpnsdp_addr a = {.family = 77};
		uint16_t port = 4711;
		bool got = vpnsdp_endpoint(&v, &a, &port);

		if (got != (cases[i].addr != NULL))
			fail_msg("case %zu: %s", i, got ? "found" : "none");
		if (!got) {
			assert_int_equal(a.family, 77);
			assert_int_equal(port, 4711);
			continue;
		}
		vpnsdp_addr_write(&a, &b);
		if (strcmp(sbuf_cstr(&b), cases[i].addr) != 0 ||
			port != cases[i].port)
			fail_msg("case %zu: %s:%u", i, text, port);
	}
	/* made by hand and empty: neither c= nor an address of its own */
	assert_false(vpnsdp_endpoint(&(struct vpnsdp){.port = 1},
		&(struct vpnsdp_addr){0}, &(uint16_t){0}));
}

static void offers(void **state)
{
	static const struct {
		struct slice lines;
		enum vpnsdp_err plain, keys;
	} cases[] = {
		{TEXT(C4 PAIR KEYS), VPNSDP_OK, VPNSDP_OK},
		{TEXT(C4 KEYS), VPNSDP_OK, VPNSDP_OK},
		{TEXT(C4 PAIR FP SETUP("active")), VPNSDP_OK, VPNSDP_OK},
		{TEXT(C4 PAIR FP SETUP("passive")), VPNSDP_OK, VPNSDP_OK},
		{TEXT(C4 PAIR), VPNSDP_OK, VPNSDP_NO_FINGERPRINT},
		{TEXT(C4 PAIR "a=fingerprint:SHA-1 00\r\n" SETUP("active")),
			VPNSDP_OK, VPNSDP_NO_FINGERPRINT},
		{TEXT(C4 PAIR FP), VPNSDP_OK, VPNSDP_NO_SETUP},
		{TEXT(C4 PAIR FP SETUP("holdconn")), VPNSDP_OK,
			VPNSDP_NO_SETUP},
		{TEXT("m=application/vpn 0 OpenVPN 0\r\n" C4 PAIR KEYS),
			VPNSDP_PORT_ZERO, VPNSDP_PORT_ZERO},
		{TEXT(C4 PAIR KEYS "a=PORT:0\r\n"), VPNSDP_PORT_ZERO,
			VPNSDP_PORT_ZERO},
		{TEXT("c=IN IP4 0.0.0.0\r\n" PAIR KEYS),
			VPNSDP_ENDPOINT_UNUSABLE, VPNSDP_ENDPOINT_UNUSABLE},
		{TEXT("c=IN IP4 224.0.0.1\r\n" PAIR KEYS),
			VPNSDP_ENDPOINT_UNUSABLE, VPNSDP_ENDPOINT_UNUSABLE},
		{TEXT("c=IN IP6 ff02::1\r\n" PAIR KEYS),
			VPNSDP_ENDPOINT_UNUSABLE, VPNSDP_ENDPOINT_UNUSABLE},
		{TEXT(C4 "a=IP4:255.255.255.255\r\na=PORT:9\r\n" PAIR KEYS),
			VPNSDP_ENDPOINT_UNUSABLE, VPNSDP_ENDPOINT_UNUSABLE},
		/* a good own endpoint makes up for a useless c= */
		{TEXT("c=IN IP4 0.0.0.0\r\na=IP4:192.0.2.7\r\na=PORT:9\r\n" PAIR
				 KEYS),
			VPNSDP_OK, VPNSDP_OK},
		{TEXT(C4 KEYS "a=VPN_LOCAL_ADDR:10.0.0.1\r\n"),
			VPNSDP_ADDRESS_PAIR, VPNSDP_ADDRESS_PAIR},
		{TEXT(C4 KEYS "a=VPN_REMOTE_ADDR:10.0.0.1\r\n"),
			VPNSDP_ADDRESS_PAIR, VPNSDP_ADDRESS_PAIR},
		{TEXT(C4 KEYS "a=VPN_LOCAL_ADDR:10.0.0.1\r\n"
			      "a=VPN_REMOTE_ADDR:10.0.0.1\r\n"),
			VPNSDP_ADDRESS_PAIR, VPNSDP_ADDRESS_PAIR},
		{TEXT(C4 KEYS "a=VPN_LOCAL_ADDR:10.0.0.1\r\n"
			      "a=VPN_REMOTE_ADDR:fd00::2\r\n"),
			VPNSDP_ADDRESS_PAIR, VPNSDP_ADDRESS_PAIR},
		{TEXT(C4 KEYS "a=VPN_LOCAL_ADDR:0.0.0.0\r\n"
			      "a=VPN_REMOTE_ADDR:10.0.0.1\r\n"),
			VPNSDP_ADDRESS_PAIR, VPNSDP_ADDRESS_PAIR},
		{TEXT(C4 KEYS "a=VPN_LOCAL_ADDR:10.0.0.1\r\n"
			      "a=VPN_REMOTE_ADDR:224.0.0.1\r\n"),
			VPNSDP_ADDRESS_PAIR, VPNSDP_ADDRESS_PAIR},
		{TEXT(C4 KEYS "a=VPN_LOCAL_ADDR:fd00::1\r\n"
			      "a=VPN_REMOTE_ADDR:fd00::2\r\n"),
			VPNSDP_OK, VPNSDP_OK},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char mem[2048];
		struct vpnsdp v = parsed(cases[i].lines, mem);
		enum vpnsdp_err plain = vpnsdp_check_offer(&v, false);
		enum vpnsdp_err keys = vpnsdp_check_offer(&v, true);

		if (plain != cases[i].plain || keys != cases[i].keys)
			fail_msg("case %zu: \"%s\", with keys \"%s\"", i,
				vpnsdp_strerror(plain), vpnsdp_strerror(keys));
	}
}

struct answer_case {
	struct slice offer, answer;
	enum vpnsdp_err plain, keys;
};

static void check_answers(const struct answer_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char mem[2][2048];
		struct vpnsdp offer = parsed(cases[i].offer, mem[0]);
		struct vpnsdp answer = parsed(cases[i].answer, mem[1]);
		enum vpnsdp_err plain =
			vpnsdp_check_answer(&offer, &answer, false);
		enum vpnsdp_err keys =
			vpnsdp_check_answer(&offer, &answer, true);

		if (plain != cases[i].plain || keys != cases[i].keys)
			fail_msg("case %zu: \"%s\", with keys \"%s\"", i,
				vpnsdp_strerror(plain), vpnsdp_strerror(keys));
	}
}
#define CHECK_ANSWERS(cases)                                                   \
	check_answers(cases, sizeof(cases) / sizeof((cases)[0]))

static void answers_mirror_the_tunnel(void **state)
{
#define ROLE FP SETUP("passive")
	static const struct answer_case cases[] = {
		{TEXT(C4 PAIR KEYS), TEXT(C4 MIRROR ROLE), VPNSDP_OK,
			VPNSDP_OK},
		{TEXT(C4 PAIR KEYS), TEXT(C4 PAIR ROLE), VPNSDP_NOT_MIRRORED,
			VPNSDP_NOT_MIRRORED},
		{TEXT(C4 PAIR KEYS), TEXT(C4 ROLE), VPNSDP_NOT_MIRRORED,
			VPNSDP_NOT_MIRRORED},
		{TEXT(C4 PAIR KEYS),
			TEXT(C4 ROLE "a=VPN_LOCAL_ADDR:10.0.0.2\r\n"),
			VPNSDP_NOT_MIRRORED, VPNSDP_NOT_MIRRORED},
		{TEXT(C4 PAIR KEYS),
			TEXT(C4 ROLE "a=VPN_LOCAL_ADDR:10.0.0.2\r\n"
				     "a=VPN_REMOTE_ADDR:10.0.0.3\r\n"),
			VPNSDP_NOT_MIRRORED, VPNSDP_NOT_MIRRORED},
		{TEXT(C4 PAIR KEYS),
			TEXT(C4 ROLE "a=VPN_LOCAL_ADDR:10.0.0.3\r\n"
				     "a=VPN_REMOTE_ADDR:10.0.0.1\r\n"),
			VPNSDP_NOT_MIRRORED, VPNSDP_NOT_MIRRORED},
		/* the offer left them to the answerer */
		{TEXT(C4 KEYS), TEXT(C4 MIRROR ROLE), VPNSDP_OK, VPNSDP_OK},
		{TEXT(C4 KEYS), TEXT(C4 ROLE), VPNSDP_ADDRESS_PAIR,
			VPNSDP_ADDRESS_PAIR},
		{TEXT(C4 KEYS), TEXT(C4 ROLE "a=VPN_LOCAL_ADDR:10.0.0.2\r\n"),
			VPNSDP_ADDRESS_PAIR, VPNSDP_ADDRESS_PAIR},
		/* half a pair, mirrored, is still half a pair */
		{TEXT(C4 KEYS "a=VPN_LOCAL_ADDR:10.0.0.2\r\n"),
			TEXT(C4 ROLE "a=VPN_REMOTE_ADDR:10.0.0.2\r\n"),
			VPNSDP_ADDRESS_PAIR, VPNSDP_ADDRESS_PAIR},
	};

	(void)state;
	CHECK_ANSWERS(cases);
}

static void answers_fit_the_role(void **state)
{
#define O(role) TEXT(C4 PAIR FP SETUP(role))
#define A(role) TEXT(C4 MIRROR FP SETUP(role))
	static const struct answer_case cases[] = {
		{O("actpass"), A("active"), VPNSDP_OK, VPNSDP_OK},
		{O("actpass"), A("passive"), VPNSDP_OK, VPNSDP_OK},
		{O("actpass"), A("actpass"), VPNSDP_ANSWER_SETUP,
			VPNSDP_ANSWER_SETUP},
		{O("actpass"), A("holdconn"), VPNSDP_ANSWER_SETUP,
			VPNSDP_ANSWER_SETUP},
		{O("active"), A("passive"), VPNSDP_OK, VPNSDP_OK},
		{O("active"), A("active"), VPNSDP_ANSWER_SETUP,
			VPNSDP_ANSWER_SETUP},
		{O("passive"), A("active"), VPNSDP_OK, VPNSDP_OK},
		{O("passive"), A("passive"), VPNSDP_ANSWER_SETUP,
			VPNSDP_ANSWER_SETUP},
		{O("holdconn"), A("active"), VPNSDP_ANSWER_SETUP,
			VPNSDP_ANSWER_SETUP},
		{O("active"), TEXT(C4 MIRROR FP), VPNSDP_OK, VPNSDP_NO_SETUP},
		{TEXT(C4 PAIR FP), A("active"), VPNSDP_OK, VPNSDP_ANSWER_SETUP},
		{O("active"), TEXT(C4 MIRROR SETUP("passive")), VPNSDP_OK,
			VPNSDP_NO_FINGERPRINT},
		{TEXT(C4 PAIR), TEXT(C4 MIRROR), VPNSDP_OK,
			VPNSDP_NO_FINGERPRINT},
	};

	(void)state;
	CHECK_ANSWERS(cases);
}

static void answers_match_line_by_line(void **state)
{
#define REST C4 MIRROR ROLE
#define UDP "m=application 9 udp "
	static const struct answer_case cases[] = {
		{TEXT(AUDIO C4 VPN C4 PAIR KEYS),
			TEXT("m=Audio 0 RTP/AVP 0\r\n" VPN REST), VPNSDP_OK,
			VPNSDP_OK},
		{TEXT(AUDIO C4 VPN C4 PAIR KEYS), TEXT(VPN REST),
			VPNSDP_ANSWER_MEDIA, VPNSDP_ANSWER_MEDIA},
		{TEXT(AUDIO C4 VPN C4 PAIR KEYS),
			TEXT(VPN REST "m=audio 0 RTP/AVP 0\r\n"),
			VPNSDP_ANSWER_MEDIA, VPNSDP_ANSWER_MEDIA},
		{TEXT(AUDIO C4 VPN C4 PAIR KEYS),
			TEXT("m=video 0 RTP/AVP 0\r\n" VPN REST),
			VPNSDP_ANSWER_MEDIA, VPNSDP_ANSWER_MEDIA},
		{TEXT(VPN C4 PAIR KEYS),
			TEXT(VPN REST "m=audio 0 RTP/AVP 0\r\n"),
			VPNSDP_ANSWER_MEDIA, VPNSDP_ANSWER_MEDIA},
		{TEXT(VPN C4 PAIR KEYS), TEXT(UDP "openvpn\r\n" REST),
			VPNSDP_ANSWER_MEDIA, VPNSDP_ANSWER_MEDIA},
		{TEXT(UDP "ike-esp openvpn\r\n" C4 PAIR KEYS),
			TEXT(UDP "openvpn\r\n" REST), VPNSDP_OK, VPNSDP_OK},
		{TEXT(UDP "openvpn\r\n" C4 PAIR KEYS),
			TEXT("m=application 9 UDP/OpenVPN *\r\n" REST),
			VPNSDP_ANSWER_MEDIA, VPNSDP_ANSWER_MEDIA},
		/* refused, or nowhere to go */
		{TEXT(VPN C4 PAIR KEYS),
			TEXT("m=application/vpn 0 OpenVPN 0\r\n"),
			VPNSDP_PORT_ZERO, VPNSDP_PORT_ZERO},
		{TEXT(VPN C4 PAIR KEYS),
			TEXT("c=IN IP4 0.0.0.0\r\n" MIRROR ROLE),
			VPNSDP_ENDPOINT_UNUSABLE, VPNSDP_ENDPOINT_UNUSABLE},
		{TEXT(C4 PAIR KEYS "a=VPN_ID:lab\r\n"),
			TEXT(REST "a=VPN_ID:lab\r\n"), VPNSDP_OK, VPNSDP_OK},
		{TEXT(C4 PAIR KEYS "a=VPN_ID:lab\r\n"),
			TEXT(REST "a=VPN_ID:Lab\r\n"), VPNSDP_ANSWER_VPN_ID,
			VPNSDP_ANSWER_VPN_ID},
		{TEXT(C4 PAIR KEYS "a=VPN_ID:lab\r\n"), TEXT(REST), VPNSDP_OK,
			VPNSDP_OK},
		{TEXT(C4 PAIR KEYS), TEXT(REST "a=VPN_ID:lab\r\n"), VPNSDP_OK,
			VPNSDP_OK},
	};

	(void)state;
	CHECK_ANSWERS(cases);
}

/* An offer that was written, not parsed, may have no list of media. */
static void answer_to_an_offer_made_by_hand(void **state)
{
	char mem[2][2048];
	struct vpnsdp offer = parsed((struct slice)TEXT(C4 PAIR KEYS), mem[0]);
	struct vpnsdp answer = parsed((struct slice)TEXT(REST), mem[1]);

	(void)state;
	offer.n_media = 0;
	assert_int_equal(vpnsdp_check_answer(&offer, &answer, true), VPNSDP_OK);
	answer.n_media = 2;
	assert_int_equal(vpnsdp_check_answer(&offer, &answer, true),
		VPNSDP_ANSWER_MEDIA);
}

static void the_full_call_in_files(void **state)
{
	char mem[2][4096];
	struct vpnsdp offer, answer;

	(void)state;
	assert_int_equal(
		vpnsdp_parse(read_file("offer-full.sdp", mem[0]), &offer, NULL),
		VPNSDP_OK);
	assert_int_equal(vpnsdp_parse(read_file("answer-full.sdp", mem[1]),
				 &answer, NULL),
		VPNSDP_OK);
	assert_int_equal(vpnsdp_check_offer(&offer, true), VPNSDP_OK);
	assert_int_equal(vpnsdp_check_answer(&offer, &answer, true), VPNSDP_OK);
	assert_int_equal(vpnsdp_check_answer(&answer, &offer, true),
		VPNSDP_ANSWER_SETUP);
	assert_int_equal(
		vpnsdp_check_answer(&offer, &offer, true), VPNSDP_NOT_MIRRORED);
}

static void every_error_has_words_of_its_own(void **state)
{
	(void)state;
	for (int i = VPNSDP_OK; i <= VPNSDP_DOES_NOT_FIT; i++) {
		const char *text = vpnsdp_strerror((enum vpnsdp_err)i);

		assert_true(strlen(text) > 5);
		assert_null(strchr(text, '"')); /* goes into a Warning header */
		for (int j = i + 1; j <= VPNSDP_DOES_NOT_FIT + 1; j++)
			assert_string_not_equal(
				text, vpnsdp_strerror((enum vpnsdp_err)j));
	}
	assert_string_equal(
		vpnsdp_strerror((enum vpnsdp_err)4711), "unknown error");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(endpoint_of),
		cmocka_unit_test(offers),
		cmocka_unit_test(answers_mirror_the_tunnel),
		cmocka_unit_test(answers_fit_the_role),
		cmocka_unit_test(answers_match_line_by_line),
		cmocka_unit_test(answer_to_an_offer_made_by_hand),
		cmocka_unit_test(the_full_call_in_files),
		cmocka_unit_test(every_error_has_words_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
