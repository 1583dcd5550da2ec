/*
 * test_vpnsdp_addr.c - addresses as text and bytes; libc is asked as well,
 * for thousands of texts nobody thought of.
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "vpnsdp.h"

#define TEXT(s) ((struct slice){s, strlen(s)})

static const char *text_of(const struct vpnsdp_addr *a, char mem[static 64])
{
	struct sbuf b = sbuf_over(mem, 64);

	vpnsdp_addr_write(a, &b);
	return sbuf_cstr(&b);
}

static void reads_and_writes_canonically(void **state)
{
	static const struct {
		const char *in;
		uint8_t family;
		const char *out;
	} cases[] = {
		{"0.0.0.0", 4, "0.0.0.0"},
		{"192.168.234.1", 4, "192.168.234.1"},
		{"255.255.255.255", 4, "255.255.255.255"},
		{"::", 6, "::"},
		{"::1", 6, "::1"},
		{"1::", 6, "1::"},
		{"2001:DB8::A", 6, "2001:db8::a"},
		{"2001:0db8:0000:0000:0000:0000:0000:0001", 6, "2001:db8::1"},
		{"2001:db8:0:1:1:1:1:1", 6, "2001:db8:0:1:1:1:1:1"},
		{"2001:db8::1:1:1:1:1", 6, "2001:db8:0:1:1:1:1:1"},
		{"2001:0:0:1:0:0:0:1", 6, "2001:0:0:1::1"},
		{"2001:db8:0:0:1:0:0:1", 6, "2001:db8::1:0:0:1"},
		{"1:2:3:4:5:6:7::", 6, "1:2:3:4:5:6:7:0"},
		{"1:2:3:4:5:6:0:0", 6, "1:2:3:4:5:6::"},
		{"0:0:3:4:5:6:7:8", 6, "::3:4:5:6:7:8"},
		{"::ffff:192.0.2.1", 6, "::ffff:192.0.2.1"},
		{"::ffff:c000:201", 6, "::ffff:192.0.2.1"},
		{"64:ff9b::192.0.2.33", 6, "64:ff9b::c000:221"},
		{"1:2:3:4:5:6:7.8.9.10", 6, "1:2:3:4:5:6:708:90a"},
		{"ff02::1:ff00:0", 6, "ff02::1:ff00:0"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vpnsdp_addr a;
		char mem[64];

		if (!vpnsdp_addr_parse(TEXT(cases[i].in), &a))
			fail_msg("%s: refused", cases[i].in);
		if (a.family != cases[i].family)
			fail_msg("%s: family %d", cases[i].in, a.family);
		if (strcmp(text_of(&a, mem), cases[i].out) != 0)
			fail_msg("%s: became %s", cases[i].in, mem);
	}
}

static void refuses_what_is_no_address(void **state)
{
	static const char *const cases[] = {"", " ", "1", "1.2.3", "1.2.3.4.",
		".1.2.3.4", "1..2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4",
		"1.2.3.00", "1.2.3.-4", "1.2.3.+4", "1.2.3.4 ", " 1.2.3.4",
		"1.2.3.0x4", "1.2.3.4/24", "a.b.c.d", "host.example", ":",
		":::", "1:::2", "::1::", "1:2",
		"1:2:3:4:5:6:7:", ":1:2:3:4:5:6:7", ":1", "1:2:3:4:5:6:7:8:9",
		"1:2:3:4:5:6:7:8:", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8",
		"1::2::3", "12345::", "::g", "fe80::1%eth0", "[::1]", "::1 ",
		"::1.2.3", "::1.2.3.4.", "::1.2.3.4:5", "::256.1.1.1",
		"1:2:3:4:5:6:7:1.2.3.4", "1:2:3:4:5:6:7:8.9.10.11",
		"::1:2:3:4:5:6:1.2.3.4", "::-1", "::1/64"};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vpnsdp_addr a = {.family = 77};

		if (vpnsdp_addr_parse(TEXT(cases[i]), &a))
			fail_msg("\"%s\": taken for an address", cases[i]);
		if (a.family != 77)
			fail_msg("\"%s\": touched the result", cases[i]);
	}
	assert_false(vpnsdp_addr_parse(
		(struct slice){"1.2.3.4\0", 8}, &(struct vpnsdp_addr){0}));
	assert_false(vpnsdp_addr_parse(
		(struct slice){NULL, 0}, &(struct vpnsdp_addr){0}));
}

/* A fixed seed: the same texts every time. */
static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223; /* Knuth's quick generator */
	return *seed >> 8;
}

/* Texts of the letters addresses are made of: libc must agree with us. */
static void agrees_with_libc_on_random_text(void **state)
{
	static const char *const pieces[] = {"1", "0", "25", "255", "f", "abcd",
		"00ff", ":", ":", ":", "::", ".", ".", "192.0.2.1"};
	uint32_t seed = 1;
	int taken = 0;

	(void)state;
	for (int i = 0; i < 400000; i++) {
		struct vpnsdp_addr a;
		uint8_t libc[16];
		char text[256] = "";
		struct sbuf b = sbuf_over(text, sizeof(text));
		uint32_t n = 1 + next_random(&seed) % 16;
		bool colon, want;

		while (n-- > 0) {
			const char *piece =
				pieces[next_random(&seed) %
					(sizeof(pieces) / sizeof(pieces[0]))];

			sbuf_put(&b, TEXT(piece));
		}
		sbuf_cstr(&b);
		colon = strchr(text, ':') != NULL;
		want = inet_pton(colon ? AF_INET6 : AF_INET, text, libc) == 1;
		if (vpnsdp_addr_parse(sbuf_slice(&b), &a) != want)
			fail_msg("%s: libc says %s", text, want ? "yes" : "no");
		if (!want)
			continue;
		taken++;
		if (memcmp(a.b, libc, a.family == 4 ? 4 : 16) != 0)
			fail_msg("%s: other bytes than libc's", text);
	}
	assert_true(taken > 1000); /* else it has compared refusals only */
}

static void agrees_with_libc_on_random_addresses(void **state)
{
	uint32_t seed = 2;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		struct vpnsdp_addr a = {.family = 6}, back;
		char ours[64], libc[64];
		uint32_t shape = next_random(&seed);

		for (size_t g = 0; g < 8; g++) { /* half the groups are zero */
			a.b[2 * g] = shape >> g & 1
					     ? (uint8_t)next_random(&seed)
					     : 0;
			a.b[2 * g + 1] = shape >> g & 1
						 ? (uint8_t)next_random(&seed)
						 : 0;
		}
		text_of(&a, ours);
		/* libc writes ::a.b.c.d for ::/96, which RFC 5952 does not */
		if ((shape & 0x3f) != 0) {
			inet_ntop(AF_INET6, a.b, libc, sizeof(libc));
			assert_string_equal(ours, libc);
		}
		if (!vpnsdp_addr_parse(TEXT(ours), &back) ||
			!vpnsdp_addr_eq(&a, &back))
			fail_msg("%s: does not come back", ours);
	}
}

static void family_0_writes_nothing(void **state)
{
	char mem[64];

	(void)state;
	assert_string_equal(text_of(&(struct vpnsdp_addr){0}, mem), "");
}

static void equal_means_family_and_bytes(void **state)
{
	struct vpnsdp_addr a = {4, {192, 0, 2, 1}}, b = a;

	(void)state;
	b.b[4] = 9; /* beyond an IPv4 address: no part of it */
	assert_true(vpnsdp_addr_eq(&a, &b));
	b.b[3] = 2;
	assert_false(vpnsdp_addr_eq(&a, &b));
	b = a;
	b.family = 6;
	assert_false(vpnsdp_addr_eq(&a, &b));
	a.family = 6;
	assert_true(vpnsdp_addr_eq(&a, &b));
	b.b[15] = 1;
	assert_false(vpnsdp_addr_eq(&a, &b));
	a.family = 0;
	assert_false(vpnsdp_addr_eq(&a, &b));
	b.family = 0;
	assert_true(vpnsdp_addr_eq(&a, &b));
}

static void knows_unicast(void **state)
{
	static const struct {
		const char *text;
		bool want;
	} cases[] = {
		{"0.0.0.0", false},
		{"0.0.0.1", true},
		{"127.0.0.1", true},
		{"223.255.255.255", true},
		{"224.0.0.0", false},
		{"239.255.255.255", false},
		{"240.0.0.0", true},
		{"255.255.255.254", true},
		{"255.255.255.255", false},
		{"::", false},
		{"::1", true},
		{"2001:db8::1", true},
		{"fe80::1", true},
		{"ff02::1", false},
		{"feff::1", true},
		{"::ffff:192.0.2.1", true},
		{"::ffff:0.0.0.0", false},
		{"::ffff:224.0.0.1", false},
		{"::ffff:255.255.255.255", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vpnsdp_addr a = {0};

		assert_true(vpnsdp_addr_parse(TEXT(cases[i].text), &a));
		if (vpnsdp_addr_unicast(&a) != cases[i].want)
			fail_msg("%s: %s", cases[i].text,
				cases[i].want ? "refused" : "accepted");
	}
	assert_false(vpnsdp_addr_unicast(&(struct vpnsdp_addr){0}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_and_writes_canonically),
		cmocka_unit_test(refuses_what_is_no_address),
		cmocka_unit_test(agrees_with_libc_on_random_text),
		cmocka_unit_test(agrees_with_libc_on_random_addresses),
		cmocka_unit_test(family_0_writes_nothing),
		cmocka_unit_test(equal_means_family_and_bytes),
		cmocka_unit_test(knows_unicast),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
