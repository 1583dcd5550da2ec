/*
 * test_sipvpn_snapshot.c - what goes in is found again, and nothing else; what
 * is bad is refused; memory may end anywhere.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "sipvpn_snapshot.h"

#define MANY 60000 /* members; enough for slabs of every kind to be several */

static const struct sipvpn_hash_key key = {
	0x0706050403020100U, 0x0f0e0d0c0b0a0908U};

/* An allocator that counts, and says no when its budget is used up. */
static long budget;
static long blocks;
static size_t bytes;

static void *get(size_t size)
{
	if (budget == 0)
		return NULL;
	budget--;
	blocks++;
	bytes += size;
	return malloc(size);
}

static void put(void *p)
{
	blocks--;
	free(p);
}

static const struct sipvpn_mem mem = {get, put};

static int setup(void **state)
{
	(void)state;
	budget = -1;
	blocks = 0;
	bytes = 0;
	return 0;
}

static struct slice text(const char *s)
{
	return (struct slice){s, strlen(s)};
}

static enum sipvpn_row add_group(
	struct sipvpn_snapshot *s, uint32_t id, struct slice name)
{
	const struct sipvpn_group_row row = {.id = id, .name = name};

	return sipvpn_snapshot_add_group(s, &row);
}

static enum sipvpn_row add(struct sipvpn_snapshot *s, uint32_t group,
	const char *user, const char *domain)
{
	const struct sipvpn_member_row row = {
		.group_id = group, .who = {text(user), text(domain)}};

	return sipvpn_snapshot_add_member(s, &row);
}

static struct sipvpn_party find(
	struct sipvpn_snapshot *s, const char *user, const char *domain)
{
	struct sipvpn_aor who = {text(user), text(domain)};

	return sipvpn_snapshot_party(s, &who);
}

static struct sipvpn_snapshot *two_groups(void)
{
	struct sipvpn_snapshot *s = sipvpn_snapshot_new(&mem, &key);

	assert_non_null(s);
	assert_int_equal(add_group(s, 3, text("lab")), SIPVPN_ROW_OK);
	assert_int_equal(add_group(s, 8, text("attic")), SIPVPN_ROW_OK);
	return s;
}

static void finds_who_is_there(void **state)
{
	struct sipvpn_snapshot *s = two_groups();
	struct sipvpn_party p;
	uint32_t group;

	(void)state;
	assert_int_equal(add(s, 8, "2500", "Example.ORG"), SIPVPN_ROW_OK);
	assert_int_equal(add(s, 3, "2500", "example.org"), SIPVPN_ROW_OK);
	assert_int_equal(add(s, 3, "2501", "example.org"), SIPVPN_ROW_OK);
	assert_true(sipvpn_snapshot_seal(s));
	p = find(s, "2500", "EXAMPLE.org");
	assert_int_equal(p.n, 2);
	assert_true(p.seats[0].group < p.seats[1].group);
	assert_true(slice_eq(sipvpn_snapshot_group_name(s, p.seats[1].group),
		text("attic")));
	p = find(s, "2501", "example.org");
	assert_int_equal(p.n, 1);
	assert_true(sipvpn_snapshot_group(s, text("lab"), &group));
	assert_int_equal(p.seats[0].group, group);
	assert_false(sipvpn_snapshot_group(s, text("Lab"), &group));
	assert_false(sipvpn_snapshot_group(s, text(""), &group));
	assert_int_equal(find(s, "2501", "example.com").n, 0);
	assert_int_equal(find(s, "250", "example.org").n, 0);
	assert_int_equal(find(s, "", "example.org").n, 0);
	assert_int_equal(find(s, "2501", "").n, 0);
	assert_int_equal(sipvpn_snapshot_groups(s), 2);
	assert_int_equal(sipvpn_snapshot_members(s), 3);
	sipvpn_snapshot_free(s);
	assert_int_equal(blocks, 0);
}

static void user_keeps_its_case(void **state)
{
	struct sipvpn_snapshot *s = two_groups();

	(void)state;
	assert_int_equal(add(s, 3, "Anna", "d"), SIPVPN_ROW_OK);
	assert_int_equal(add(s, 3, "anna", "d"), SIPVPN_ROW_OK);
	assert_true(sipvpn_snapshot_seal(s));
	assert_int_equal(find(s, "Anna", "d").n, 1);
	assert_int_equal(find(s, "ANNA", "d").n, 0);
	sipvpn_snapshot_free(s);
}

static void empty_is_no_fault(void **state)
{
	struct sipvpn_snapshot *s = sipvpn_snapshot_new(&mem, &key);
	uint32_t group;

	(void)state;
	assert_true(sipvpn_snapshot_seal(s));
	assert_int_equal(find(s, "2500", "example.org").n, 0);
	assert_false(sipvpn_snapshot_group(s, text("lab"), &group));
	sipvpn_snapshot_free(s);
}

static void refuses_bad_rows(void **state)
{
	struct sipvpn_snapshot *s = two_groups();
	char name[SIPVPN_MAX_NAME + 2];

	(void)state;
	memset(name, 'n', sizeof(name));
	name[SIPVPN_MAX_NAME + 1] = '\0';
	assert_int_equal(add_group(s, 8, text("x")), SIPVPN_ROW_BAD_ID);
	assert_int_equal(add_group(s, 9, text("lab")), SIPVPN_ROW_TWICE);
	assert_int_equal(add_group(s, 9, text("")), SIPVPN_ROW_BAD_NAME);
	assert_int_equal(add_group(s, 9, text(name)), SIPVPN_ROW_BAD_NAME);
	assert_int_equal(add(s, 4, "u", "d"), SIPVPN_ROW_NO_GROUP);
	assert_int_equal(add(s, 3, "", "d"), SIPVPN_ROW_BAD_USER);
	assert_int_equal(add(s, 3, name, "d"), SIPVPN_ROW_BAD_USER);
	assert_int_equal(add(s, 3, "u", ""), SIPVPN_ROW_BAD_DOMAIN);
	assert_int_equal(add(s, 3, "u", name), SIPVPN_ROW_BAD_DOMAIN);
	assert_int_equal(add(s, 3, name + 1, name + 1), SIPVPN_ROW_OK);
	assert_int_equal(add(s, 3, "u", "d"), SIPVPN_ROW_OK);
	assert_int_equal(add(s, 3, "u", "D"), SIPVPN_ROW_TWICE);
	assert_int_equal(add(s, 8, "u", "D"), SIPVPN_ROW_OK);
	assert_int_equal(add(s, 3, "u", "d"), SIPVPN_ROW_TWICE);
	assert_true(sipvpn_snapshot_seal(s));
	assert_int_equal(sipvpn_snapshot_members(s), 3);
	assert_int_equal(find(s, name + 1, name + 1).n, 1);
	assert_int_equal(find(s, name, name).n, 0);
	sipvpn_snapshot_free(s);
}

static void number(char out[static 16], unsigned int n)
{
	snprintf(out, 16, "%u", n);
}

/* MANY members in MANY / 10 groups, everybody in two. */
static bool fill(struct sipvpn_snapshot *s)
{
	char name[16];

	for (unsigned int i = 0; i < MANY / 10; i++) {
		number(name, i);
		if (add_group(s, i + 1, text(name)) != SIPVPN_ROW_OK)
			return false;
	}
	for (unsigned int i = 0; i < MANY; i++) {
		number(name, i);
		if (add(s, i / 10 + 1, name, i % 2 ? "a.example" : "b") !=
				SIPVPN_ROW_OK ||
			(i >= 10 &&
				add(s, 1, name, i % 2 ? "a.example" : "b") !=
					SIPVPN_ROW_OK))
			return false;
	}
	return sipvpn_snapshot_seal(s);
}

static void many(void **state)
{
	struct sipvpn_snapshot *s = sipvpn_snapshot_new(&mem, &key);
	char name[16];

	(void)state;
	assert_true(fill(s));
	for (unsigned int i = 0; i < MANY; i++) {
		struct sipvpn_party p;

		number(name, i);
		p = find(s, name, i % 2 ? "a.example" : "b");
		assert_int_equal(p.n, i >= 10 ? 2 : 1);
		assert_int_equal(p.seats[0].group, 0);
		assert_int_equal(p.seats[p.n - 1].group, i / 10);
		assert_int_equal(find(s, name, i % 2 ? "b" : "a.example").n, 0);
	}
	sipvpn_snapshot_free(s);
	assert_int_equal(blocks, 0);
}

static enum sipvpn_row add_full(struct sipvpn_snapshot *s, uint32_t group,
	const char *user, const char *addr4, const char *addr6)
{
	const struct sipvpn_member_row row = {.group_id = group,
		.who = {text(user), SLICE("d")},
		.addr4 = text(addr4),
		.addr6 = text(addr6)};

	return sipvpn_snapshot_add_member(s, &row);
}

/* Everybody has both addresses, and the names take 6 bytes at most. */
static void small(void **state)
{
	const struct sipvpn_group_row group = {1, SLICE("lab"), SLICE("hub"),
		SLICE("10.0.0.0/8"), SLICE("fd00::/64")};
	struct sipvpn_snapshot *s = sipvpn_snapshot_new(&mem, &key);
	const unsigned int n = 1U << 17;
	char name[16], addr4[32], addr6[32];

	(void)state;
	assert_int_equal(sipvpn_snapshot_add_group(s, &group), SIPVPN_ROW_OK);
	for (unsigned int i = 1; i <= n; i++) {
		number(name, i);
		snprintf(addr4, sizeof(addr4), "10.%u.%u.%u", i >> 16,
			i >> 8 & 255, i & 255);
		snprintf(addr6, sizeof(addr6), "fd00::%x:%x", i >> 16,
			i & 0xffff);
		assert_int_equal(
			add_full(s, 1, name, addr4, addr6), SIPVPN_ROW_OK);
	}
	assert_true(sipvpn_snapshot_seal(s));
	/* what is left of the last slab of each kind: six of them */
	assert_true(
		sipvpn_snapshot_bytes(s) < (64U + 6U) * n + 6U * SIPVPN_SLAB);
	sipvpn_snapshot_free(s);
	assert_int_equal(blocks, 0);
}

static void bad_terms_of_groups(void **state)
{
	static const struct {
		const char *policy, *subnet4, *subnet6;
		enum sipvpn_row row;
	} cases[] = {
		{"", "", "", SIPVPN_ROW_OK},
		{"HUB", "10.8.0.0/24", "fd00:8::/64", SIPVPN_ROW_OK},
		{"closed", "", "", SIPVPN_ROW_BAD_POLICY},
		{"off", "10.8.0.1/24", "", SIPVPN_ROW_BAD_SUBNET},
		{"open", "fd00:8::/64", "", SIPVPN_ROW_BAD_SUBNET},
		{"open", "", "10.8.0.0/24", SIPVPN_ROW_BAD_SUBNET},
	};
	struct sipvpn_snapshot *s = sipvpn_snapshot_new(&mem, &key);

	(void)state;
	for (uint32_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char name[16];
		struct sipvpn_group_row row = {.id = i + 1,
			.policy = text(cases[i].policy),
			.subnet4 = text(cases[i].subnet4),
			.subnet6 = text(cases[i].subnet6)};

		print_message("# group %u\n", i);
		number(name, i);
		row.name = text(name);
		assert_int_equal(sipvpn_group_row_check(&row), cases[i].row);
		assert_int_equal(
			sipvpn_snapshot_add_group(s, &row), cases[i].row);
	}
	assert_int_equal(sipvpn_snapshot_groups(s), 2);
	sipvpn_snapshot_free(s);
	assert_int_equal(blocks, 0);
}

/* 3 has both subnets, 8 none, 9 the same ones as 3. */
static struct sipvpn_snapshot *with_subnets(void)
{
	struct sipvpn_group_row row = {3, SLICE("lab"), SLICE("hub"),
		SLICE("10.8.0.0/24"), SLICE("fd00:8::/64")};
	struct sipvpn_snapshot *s = sipvpn_snapshot_new(&mem, &key);

	assert_int_equal(sipvpn_snapshot_add_group(s, &row), SIPVPN_ROW_OK);
	assert_int_equal(add_group(s, 8, text("attic")), SIPVPN_ROW_OK);
	row.id = 9;
	row.name = SLICE("site");
	assert_int_equal(sipvpn_snapshot_add_group(s, &row), SIPVPN_ROW_OK);
	return s;
}

static void addresses(void **state)
{
	struct sipvpn_snapshot *s = with_subnets();

	(void)state;
	assert_int_equal(
		add_full(s, 3, "a", "10.8.0.1", "fd00:8::1"), SIPVPN_ROW_OK);
	assert_int_equal(
		add_full(s, 3, "b", "10.8.0.1", ""), SIPVPN_ROW_ADDR_TWICE);
	/* the same, written in another way */
	assert_int_equal(add_full(s, 3, "b", "", "FD00:8:0:0::1"),
		SIPVPN_ROW_ADDR_TWICE);
	assert_int_equal(
		add_full(s, 3, "b", "10.9.0.1", ""), SIPVPN_ROW_BAD_ADDR);
	assert_int_equal(
		add_full(s, 3, "b", "10.8.0.0", ""), SIPVPN_ROW_BAD_ADDR);
	assert_int_equal(
		add_full(s, 3, "b", "10.8.0.255", ""), SIPVPN_ROW_BAD_ADDR);
	assert_int_equal(
		add_full(s, 3, "b", "fd00:8::2", ""), SIPVPN_ROW_BAD_ADDR);
	assert_int_equal(
		add_full(s, 8, "b", "10.8.0.2", ""), SIPVPN_ROW_BAD_ADDR);
	/* another group may use it, and a row refused has taken nothing */
	assert_int_equal(
		add_full(s, 9, "a", "10.8.0.1", "fd00:8::1"), SIPVPN_ROW_OK);
	assert_int_equal(
		add_full(s, 3, "b", "10.8.0.2", "fd00:8::2"), SIPVPN_ROW_OK);
	assert_int_equal(add_full(s, 3, "b", "10.8.0.3", ""), SIPVPN_ROW_TWICE);
	assert_int_equal(add_full(s, 3, "c", "10.8.0.3", ""), SIPVPN_ROW_OK);
	assert_int_equal(sipvpn_snapshot_members(s), 4);
	sipvpn_snapshot_free(s);
	assert_int_equal(blocks, 0);
}

static bool has_addr(const struct vpnsdp_addr *a, const char *wanted)
{
	struct vpnsdp_addr b = {.family = 0};

	return (!*wanted || vpnsdp_addr_parse(text(wanted), &b)) &&
	       vpnsdp_addr_eq(a, &b);
}

static void listed_with_all_it_has(void **state)
{
	const struct sipvpn_member_row hub = {.group_id = 3,
		.who = {SLICE("h"), SLICE("D")},
		.role = SLICE("hub"),
		.addr4 = SLICE("10.8.0.9")};
	struct sipvpn_snapshot *s = with_subnets();
	struct sipvpn_group_info group;
	struct sipvpn_member_info one;
	struct sipvpn_party a, h;
	struct sipvpn_shared shared;
	uint32_t from = 0;

	(void)state;
	assert_int_equal(add(s, 8, "x", "d"), SIPVPN_ROW_OK);
	assert_int_equal(add_full(s, 3, "a", "", "fd00:8::1"), SIPVPN_ROW_OK);
	assert_int_equal(sipvpn_snapshot_add_member(s, &hub), SIPVPN_ROW_OK);
	assert_true(sipvpn_snapshot_seal(s));

	sipvpn_snapshot_group_info(s, 0, &group);
	assert_int_equal(group.policy, SIPVPN_HUB);
	assert_int_equal(group.members, 2);
	assert_int_equal(group.subnet4.bits, 24);
	assert_true(has_addr(&group.subnet6.base, "fd00:8::"));
	sipvpn_snapshot_group_info(s, 1, &group);
	assert_int_equal(group.policy, SIPVPN_OPEN);
	assert_int_equal(group.subnet4.base.family, 0);

	assert_true(sipvpn_snapshot_next_member(s, 0, &from, &one));
	assert_true(slice_eq(one.who.user, text("a")));
	assert_false(one.end.hub);
	assert_true(has_addr(&one.end.addr4, ""));
	assert_true(has_addr(&one.end.addr6, "fd00:8::1"));
	assert_true(sipvpn_snapshot_next_member(s, 0, &from, &one));
	assert_true(slice_eq(one.who.user, text("h")));
	assert_true(slice_eq(one.who.domain, text("d")));
	assert_true(one.end.hub);
	assert_false(sipvpn_snapshot_next_member(s, 0, &from, &one));

	a = find(s, "a", "d");
	h = find(s, "h", "d");
	sipvpn_snapshot_shared(s, &a.seats[0], &h.seats[0], &shared);
	assert_int_equal(shared.policy, SIPVPN_HUB);
	assert_true(shared.assigns && !shared.caller.hub && shared.callee.hub);
	assert_true(has_addr(&shared.callee.addr4, "10.8.0.9"));
	sipvpn_snapshot_free(s);
	assert_int_equal(blocks, 0);
}

static void memory_may_end_anywhere(void **state)
{
	struct sipvpn_snapshot *s;
	bool done = false;

	(void)state;
	for (long n = 0; !done; n++) {
		budget = n;
		s = sipvpn_snapshot_new(&mem, &key);
		if (s)
			done = fill(s);
		sipvpn_snapshot_free(s);
		assert_int_equal(blocks, 0);
		assert_true(n < 1000);
	}
}

/* CPython 3.11 hashes bytes so, with PYTHONHASHSEED=0 as the key 0. */
static void hash_is_siphash_1_3(void **state)
{
	static const struct {
		struct slice text;
		uint64_t hash;
	} cases[] = {
		{{"2500", 4}, 0x1db54f6e1c3170b3U},
		{{"01234567", 8}, 0xda3dcedf84ea6cc6U},
		{{"0123456789abcdefg", 17}, 0x3323a4f8b8d9776bU},
	};
	static const struct sipvpn_hash_key zero;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(
			sipvpn_siphash(&zero, cases[i].text) == cases[i].hash);
		assert_true(
			sipvpn_siphash(&key, cases[i].text) != cases[i].hash);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(finds_who_is_there, setup),
		cmocka_unit_test_setup(user_keeps_its_case, setup),
		cmocka_unit_test_setup(empty_is_no_fault, setup),
		cmocka_unit_test_setup(refuses_bad_rows, setup),
		cmocka_unit_test_setup(many, setup),
		cmocka_unit_test_setup(small, setup),
		cmocka_unit_test_setup(bad_terms_of_groups, setup),
		cmocka_unit_test_setup(addresses, setup),
		cmocka_unit_test_setup(listed_with_all_it_has, setup),
		cmocka_unit_test_setup(memory_may_end_anywhere, setup),
		cmocka_unit_test_setup(hash_is_siphash_1_3, setup),
	};

	return cmocka_run_group_tests_name(
		"sipvpn_snapshot", tests, NULL, NULL);
}
