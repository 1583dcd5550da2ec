/* test_static_key.c - a key file is a key and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "core/static_key.h"

#define BEGIN "-----BEGIN OpenVPN Static key V1-----\n"
#define END "-----END OpenVPN Static key V1-----\n"
#define LINE(digit) digit digit digit digit digit digit digit digit "\n"
#define FOUR(a)                                                                \
	LINE(a "0" a "1") LINE(a "2" a "3") LINE(a "4" a "5") LINE(a "6" a "7")
#define KEY FOUR("0") FOUR("5") FOUR("a") FOUR("f")

static void reads_what_openvpn_writes(void **state)
{
	static const char *const texts[] = {
		"#\n# 2048 bit OpenVPN static key\n#\n" BEGIN KEY END,
		BEGIN KEY END,
		BEGIN KEY "-----END OpenVPN Static key V1-----",
		"notes\n" BEGIN KEY END "more notes, <not> \"looked\" at\n",
	};
	uint8_t key[STATIC_KEY_LEN];
	char text[STATIC_KEY_MAX_FILE];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct sbuf out = sbuf_over(text, sizeof(text));

		memset(key, 0x77, sizeof(key));
		assert_true(static_key_parse(slice_cstr(texts[i]), key));
		assert_int_equal(key[0], 0x00);
		assert_int_equal(key[1], 0x01);
		assert_int_equal(key[STATIC_KEY_LEN - 1], 0xf7);
		static_key_write(key, &out);
		assert_string_equal(sbuf_cstr(&out), BEGIN KEY END);
	}
}

static void any_line_ends_and_letters(void **state)
{
	static const char crlf[] =
		"-----BEGIN OpenVPN Static key V1-----\r\n" KEY
		"-----END OpenVPN Static key V1-----\r\n";
	uint8_t key[STATIC_KEY_LEN];
	char upper[] = BEGIN KEY END;

	(void)state;
	assert_true(static_key_parse(slice_cstr(crlf), key));
	for (char *c = upper; *c; c++)
		if (*c == 'a' || *c == 'f')
			*c = (char)(*c - 'a' + 'A');
	/* the two lines around it are what they are */
	memcpy(upper, BEGIN, sizeof(BEGIN) - 1);
	memcpy(upper + sizeof(upper) - sizeof(END), END, sizeof(END));
	assert_true(static_key_parse(slice_cstr(upper), key));
	assert_int_equal(key[STATIC_KEY_LEN - 1], 0xf7);
}

static void refuses_the_rest(void **state)
{
	static const char *const texts[] = {
		"",
		"\n",
		KEY,
		BEGIN,
		BEGIN END,
		BEGIN KEY,
		KEY END,
		BEGIN KEY LINE("0000") END,
		BEGIN FOUR("0") FOUR("5") FOUR("a") END,
		BEGIN KEY "0\n" END,
		BEGIN "zz" KEY END,
		BEGIN "</secret>\nup /bin/sh\n" KEY END,
		" " BEGIN KEY END,
		"-----BEGIN PRIVATE KEY-----\n" KEY
		"-----END PRIVATE KEY-----\n",
	};
	uint8_t key[STATIC_KEY_LEN], before[STATIC_KEY_LEN];
	char big[STATIC_KEY_MAX_FILE + 2];

	(void)state;
	memset(key, 0x77, sizeof(key));
	memcpy(before, key, sizeof(key));
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (static_key_parse(slice_cstr(texts[i]), key))
			fail_msg("taken: %s", texts[i]);
		assert_memory_equal(key, before, sizeof(key));
	}
	memset(big, '#', sizeof(big));
	big[sizeof(big) - sizeof(BEGIN KEY END) - 1] = '\n';
	memcpy(big + sizeof(big) - sizeof(BEGIN KEY END), BEGIN KEY END,
		sizeof(BEGIN KEY END));
	assert_false(static_key_parse(
		(struct slice){big, STATIC_KEY_MAX_FILE + 1}, key));
	assert_true(static_key_parse(
		(struct slice){big + 1, STATIC_KEY_MAX_FILE}, key));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_openvpn_writes),
		cmocka_unit_test(any_line_ends_and_letters),
		cmocka_unit_test(refuses_the_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
