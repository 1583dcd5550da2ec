/*
 * test_vpnsdp_quick.c - the quick look at an offer says what the long one
 * says, or nothing; and a first look at a text of more than one block.
 */
#include "test_vpnsdp_body.h"

#define FINGERPRINT                                                            \
	"01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:"                     \
	"fe:dc:ba:98:76:54:32:10:fe:dc:ba:98:76:54:32:10"
#define START                                                                  \
	"v=0\r\no=2500 1 2 IN IP4 192.0.2.1\r\ns=-\r\n"                        \
	"c=IN IP4 192.0.2.1\r\nt=0 0\r\n"
#define M "m=application/vpn 41822 OpenVPN 0\r\n"
#define MORE                                                                   \
	"a=IP4:192.0.2.2\r\na=PORT:41822\r\na=VPN_ID:lab\r\n"                  \
	"a=VPN_LOCAL_ADDR:10.8.0.1\r\na=VPN_REMOTE_ADDR:10.8.0.2\r\n"          \
	"a=setup:actpass\r\na=tls-id:2c9b27c1c5e4e4b0a8d1f9a0c7a7e3d2\r\n"

static void sees_the_usual_offer(void **state)
{
	struct slice body =
		TEXT(START M MORE "a=fingerprint:SHA-256 " FINGERPRINT "\r\n");
	struct vpnsdp_names names;
	struct vpnsdp_addr want;

	(void)state;
	assert_true(vpnsdp_quick_offer(body, &names));
	assert_true(slice_eq(names.vpn_id, SLICE("lab")));
	assert_true(vpnsdp_addr_parse(SLICE("10.8.0.1"), &want));
	assert_true(vpnsdp_addr_eq(&names.local, &want));
	assert_true(vpnsdp_addr_parse(SLICE("10.8.0.2"), &want));
	assert_true(vpnsdp_addr_eq(&names.remote, &want));
	assert_true(vpnsdp_quick_offer(SLICE(START M), &names));
	assert_int_equal(names.vpn_id.len, 0);
	assert_int_equal(names.local.family, 0);
}

/* Whatever one byte is replaced by, the two never differ. */
static void never_says_more_than_the_long_look(void **state)
{
	static const char bytes[] = "\0\r\n :.=0129aAVz~\x80";
	static char text[] =
		START M MORE "a=fingerprint:SHA-256 " FINGERPRINT "\r\n";
	struct slice body = {text, sizeof(text) - 1};
	struct vpnsdp_names names;
	struct vpnsdp long_look;

	(void)state;
	for (size_t i = 0; i < body.len; i++) {
		char was = text[i];

		for (size_t j = 0; j < sizeof(bytes) - 1; j++) {
			text[i] = bytes[j];
			if (!vpnsdp_quick_offer(body, &names))
				continue;
			assert_int_equal(
				vpnsdp_parse(body, &long_look, NULL), 0);
			assert_int_equal(
				vpnsdp_check_offer(&long_look, false), 0);
			assert_true(slice_eq(names.vpn_id, long_look.vpn_id));
			assert_true(
				vpnsdp_addr_eq(&names.local, &long_look.local));
			assert_true(vpnsdp_addr_eq(
				&names.remote, &long_look.remote));
		}
		text[i] = was;
	}
}

static void leaves_the_rest_to_the_long_look(void **state)
{
	static const struct slice bodies[] = {
		TEXT(""),
		TEXT("v=0\r\n"),
		TEXT(START),
		TEXT(START M M),
		TEXT(START M "a=IP4:192.0.2.2\r\na=IP4:192.0.2.2\r\n"),
		TEXT(START M "a=VPN_LOCAL_ADDR:10.8.0.1\r\n"),
		TEXT(START M "a=VPN_ID:a'b\r\n"),
		TEXT(START M "a=PORT:0\r\n"),
		TEXT(START M "a=IP4:224.0.0.1\r\n"
			     "a=PORT:1\r\n"),
		TEXT(START M "a=x:a\rb\r\n"),
		TEXT(START "b=AS:1\ra=x\r\n" M),
		TEXT("v=0\r\no=a\rb 1 1 IN IP4 192.0.2.1\r\n" M
		     "c=IN IP4 192.0.2.1\r\n"),
		TEXT(START M "a=setup:none\r\n"),
		TEXT(START M "a=fingerprint:SHA-256 00:11\r\n"),
		TEXT(START "m=application/vpn 0 OpenVPN 0\r\n"),
		TEXT("v=0\r\n" M "c=IN IP4 192.0.2.1\r\n"),
	};
	struct vpnsdp_names names = {.vpn_id = SLICE("untouched")};

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		assert_false(vpnsdp_quick_offer(bodies[i], &names));
		assert_true(slice_eq(names.vpn_id, SLICE("untouched")));
	}
}

/* At every place of a text, whatever the blocks it is read in. */
static void finds_it_wherever_it_stands(void **state)
{
	static const char audio[] = "\nm=audio 1 RTP/AVP 0\n";
	static const char vpn[] = "\nm=application/vpn 1 OpenVPN 0\n"
				  "a=VPN_ID:lab\n";
	char text[700];
	struct slice body = {text, sizeof(text)};
	struct vpnsdp_words words;
	bool media;

	(void)state;
	memset(text, '=', sizeof(text));
	assert_null(vpnsdp_find_media(body, &media));
	assert_false(media);
	for (size_t i = 0; i + sizeof(vpn) < sizeof(text); i++) {
		memset(text, '=', sizeof(text));
		memcpy(text + i, audio, sizeof(audio) - 1);
		assert_null(vpnsdp_find_media(body, &media));
		assert_true(media);
		memset(text, '=', sizeof(text));
		memcpy(text + i, vpn, sizeof(vpn) - 1);
		assert_ptr_equal(vpnsdp_find(body), text + i + 1);
		assert_int_equal(vpnsdp_find_words(body, &words), VPNSDP_OK);
		assert_true(slice_eq(words.vpn_id, SLICE("lab")));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sees_the_usual_offer),
		cmocka_unit_test(never_says_more_than_the_long_look),
		cmocka_unit_test(leaves_the_rest_to_the_long_look),
		cmocka_unit_test(finds_it_wherever_it_stands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
