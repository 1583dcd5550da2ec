/*
 * test_sipvpn_net.c - subnets as text, who is in them, and the lowest free
 * address.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "sipvpn_net.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct slice text(const char *s)
{
	return (struct slice){s, strlen(s)};
}

static struct sipvpn_subnet subnet(const char *s)
{
	struct sipvpn_subnet net = {.bits = 0};

	assert_true(sipvpn_subnet_parse(text(s), &net));
	return net;
}

static struct vpnsdp_addr addr(const char *s)
{
	struct vpnsdp_addr a = {.family = 0};

	assert_true(vpnsdp_addr_parse(text(s), &a));
	return a;
}

static void parses(void **state)
{
	static const char *const good[] = {"10.8.0.0/24", "10.0.0.0/8",
		"10.8.0.4/30", "192.168.234.128/25", "fd00:8::/64", "fd00::/8",
		"fd00:8::4/126"};
	static const char *const bad[] = {"", "/", "10.8.0.0", "10.8.0.0/",
		"10.8.0.0/31", "10.8.0.0/33", "10.8.0.1/24", "10.0.0.0/7",
		"224.0.0.0/8", "10.8.0.0/24/", " 10.8.0.0/24", "10.8.0/24",
		"fd00:8::1/64", "fd00:8::/127", "fd00:8::/129", "::/64",
		"ff00::/8", "10.8.0.0/+24"};
	char out[SIPVPN_MAX_SUBNET];

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		struct sbuf b = sbuf_over(out, sizeof(out));
		struct sipvpn_subnet net = subnet(good[i]);

		sipvpn_subnet_write(&net, &b);
		assert_true(slice_eq(sbuf_slice(&b), text(good[i])));
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct sipvpn_subnet net = {.bits = 77};

		print_message("# %s\n", bad[i]);
		assert_false(sipvpn_subnet_parse(text(bad[i]), &net));
		assert_int_equal(net.bits, 77);
	}
}

static void numbers(void **state)
{
	static const struct {
		const char *net, *addr;
		bool usable, numbered;
		uint32_t n;
	} cases[] = {
		{"10.8.0.0/24", "10.8.0.0", false, false, 0},
		{"10.8.0.0/24", "10.8.0.1", true, true, 0},
		{"10.8.0.0/24", "10.8.0.254", true, true, 253},
		{"10.8.0.0/24", "10.8.0.255", false, false, 0},
		{"10.8.0.0/24", "10.8.1.1", false, false, 0},
		{"10.8.0.0/24", "fd00::1", false, false, 0},
		{"10.8.0.0/22", "10.8.1.0", true, true, 255},
		{"192.168.234.128/25", "192.168.234.129", true, true, 0},
		{"fd00:8::/64", "fd00:8::", false, false, 0},
		{"fd00:8::/64", "fd00:8::1:0", true, true, 65535},
		{"fd00:8::/64", "fd00:8::ffff:fffe", true, true, 0xfffffffd},
		{"fd00:8::/64", "fd00:8::1:0:1", true, false, 0},
		{"fd00:8::/64", "fd00:8:0:0:ffff:ffff:ffff:ffff", false, false,
			0},
		{"fd00:8::/64", "fd00:9::1", false, false, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sipvpn_subnet net = subnet(cases[i].net);
		struct vpnsdp_addr a = addr(cases[i].addr), back;
		uint32_t n = 4711;

		print_message("# %s in %s\n", cases[i].addr, cases[i].net);
		assert_int_equal(
			sipvpn_subnet_usable(&net, &a), cases[i].usable);
		assert_int_equal(
			sipvpn_subnet_number(&net, &a, &n), cases[i].numbered);
		if (!cases[i].numbered) {
			assert_int_equal(n, 4711);
			continue;
		}
		assert_int_equal(n, cases[i].n);
		assert_true(sipvpn_subnet_nth(&net, n, &back));
		assert_true(vpnsdp_addr_eq(&a, &back));
	}
}

static void ends(void **state)
{
	static const struct {
		const char *net;
		uint32_t n;
	} cases[] = {{"10.8.0.4/30", 2}, {"10.8.0.0/24", 254},
		{"10.0.0.0/8", 16777214}, {"fd00:8::4/126", 2},
		{"fd00:8::/64", UINT32_MAX - 1}};
	const struct sipvpn_subnet none = {.bits = 0};
	struct vpnsdp_addr a;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sipvpn_subnet net = subnet(cases[i].net);

		assert_true(sipvpn_subnet_nth(&net, cases[i].n - 1, &a));
		assert_true(sipvpn_subnet_usable(&net, &a));
		assert_false(sipvpn_subnet_nth(&net, cases[i].n, &a));
		assert_false(sipvpn_subnet_nth(&net, UINT32_MAX, &a));
	}
	assert_false(sipvpn_subnet_nth(&none, 0, &a));
}

static void lowest_free(void **state)
{
	static struct sipvpn_window w;
	uint32_t n;

	(void)state;
	sipvpn_window_begin(&w, 0);
	assert_true(sipvpn_window_lowest(&w, &n));
	assert_int_equal(n, 0);
	sipvpn_window_take(&w, 0);
	sipvpn_window_take(&w, 2);
	sipvpn_window_take(&w, UINT32_MAX);
	assert_true(sipvpn_window_lowest(&w, &n));
	assert_int_equal(n, 1);
	for (uint32_t i = 0; i < SIPVPN_WINDOW - 1; i++)
		sipvpn_window_take(&w, i);
	assert_true(sipvpn_window_lowest(&w, &n));
	assert_int_equal(n, SIPVPN_WINDOW - 1);
	sipvpn_window_take(&w, SIPVPN_WINDOW - 1);
	assert_false(sipvpn_window_lowest(&w, &n));
	sipvpn_window_begin(&w, SIPVPN_WINDOW);
	sipvpn_window_take(&w, 7); /* below it */
	sipvpn_window_take(&w, SIPVPN_WINDOW);
	assert_true(sipvpn_window_lowest(&w, &n));
	assert_int_equal(n, SIPVPN_WINDOW + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses),
		cmocka_unit_test(numbers),
		cmocka_unit_test(ends),
		cmocka_unit_test(lowest_free),
	};

	return cmocka_run_group_tests_name("sipvpn_net", tests, NULL, NULL);
}
