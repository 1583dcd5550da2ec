/* test_reg.c - keeping one registration: what is sent, and when. */
#include "reg_states.h"

#define LONGEST 65535 /* the random number that makes a wait longest */

static void first_time_and_refresh(void **state)
{
	struct reg r;
	struct reg_action out[REG_MAX_ACTIONS];
	size_t n;

	(void)state;
	started(&r, false);
	n = STEP(&r, out, .type = REG_EV_OK, .expires = 120);
	assert_int_equal(n, 2);
	assert_int_equal(out[0].type, REG_REPORT_OK);
	assert_int_equal(out[0].expires, 120);
	assert_int_equal(out[1].type, REG_SET_DEADLINE);
	for (int i = 0; i < 3; i++) { /* refreshes are not told */
		n = STEP(&r, out, .type = REG_EV_DEADLINE);
		assert_int_equal(n, 1);
		assert_int_equal(out[0].type, REG_SEND);
		assert_int_equal(out[0].expires, REG_EXPIRES_S);
		n = STEP(&r, out, .type = REG_EV_OK, .expires = 120);
		assert_int_equal(n, 1);
		assert_int_equal(out[0].type, REG_SET_DEADLINE);
	}
}

/* 60 to 80 % of what was granted: time for a try and all its repeats. */
static void refresh_in_time(void **state)
{
	static const uint32_t granted[] = {
		1, 20, 60, 300, 3600, 86400, 3999999, 4000000, 4294967295U};

	(void)state;
	for (size_t i = 0; i < sizeof(granted) / sizeof(granted[0]); i++) {
		uint64_t ms = (uint64_t)granted[i] * 1000;
		uint32_t before = 0;

		for (uint32_t random = 0; random <= LONGEST; random += 257) {
			struct reg r;
			struct reg_action out[REG_MAX_ACTIONS];
			size_t n;
			uint32_t wait;

			started(&r, false);
			n = STEP(&r, out, .type = REG_EV_OK,
				.expires = granted[i],
				.random = (uint16_t)random);
			wait = deadline_of(out, n);
			assert_true(wait > 0 && wait <= ms / 10 * 8);
			if (granted[i] < 4000000)
				assert_true(wait >= ms / 10 * 6);
			else /* 32 bits of milliseconds */
				assert_true(wait >= 2400000000U);
			assert_true(wait >= before);
			before = wait;
		}
		if (granted[i] < 4000000)
			assert_int_equal(before, ms / 10 * 8);
	}
}

/* The server said nothing of its own: what we asked for holds. */
static void granted_in_silence(void **state)
{
	struct reg r;
	struct reg_action out[REG_MAX_ACTIONS];
	size_t n;

	(void)state;
	started(&r, false);
	n = STEP(&r, out, .type = REG_EV_OK);
	assert_int_equal(out[0].type, REG_REPORT_OK);
	assert_int_equal(out[0].expires, REG_EXPIRES_S);
	assert_int_equal(deadline_of(out, n), REG_EXPIRES_S * 600);
}

static void too_brief(void **state)
{
	struct reg r;
	struct reg_action out[REG_MAX_ACTIONS];

	(void)state;
	for (int refresh = 0; refresh < 2; refresh++) {
		if (refresh)
			registered(&r, false);
		else
			started(&r, false);
		assert_int_equal(STEP(&r, out, .type = REG_EV_TOO_BRIEF,
					 .status = 423, .expires = 900),
			1);
		assert_int_equal(out[0].type, REG_SEND);
		assert_int_equal(out[0].expires, 900);
		/* remembered, and raised again when asked to */
		STEP(&r, out, .type = REG_EV_OK, .expires = 900);
		STEP(&r, out, .type = REG_EV_DEADLINE);
		assert_int_equal(out[0].expires, 900);
		STEP(&r, out, .type = REG_EV_TOO_BRIEF, .expires = 901);
		assert_int_equal(out[0].expires, 901);
		/* less than we ask for is no reason for a 423 */
		assert_int_equal(STEP(&r, out, .type = REG_EV_TOO_BRIEF,
					 .status = 423, .expires = 901),
			1);
		assert_int_equal(out[0].type, REG_REPORT_FAILED);
		assert_int_equal(out[0].status, 423);
		assert_int_equal(r.state, REG_GONE);
	}
}

static void which_failures_are_final(void **state)
{
	static const struct {
		enum reg_event_type type;
		uint16_t status;
		bool final;
	} cases[] = {
		{REG_EV_AUTH_FAILED, 401, true},
		{REG_EV_AUTH_FAILED, 407, true},
		{REG_EV_REFUSED, 400, true},
		{REG_EV_REFUSED, 403, true},
		{REG_EV_REFUSED, 404, true},
		{REG_EV_REFUSED, 405, true},
		{REG_EV_REFUSED, 499, true},
		{REG_EV_REFUSED, 408, false},
		{REG_EV_REFUSED, 480, false},
		{REG_EV_REFUSED, 302, false},
		{REG_EV_REFUSED, 500, false},
		{REG_EV_REFUSED, 503, false},
		{REG_EV_REFUSED, 600, false},
		{REG_EV_NO_ANSWER, 0, false},
	};

	(void)state;
	for (size_t i = 0; i < 3 * sizeof(cases) / sizeof(cases[0]); i++) {
		struct reg r;
		struct reg_action out[REG_MAX_ACTIONS];
		bool once = i % 3 == 1;
		bool refresh = i % 3 == 2;
		bool final = cases[i / 3].final || once;
		size_t n;

		if (refresh)
			registered(&r, false);
		else
			started(&r, once);
		n = STEP(&r, out, .type = cases[i / 3].type,
			.status = cases[i / 3].status);
		assert_int_equal(n, final ? 1 : 2);
		if (final) {
			assert_int_equal(r.state, REG_GONE);
			assert_int_equal(out[0].type, REG_REPORT_FAILED);
			assert_int_equal(out[0].status, cases[i / 3].status);
		} else {
			assert_int_equal(r.state, REG_WAITING);
			assert_int_equal(out[0].type, REG_SET_DEADLINE);
			assert_int_equal(out[1].type, REG_REPORT_RETRY);
			assert_int_equal(out[1].ms, out[0].ms);
		}
	}
}

/* A single command gives up at once, but not on a call that it has made. */
static void once(void **state)
{
	struct reg r;
	struct reg_action out[REG_MAX_ACTIONS];

	(void)state;
	registered(&r, true);
	STEP(&r, out, .type = REG_EV_DEADLINE);
	STEP(&r, out, .type = REG_EV_NO_ANSWER);
	assert_int_equal(r.state, REG_WAITING);
}

static void next_try(struct reg *r)
{
	struct reg_action out[REG_MAX_ACTIONS];

	assert_int_equal(STEP(r, out, .type = REG_EV_DEADLINE), 1);
	assert_int_equal(out[0].type, REG_SEND);
	assert_int_equal(r->state, REG_TRYING);
}

/* RFC 5626 section 4.5: doubled each time, 50 to 100 %, half an hour at most */
static void back_off(void **state)
{
	struct reg low, high;
	struct reg_action out[REG_MAX_ACTIONS];
	uint32_t whole = REG_BACKOFF_BASE_S * 1000;

	(void)state;
	started(&low, false);
	started(&high, false);
	for (int i = 0; i < 100; i++) {
		size_t n = STEP(&low, out, .type = REG_EV_NO_ANSWER);

		assert_int_equal(deadline_of(out, n), whole / 2);
		assert_true(whole / 2 >= 10000);
		n = STEP(&high, out, .type = REG_EV_NO_ANSWER,
			.random = LONGEST);
		assert_int_equal(deadline_of(out, n), whole);
		assert_true(whole <= 1800000);
		next_try(&low);
		next_try(&high);
		whole = whole * 2 > 1800000 ? 1800000 : whole * 2;
	}
	/* all is forgotten once it works */
	assert_int_equal(STEP(&low, out, .type = REG_EV_OK), 2);
	assert_int_equal(out[0].type, REG_REPORT_OK);
	STEP(&low, out, .type = REG_EV_DEADLINE);
	STEP(&low, out, .type = REG_EV_NO_ANSWER);
	assert_int_equal(out[0].ms, REG_BACKOFF_BASE_S * 500);
}

static void lost_and_back_again(void **state)
{
	struct reg r;
	struct reg_action out[REG_MAX_ACTIONS];

	(void)state;
	registered(&r, false);
	STEP(&r, out, .type = REG_EV_DEADLINE);
	STEP(&r, out, .type = REG_EV_REFUSED, .status = 503);
	next_try(&r);
	assert_int_equal(STEP(&r, out, .type = REG_EV_OK, .expires = 60), 2);
	assert_int_equal(out[0].type, REG_REPORT_OK);
	assert_int_equal(out[0].expires, 60);
}

/* Retry-After makes the wait longer, never shorter, and not for ever. */
static void retry_after(void **state)
{
	static const struct {
		uint32_t asked, ms;
	} cases[] = {
		{0, 20000},
		{1, 20000},
		{21, 21000},
		{3600, 3600000},
		{86400, 86400000},
		{UINT32_MAX, 86400000},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reg r;
		struct reg_action out[REG_MAX_ACTIONS];
		size_t n;

		started(&r, false);
		n = STEP(&r, out, .type = REG_EV_REFUSED, .status = 503,
			.retry_after = cases[i].asked, .random = LONGEST);
		assert_int_equal(deadline_of(out, n), cases[i].ms);
	}
}

/* The connection broke: register again, but not at once. */
static void lost(void **state)
{
	struct reg r;
	struct reg_action out[REG_MAX_ACTIONS];

	(void)state;
	for (int once = 0; once < 2; once++) {
		registered(&r, once);
		assert_int_equal(STEP(&r, out, .type = REG_EV_LOST), 2);
		assert_int_equal(out[0].type, REG_SET_DEADLINE);
		assert_int_equal(out[0].ms, 10000);
		assert_int_equal(out[1].type, REG_REPORT_RETRY);
		assert_int_equal(STEP(&r, out, .type = REG_EV_LOST), 0);
		next_try(&r);
	}
	/* the REGISTER that is out tells more */
	started(&r, false);
	assert_int_equal(STEP(&r, out, .type = REG_EV_LOST), 0);
	assert_int_equal(r.state, REG_TRYING);
}

/* Another network: at once, in whatever state but the last ones. */
static void again(void **state)
{
	struct reg r;
	struct reg_action out[REG_MAX_ACTIONS];

	(void)state;
	registered(&r, false);
	assert_int_equal(STEP(&r, out, .type = REG_EV_AGAIN), 1);
	assert_int_equal(out[0].type, REG_SEND);
	assert_int_equal(r.state, REG_REGISTERED);
	started(&r, false);
	assert_int_equal(STEP(&r, out, .type = REG_EV_AGAIN), 1);
	assert_int_equal(out[0].type, REG_SEND);
	waiting(&r);
	assert_int_equal(STEP(&r, out, .type = REG_EV_AGAIN), 2);
	assert_int_equal(out[0].type, REG_SET_DEADLINE);
	assert_int_equal(out[0].ms, 0);
	assert_int_equal(out[1].type, REG_SEND);
	assert_int_equal(r.state, REG_TRYING);
	reg_init(&r, false);
	assert_int_equal(STEP(&r, out, .type = REG_EV_AGAIN), 0);
	leaving(&r);
	assert_int_equal(STEP(&r, out, .type = REG_EV_AGAIN), 0);
	assert_int_equal(r.state, REG_LEAVING);
	gone(&r);
	assert_int_equal(STEP(&r, out, .type = REG_EV_AGAIN), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_time_and_refresh),
		cmocka_unit_test(refresh_in_time),
		cmocka_unit_test(granted_in_silence),
		cmocka_unit_test(too_brief),
		cmocka_unit_test(which_failures_are_final),
		cmocka_unit_test(once),
		cmocka_unit_test(back_off),
		cmocka_unit_test(lost_and_back_again),
		cmocka_unit_test(retry_after),
		cmocka_unit_test(lost),
		cmocka_unit_test(again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
