/*
 * test_sipvpn_calls.c - calls in progress: found, listed, cut, and what there
 * is to do about each.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "sipvpn_calls.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define NOW 1000U

static size_t in_use;
static size_t allowed; /* how many more there are */

static void *get(size_t size)
{
	if (allowed == 0)
		return NULL;
	allowed--;
	in_use++;
	return malloc(size);
}

static void put(void *p)
{
	in_use--;
	free(p);
}

static const struct sipvpn_mem mem = {get, put};
static struct sipvpn_calls set;

static int begin(void **state)
{
	(void)state;
	allowed = SIZE_MAX;
	in_use = 0;
	sipvpn_calls_init(&set, &mem);
	return 0;
}

/* All memory is given back, whatever the test left. */
static int end(void **state)
{
	(void)state;
	sipvpn_calls_free(&set);
	assert_int_equal(set.n, 0);
	assert_int_equal(in_use, 0);
	return 0;
}

static struct sipvpn_aor aor(const char *user)
{
	return (struct sipvpn_aor){slice_cstr(user), SLICE("example.org")};
}

static struct vpnsdp_addr addr(const char *text)
{
	struct vpnsdp_addr a = {.family = 0};

	assert_true(vpnsdp_addr_parse(slice_cstr(text), &a));
	return a;
}

static struct sipvpn_call *add(const char *group, const char *caller,
	const char *callee, const char *call_id)
{
	struct sipvpn_call_facts f = {.group = slice_cstr(group),
		.caller = aor(caller),
		.callee = aor(callee),
		.call_id = slice_cstr(call_id),
		.from_tag = SLICE("a"),
		.since = 5};

	return sipvpn_calls_add(&set, &f);
}

static void copies_what_it_is_given(void **state)
{
	char text[] = "labAB";
	struct sipvpn_call_facts f = {.group = {text, 3},
		.caller = {{text + 3, 1}, SLICE("x")},
		.callee = {{text + 4, 1}, SLICE("y")},
		.call_id = SLICE("id"),
		.from_tag = SLICE("from")};
	struct sipvpn_call *c = sipvpn_calls_add(&set, &f);

	(void)state;
	memset(text, '?', sizeof(text));
	assert_true(slice_eq(c->facts.group, SLICE("lab")));
	assert_true(slice_eq(c->facts.caller.user, SLICE("A")));
	assert_true(slice_eq(c->facts.callee.user, SLICE("B")));
	assert_true(slice_eq(c->facts.callee.domain, SLICE("y")));
	assert_true(slice_eq(c->facts.call_id, SLICE("id")));
	assert_true(slice_eq(c->facts.from_tag, SLICE("from")));
	assert_int_equal(c->facts.to_tag.len, 0);
	assert_int_equal(c->state, SIPVPN_CALL_RINGING);
}

static void no_memory_is_no_call(void **state)
{
	struct sipvpn_call *c;

	(void)state;
	allowed = 0;
	assert_null(add("lab", "1", "2", "x"));
	assert_int_equal(set.n, 0);
	assert_null(set.first);
	allowed = 1;
	c = add("lab", "1", "2", "x");
	assert_false(sipvpn_call_answered(&set, c, SLICE("tag"), 7));
	assert_int_equal(c->state, SIPVPN_CALL_RINGING);
}

static void ids_come_in_order_and_are_not_0(void **state)
{
	struct sipvpn_call *one = add("lab", "1", "2", "x");

	(void)state;
	assert_int_equal(one->id, 1);
	set.last_id = INT32_MAX;
	assert_int_equal(add("lab", "1", "2", "y")->id, 2);
	assert_ptr_equal(sipvpn_calls_find(&set, 1), one);
	assert_null(sipvpn_calls_find(&set, 3));
	sipvpn_calls_drop(&set, one);
	assert_null(sipvpn_calls_find(&set, 1));
}

/* Ids that share a bucket, taken out from its middle and both its ends. */
static void buckets_hold_many(void **state)
{
	struct sipvpn_call *c[4];
	static const size_t order[] = {1, 3, 0, 2};

	(void)state;
	for (size_t i = 0; i < COUNT(c); i++) {
		set.last_id = (uint32_t)i * SIPVPN_CALL_BUCKETS + 6;
		c[i] = add("lab", "1", "2", "x");
	}
	for (size_t i = 0; i < COUNT(order); i++) {
		uint32_t id = c[order[i]]->id;

		for (size_t j = i; j < COUNT(order); j++)
			assert_ptr_equal(c[order[j]],
				sipvpn_calls_find(&set, c[order[j]]->id));
		sipvpn_calls_drop(&set, c[order[i]]);
		assert_null(sipvpn_calls_find(&set, id));
	}
	assert_null(set.first);
	assert_null(set.last);
}

static void lists_what_goes_on(void **state)
{
	struct sipvpn_call *a = add("lab", "1", "2", "x"), *b, *c;

	(void)state;
	(void)add("", "1", "2", "closed");
	b = add("lab", "1", "2", "y");
	c = add("lab", "1", "2", "z");
	assert_int_equal(set.n, 3);
	assert_ptr_equal(sipvpn_calls_next(&set, 0), a);
	assert_ptr_equal(sipvpn_calls_next(&set, 1), a);
	assert_ptr_equal(sipvpn_calls_next(&set, a->id + 1), b);
	sipvpn_call_over(&set, b, SIPVPN_WHY_HUNG_UP);
	assert_int_equal(set.n, 2);
	assert_ptr_equal(sipvpn_calls_next(&set, a->id + 1), c);
	sipvpn_calls_drop(&set, b);
	assert_ptr_equal(sipvpn_calls_next(&set, a->id + 1), c);
	assert_null(sipvpn_calls_next(&set, c->id + 1));
}

static void the_first_reason_counts(void **state)
{
	struct sipvpn_call *c = add("lab", "1", "2", "x");

	(void)state;
	assert_true(sipvpn_call_cut(
		&set, c, SIPVPN_WHY_UNFIT, SIPVPN_GROUP_OFF, NOW));
	assert_false(sipvpn_call_cut(
		&set, c, SIPVPN_WHY_REVOKED, SIPVPN_ALLOWED, NOW));
	sipvpn_call_over(&set, c, SIPVPN_WHY_HUNG_UP);
	assert_string_equal(sipvpn_call_why(c), "the group is switched off");
	sipvpn_call_gone(&set, c);
	assert_string_equal(sipvpn_call_why(c), "the group is switched off");
	assert_false(sipvpn_call_cut(
		&set, c, SIPVPN_WHY_REVOKED, SIPVPN_ALLOWED, NOW));
	assert_int_equal(set.n, 0);
}

static void gone_without_a_word(void **state)
{
	struct sipvpn_call *up = add("lab", "1", "2", "x");
	struct sipvpn_call *rang = add("lab", "1", "2", "y");

	(void)state;
	assert_true(sipvpn_call_answered(&set, up, SLICE("to"), 9));
	assert_int_equal(up->facts.since, 9);
	assert_true(slice_eq(up->facts.to_tag, SLICE("to")));
	assert_true(sipvpn_call_answered(&set, up, SLICE("other"), 10));
	assert_int_equal(up->facts.since, 9);
	sipvpn_call_gone(&set, up);
	sipvpn_call_gone(&set, rang);
	assert_string_equal(sipvpn_call_why(up), "hung up");
	assert_string_equal(sipvpn_call_why(rang), "not answered");
}

static void revokes_what_is_wanted(void **state)
{
	static const struct {
		const char *member, *domain, *call_id, *group;
		uint32_t id, n;
	} cases[] = {
		{NULL, NULL, "", "", 2, 1},
		{NULL, NULL, "", "", 9, 0},
		{NULL, NULL, "", "", 5, 0}, /* over */
		{NULL, NULL, "", "", 4, 0}, /* not a VPN call */
		{NULL, NULL, "y", "", 0, 1},
		{NULL, NULL, "Y", "", 0, 0},
		{"b", "example.org", "", "", 0, 2},
		{"b", "EXAMPLE.org", "", "", 0, 2},
		{"B", "example.org", "", "", 0, 0},
		{"b", "example.com", "", "", 0, 0},
		{"b", "example.org", "", "den", 0, 1},
		{"a", "example.org", "", "den", 0, 0},
		{"a", "example.org", "", "Lab", 0, 0},
		{NULL, NULL, "x", "den", 0, 0},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sipvpn_aor who = {slice_cstr(cases[i].member),
			slice_cstr(cases[i].domain)};
		struct sipvpn_call_wanted w = {.id = cases[i].id,
			.call_id = slice_cstr(cases[i].call_id),
			.member = cases[i].member ? &who : NULL,
			.group = slice_cstr(cases[i].group)};

		begin(state);
		(void)add("lab", "a", "b", "x");
		(void)add("den", "b", "c", "y");
		(void)add("den", "c", "d", "z");
		(void)add("", "b", "b", "x");
		sipvpn_call_over(
			&set, add("lab", "b", "b", "x"), SIPVPN_WHY_HUNG_UP);
		print_message("# case %zu\n", i);
		assert_int_equal(
			sipvpn_calls_revoke(&set, &w, NOW), cases[i].n);
		/* also those that are being ended already */
		assert_int_equal(
			sipvpn_calls_revoke(&set, &w, NOW), cases[i].n);
		end(state);
	}
}

static void steps(void **state)
{
	struct sipvpn_call *c = add("lab", "1", "2", "x");
	struct sipvpn_call *closed = add("", "1", "2", "y");

	(void)state;
	assert_true(set.work);
	assert_int_equal(sipvpn_call_step(c, false), SIPVPN_STEP_JUDGE);
	c->fresh = false;
	assert_int_equal(sipvpn_call_step(c, false), SIPVPN_STEP_NONE);
	assert_int_equal(sipvpn_call_step(c, true), SIPVPN_STEP_JUDGE);
	set.work = false;
	(void)sipvpn_call_cut(&set, c, SIPVPN_WHY_REVOKED, SIPVPN_ALLOWED, NOW);
	assert_true(set.work);
	assert_int_equal(sipvpn_call_step(c, true), SIPVPN_STEP_END);
	set.work = false;
	sipvpn_call_over(&set, c, SIPVPN_WHY_HUNG_UP);
	assert_true(set.work);
	assert_int_equal(sipvpn_call_step(c, true), SIPVPN_STEP_TELL);
	c->told = true;
	assert_int_equal(sipvpn_call_step(c, true), SIPVPN_STEP_NONE);
	set.work = false;
	sipvpn_call_gone(&set, c);
	assert_true(set.work);
	assert_int_equal(sipvpn_call_step(c, true), SIPVPN_STEP_DROP);

	assert_int_equal(sipvpn_call_step(closed, true), SIPVPN_STEP_NONE);
	(void)sipvpn_call_cut(
		&set, closed, SIPVPN_WHY_CLOSED, SIPVPN_ALLOWED, NOW);
	assert_int_equal(sipvpn_call_step(closed, true), SIPVPN_STEP_END);
	sipvpn_call_over(&set, closed, SIPVPN_WHY_HUNG_UP);
	assert_int_equal(sipvpn_call_step(closed, true), SIPVPN_STEP_DROP);
}

static void acts(void **state)
{
	const unsigned int late = NOW + SIPVPN_CALL_PATIENCE;
	const struct {
		enum sipvpn_why why;
		bool refused;
		enum sipvpn_phase phase;
		unsigned int now;
		enum sipvpn_act act;
	} cases[] = {
		{SIPVPN_WHY_REVOKED, false, SIPVPN_PHASE_UNKNOWN, NOW,
			SIPVPN_ACT_WAIT},
		{SIPVPN_WHY_REVOKED, false, SIPVPN_PHASE_UNKNOWN, late,
			SIPVPN_ACT_GIVE_UP},
		{SIPVPN_WHY_REVOKED, false, SIPVPN_PHASE_EARLY, NOW,
			SIPVPN_ACT_REFUSE},
		{SIPVPN_WHY_UNFIT, false, SIPVPN_PHASE_EARLY, late,
			SIPVPN_ACT_REFUSE},
		{SIPVPN_WHY_REVOKED, true, SIPVPN_PHASE_EARLY, NOW,
			SIPVPN_ACT_WAIT},
		/* the 200 is about to be noticed: no 403 any more */
		{SIPVPN_WHY_CLOSED, false, SIPVPN_PHASE_EARLY, NOW,
			SIPVPN_ACT_WAIT},
		{SIPVPN_WHY_CLOSED, false, SIPVPN_PHASE_EARLY, late,
			SIPVPN_ACT_GIVE_UP},
		{SIPVPN_WHY_REVOKED, false, SIPVPN_PHASE_UNACKED, late - 1,
			SIPVPN_ACT_WAIT},
		{SIPVPN_WHY_REVOKED, false, SIPVPN_PHASE_UNACKED, late,
			SIPVPN_ACT_BYE},
		{SIPVPN_WHY_REVOKED, true, SIPVPN_PHASE_UP, NOW,
			SIPVPN_ACT_BYE},
		{SIPVPN_WHY_CLOSED, false, SIPVPN_PHASE_UP, NOW,
			SIPVPN_ACT_BYE},
		{SIPVPN_WHY_REVOKED, false, SIPVPN_PHASE_ENDED, NOW,
			SIPVPN_ACT_GIVE_UP},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sipvpn_call *c;

		begin(state);
		c = add("lab", "1", "2", "x");
		print_message("# case %zu\n", i);
		(void)sipvpn_call_cut(
			&set, c, cases[i].why, SIPVPN_NO_HUB, NOW);
		c->refused = cases[i].refused;
		assert_int_equal(
			sipvpn_call_act(c, cases[i].phase, cases[i].now),
			cases[i].act);
		end(state);
	}
}

/* The seconds since the start wrap around, too. */
static void patience_survives_the_wrap(void **state)
{
	struct sipvpn_call *c = add("lab", "1", "2", "x");

	(void)state;
	(void)sipvpn_call_cut(
		&set, c, SIPVPN_WHY_REVOKED, SIPVPN_ALLOWED, UINT32_MAX - 2);
	assert_int_equal(
		sipvpn_call_act(c, SIPVPN_PHASE_UNACKED, UINT32_MAX - 1),
		SIPVPN_ACT_WAIT);
	assert_int_equal(
		sipvpn_call_act(c, SIPVPN_PHASE_UNACKED, 28), SIPVPN_ACT_WAIT);
	assert_int_equal(
		sipvpn_call_act(c, SIPVPN_PHASE_UNACKED, 29), SIPVPN_ACT_BYE);
}

static void holds_addresses(void **state)
{
	static struct sipvpn_window w;
	struct sipvpn_subnet net4, net6;
	struct sipvpn_call *c;
	uint32_t n = 0;

	(void)state;
	assert_true(sipvpn_subnet_parse(SLICE("10.8.0.0/24"), &net4));
	assert_true(sipvpn_subnet_parse(SLICE("fd00:8::/64"), &net6));
	c = add("lab", "1", "2", "x");
	c->facts.ends =
		(struct sipvpn_ends){addr("10.8.0.1"), addr("10.8.0.2")};
	add("den", "1", "2", "y")->facts.ends =
		(struct sipvpn_ends){addr("10.8.0.3"), addr("10.8.0.4")};
	add("lab", "1", "2", "z")->facts.ends =
		(struct sipvpn_ends){addr("fd00:8::1"), addr("10.9.0.3")};
	/* its BYE may be on the way still */
	sipvpn_call_over(&set, c, SIPVPN_WHY_HUNG_UP);
	sipvpn_window_begin(&w, 0);
	sipvpn_calls_hold(&set, SLICE("lab"), &net4, &w);
	assert_true(sipvpn_window_lowest(&w, &n));
	assert_int_equal(n, 2);
	sipvpn_window_begin(&w, 0);
	sipvpn_calls_hold(&set, SLICE("lab"), &net6, &w);
	assert_true(sipvpn_window_lowest(&w, &n));
	assert_int_equal(n, 1);
	sipvpn_calls_drop(&set, c);
	sipvpn_window_begin(&w, 0);
	sipvpn_calls_hold(&set, SLICE("lab"), &net4, &w);
	assert_true(sipvpn_window_lowest(&w, &n));
	assert_int_equal(n, 0);
}

static void every_reason_has_words(void **state)
{
	struct sipvpn_call *c = add("lab", "1", "2", "x");

	(void)state;
	for (int why = SIPVPN_WHY_NONE; why <= SIPVPN_WHY_UNFIT; why++) {
		c->why = (enum sipvpn_why)why;
		assert_true(strlen(sipvpn_call_why(c)) > 0);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(copies_what_it_is_given),
		TEST(no_memory_is_no_call),
		TEST(ids_come_in_order_and_are_not_0),
		TEST(buckets_hold_many),
		TEST(lists_what_goes_on),
		TEST(the_first_reason_counts),
		TEST(gone_without_a_word),
		TEST(revokes_what_is_wanted),
		TEST(steps),
		TEST(acts),
		TEST(patience_survives_the_wrap),
		TEST(holds_addresses),
		TEST(every_reason_has_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
