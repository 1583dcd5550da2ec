/* test_pool.c - pairs of tunnel addresses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/pool.h"

static const char *text_of(const struct vpnsdp_addr *a, char buf[48])
{
	struct sbuf b = sbuf_over(buf, 48);

	vpnsdp_addr_write(a, &b);
	return sbuf_cstr(&b);
}

static void networks(void **state)
{
	static const struct {
		const char *text;
		uint8_t bits; /* 0: refused */
	} cases[] = {
		{"10.234.0.0/16", 16},
		{"10.0.0.0/8", 8},
		{"192.168.234.0/29", 29},
		{"172.16.0.0/12", 12},
		{"100.64.0.0/10", 10},
		{"fd00:1::/64", 64},
		{"fc00::/7", 7},
		{"fd00::/125", 125},
		{"192.168.234.0/30", 0}, /* no pair is left in it */
		{"fd00::/126", 0},
		{"10.234.0.1/16", 0}, /* host bits */
		{"192.0.2.0/24", 0},  /* not private */
		{"172.0.0.0/8", 0},   /* more than the private part */
		{"2001:db8::/32", 0},
		{"0.0.0.0/0", 0},
		{"10.234.0.0", 0},
		{"10.234.0.0/", 0},
		{"10.234.0.0/x", 0},
		{"10.234.0.0/33", 0},
		{"10.234/16", 0},
		{"/16", 0},
		{"", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pool p = {.bits = 77};
		bool ok = pool_parse(slice_cstr(cases[i].text), &p);

		if (ok != (cases[i].bits > 0))
			fail_msg("'%s'", cases[i].text);
		assert_int_equal(p.bits, ok ? cases[i].bits : 77);
	}
}

struct taken {
	size_t n;
	struct vpnsdp_addr local[64];
};

static bool not_taken(void *arg, const struct vpnsdp_addr *local,
	const struct vpnsdp_addr *remote)
{
	const struct taken *t = arg;

	assert_false(vpnsdp_addr_eq(local, remote));
	for (size_t i = 0; i < t->n; i++)
		if (vpnsdp_addr_eq(&t->local[i], local))
			return false;
	return true;
}

/* All pairs of a /27, each once, none with its first or last address. */
static void all_pairs(void **state)
{
	struct pool p;
	struct taken t = {0};
	struct vpnsdp_addr remote;
	char buf[48];

	(void)state;
	assert_true(pool_parse(SLICE("192.168.1.32/27"), &p));
	while (t.n < 64 &&
		pool_take(&p, 5, not_taken, &t, &t.local[t.n], &remote)) {
		assert_true(t.local[t.n].b[3] >= 34 && remote.b[3] <= 61);
		assert_int_equal(remote.b[3], t.local[t.n].b[3] + 1);
		t.n++;
	}
	assert_int_equal(t.n, 14);
	assert_string_equal(text_of(&t.local[0], buf), "192.168.1.44");
	assert_string_equal(text_of(&t.local[8], buf), "192.168.1.60");
	assert_string_equal(text_of(&t.local[9], buf), "192.168.1.34");
}

static bool never(void *arg, const struct vpnsdp_addr *local,
	const struct vpnsdp_addr *remote)
{
	(void)local;
	(void)remote;
	++*(unsigned *)arg;
	return false;
}

static void the_search_ends(void **state)
{
	static const char *const nets[] = {
		"10.0.0.0/8", "fd00::/8", "192.168.0.0/16"};
	struct vpnsdp_addr a = {.family = 77};
	struct vpnsdp_addr b = {.family = 77};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct pool p;
		unsigned asked = 0;

		assert_true(pool_parse(slice_cstr(nets[i]), &p));
		assert_false(pool_take(&p, UINT32_MAX, never, &asked, &a, &b));
		assert_int_equal(asked, POOL_TRIES);
	}
	assert_int_equal(a.family, 77);
	assert_int_equal(b.family, 77);
}

static bool any(void *arg, const struct vpnsdp_addr *local,
	const struct vpnsdp_addr *remote)
{
	(void)arg;
	(void)local;
	(void)remote;
	return true;
}

static void seeds(void **state)
{
	struct pool p;
	struct vpnsdp_addr a;
	struct vpnsdp_addr b;
	char buf[48];

	(void)state;
	assert_int_equal(pool_seed(SLICE("a"), SLICE("b")),
		pool_seed(SLICE("B"), SLICE("a")));
	assert_int_not_equal(pool_seed(SLICE("a"), SLICE("b")),
		pool_seed(SLICE("a"), SLICE("c")));
	assert_true(pool_parse(SLICE("fd00:1::/64"), &p));
	assert_true(pool_take(&p, (1U << 23) - 3, any, NULL, &a, &b));
	assert_string_equal(text_of(&a, buf), "fd00:1::ff:fffc");
	assert_string_equal(text_of(&b, buf), "fd00:1::ff:fffd");
	assert_true(pool_parse(SLICE("10.0.0.0/8"), &p));
	assert_true(pool_take(&p, 127, any, NULL, &a, &b));
	assert_string_equal(text_of(&a, buf), "10.0.1.0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(networks),
		cmocka_unit_test(all_pairs),
		cmocka_unit_test(the_search_ends),
		cmocka_unit_test(seeds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
