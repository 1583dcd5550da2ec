/*
 * test_sipvpn_lookup.c - names are found whether few of them are compared or
 * many are hashed, and wherever they stand by their length.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "sipvpn_snapshot.h"

#define MOST 9 /* groups, and domains beside the common one */

static const struct sipvpn_hash_key key = {1, 2};
static const struct sipvpn_mem mem = {malloc, free};

/* The name of a group, of a domain and of somebody in both. */
static struct slice name_of(uint32_t i)
{
	static const char letters[4 * MOST + 1] =
		"gggggggggggggggggggggggggggggggggggg";

	return (struct slice){letters, 4 * (size_t)i};
}

static void add(
	struct sipvpn_snapshot *s, uint32_t group, struct sipvpn_aor who)
{
	const struct sipvpn_member_row row = {.group_id = group, .who = who};

	assert_int_equal(sipvpn_snapshot_add_member(s, &row), SIPVPN_ROW_OK);
}

/* One is in all groups, and there is somebody else in each. */
static struct sipvpn_snapshot *with_groups(uint32_t n)
{
	struct sipvpn_snapshot *s = sipvpn_snapshot_new(&mem, &key);

	assert_non_null(s);
	for (uint32_t i = 1; i <= n; i++) {
		const struct sipvpn_group_row row = {
			.id = i, .name = name_of(i)};

		assert_int_equal(
			sipvpn_snapshot_add_group(s, &row), SIPVPN_ROW_OK);
		add(s, i, (struct sipvpn_aor){SLICE("me"), SLICE("d")});
		add(s, i, (struct sipvpn_aor){name_of(i), name_of(i)});
	}
	assert_true(sipvpn_snapshot_seal(s));
	return s;
}

static void finds(struct sipvpn_snapshot *s, uint32_t i, struct sipvpn_aor me)
{
	struct sipvpn_aor other = {name_of(i), name_of(i)};
	struct sipvpn_party one, two;
	uint32_t group = UINT32_MAX;

	sipvpn_snapshot_parties(s, &me, &other, &one, &two);
	assert_int_equal(two.n, 1);
	assert_true(sipvpn_snapshot_group_of(s, &one, name_of(i), &group));
	assert_int_equal(two.seats[0].group, group);
	assert_true(slice_eq(sipvpn_snapshot_group_name(s, group), name_of(i)));
	other.user.len--;
	assert_int_equal(sipvpn_snapshot_party(s, &other).n, 0);
}

static void finds_among_few_and_many(void **state)
{
	struct sipvpn_aor me = {SLICE("me"), SLICE("D")};

	(void)state;
	for (uint32_t n = 1; n <= MOST; n++) {
		struct sipvpn_snapshot *s = with_groups(n);
		struct sipvpn_party party = sipvpn_snapshot_party(s, &me);
		uint32_t group;

		assert_int_equal(party.n, n);
		for (uint32_t i = 1; i <= n; i++)
			finds(s, i, me);
		assert_false(sipvpn_snapshot_group_of(
			s, &party, SLICE("g"), &group));
		sipvpn_snapshot_free(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_among_few_and_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
