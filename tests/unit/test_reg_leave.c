/* test_reg_leave.c - giving a registration up, and what means nothing. */
#include "reg_states.h"

#define RANDOM_RUNS 20000

static void check_leave(struct reg *r, bool must_ask)
{
	struct reg_action out[REG_MAX_ACTIONS];
	size_t n = STEP(r, out, .type = REG_EV_LEAVE);

	if (!must_ask) {
		assert_int_equal(n, 1);
		assert_int_equal(out[0].type, REG_REPORT_GONE);
		assert_int_equal(r->state, REG_GONE);
		return;
	}
	assert_int_equal(n, 2);
	assert_int_equal(out[0].type, REG_SEND);
	assert_int_equal(out[0].expires, 0);
	assert_int_equal(out[1].type, REG_SET_DEADLINE);
	assert_int_equal(out[1].ms, REG_LEAVE_MS);
	assert_int_equal(r->state, REG_LEAVING);
}

static void leave(void **state)
{
	struct reg r;
	struct reg_action out[REG_MAX_ACTIONS];

	(void)state;
	reg_init(&r, false);
	check_leave(&r, false);
	started(&r, false);
	check_leave(&r, true); /* the answer may be on its way */
	registered(&r, false);
	check_leave(&r, true);
	registered(&r, false);
	STEP(&r, out, .type = REG_EV_DEADLINE);
	check_leave(&r, true);
	registered(&r, false); /* lost, the binding may live on */
	STEP(&r, out, .type = REG_EV_NO_ANSWER);
	check_leave(&r, true);
	started(&r, false); /* refused: there is none */
	STEP(&r, out, .type = REG_EV_REFUSED, .status = 503);
	check_leave(&r, false);
	leaving(&r); /* twice */
	assert_int_equal(STEP(&r, out, .type = REG_EV_LEAVE), 0);
	gone(&r);
	assert_int_equal(STEP(&r, out, .type = REG_EV_LEAVE), 0);
}

/* No answer came: the server may have taken the REGISTER all the same. */
static void leave_after_silence(void **state)
{
	struct reg r;
	struct reg_action out[REG_MAX_ACTIONS];

	(void)state;
	waiting(&r);
	check_leave(&r, true);
	waiting(&r); /* a later refusal takes nothing back */
	STEP(&r, out, .type = REG_EV_DEADLINE);
	STEP(&r, out, .type = REG_EV_REFUSED, .status = 503);
	check_leave(&r, true);
}

static void last_words(void **state)
{
	static const enum reg_event_type ends[] = {REG_EV_OK, REG_EV_REFUSED,
		REG_EV_AUTH_FAILED, REG_EV_TOO_BRIEF, REG_EV_NO_ANSWER,
		REG_EV_DEADLINE};

	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct reg r;
		struct reg_action out[REG_MAX_ACTIONS];

		leaving(&r);
		assert_int_equal(STEP(&r, out, .type = ends[i], .status = 500,
					 .expires = 1000),
			1);
		assert_int_equal(out[0].type, REG_REPORT_GONE);
		assert_int_equal(out[0].status, i == 0 ? 200 : 0);
		assert_int_equal(r.state, REG_GONE);
	}
}

/* Facts that mean nothing where they come. */
static void ignored(void **state)
{
	static const struct {
		void (*reach)(struct reg *);
		enum reg_event_type deaf[8];
		size_t n;
	} cases[] = {
#define ANSWERS                                                                \
	REG_EV_OK, REG_EV_TOO_BRIEF, REG_EV_REFUSED, REG_EV_AUTH_FAILED,       \
		REG_EV_NO_ANSWER
		{waiting, {REG_EV_START, ANSWERS}, 6},
		{gone, {REG_EV_START, ANSWERS, REG_EV_DEADLINE, REG_EV_LEAVE},
			8},
		{leaving, {REG_EV_LEAVE}, 1},
	};
	struct reg r;
	struct reg_action out[REG_MAX_ACTIONS];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t k = 0; k < cases[i].n; k++) {
			enum reg_state before;

			cases[i].reach(&r);
			before = r.state;
			assert_int_equal(
				STEP(&r, out, .type = cases[i].deaf[k]), 0);
			assert_int_equal(r.state, before);
		}
	reg_init(&r, false);
	for (int type = REG_EV_OK; type <= REG_EV_DEADLINE; type++)
		assert_int_equal(
			STEP(&r, out, .type = (enum reg_event_type)type), 0);
	started(&r, false);
	assert_int_equal(STEP(&r, out, .type = REG_EV_START), 0);
	registered(&r, false);
	assert_int_equal(STEP(&r, out, .type = REG_EV_START), 0);
	assert_int_equal(r.state, REG_REGISTERED);
}

/* Whatever comes: waits within bounds, one last word, nothing behind it. */
static void any_order(void **state)
{
	uint64_t random = 42;

	(void)state;
	for (int run = 0; run < RANDOM_RUNS; run++) {
		struct reg r;
		int last = 0;

		reg_init(&r, run % 2 == 0);
		for (int i = 0; i < 40; i++) {
			struct reg_event ev;
			struct reg_action out[REG_MAX_ACTIONS];
			size_t n;

			random = random * 6364136223846793005U +
				 1442695040888963407U;
			ev.type = (enum reg_event_type)(
				(random >> 33) % (REG_EV_LEAVE + 1));
			ev.status = (uint16_t)(300 + (random >> 40) % 400);
			ev.expires = (uint32_t)(random >> 20) % 4000;
			ev.retry_after = (uint32_t)(random >> 30) % 3600;
			ev.random = (uint16_t)(random >> 48);
			n = step(&r, &ev, out);
			assert_true(!last || n == 0);
			for (size_t k = 0; k < n; k++) {
				if (out[k].type == REG_REPORT_RETRY)
					assert_in_range(
						out[k].ms, 10000, 3600000);
				last += out[k].type == REG_REPORT_FAILED ||
					out[k].type == REG_REPORT_GONE;
			}
			assert_int_equal(last, r.state == REG_GONE);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leave),
		cmocka_unit_test(leave_after_silence),
		cmocka_unit_test(last_words),
		cmocka_unit_test(ignored),
		cmocka_unit_test(any_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
