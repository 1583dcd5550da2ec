/*
 * reg_states.h - how to bring a registration into each of its states; for the
 * tests of reg.c.
 */
#ifndef SIPVPN_TEST_REG_STATES_H
#define SIPVPN_TEST_REG_STATES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "core/reg.h"

static inline size_t step(struct reg *r, const struct reg_event *ev,
	struct reg_action out[static REG_MAX_ACTIONS])
{
	size_t n = reg_step(r, ev, out);

	assert_true(n <= REG_MAX_ACTIONS);
	return n;
}

#define STEP(r, out, ...) step(r, &(const struct reg_event){__VA_ARGS__}, out)

static inline void started(struct reg *r, bool once)
{
	struct reg_action out[REG_MAX_ACTIONS];

	reg_init(r, once);
	assert_int_equal(r->state, REG_IDLE);
	assert_int_equal(STEP(r, out, .type = REG_EV_START), 1);
	assert_int_equal(out[0].type, REG_SEND);
	assert_int_equal(out[0].expires, REG_EXPIRES_S);
	assert_int_equal(r->state, REG_TRYING);
}

static inline void registered(struct reg *r, bool once)
{
	struct reg_action out[REG_MAX_ACTIONS];

	started(r, once);
	assert_int_equal(STEP(r, out, .type = REG_EV_OK, .expires = 300), 2);
	assert_int_equal(r->state, REG_REGISTERED);
}

static inline void waiting(struct reg *r)
{
	struct reg_action out[REG_MAX_ACTIONS];

	started(r, false);
	STEP(r, out, .type = REG_EV_NO_ANSWER);
	assert_int_equal(r->state, REG_WAITING);
}

static inline void leaving(struct reg *r)
{
	struct reg_action out[REG_MAX_ACTIONS];

	registered(r, false);
	STEP(r, out, .type = REG_EV_LEAVE);
	assert_int_equal(r->state, REG_LEAVING);
}

static inline void gone(struct reg *r)
{
	struct reg_action out[REG_MAX_ACTIONS];

	leaving(r);
	STEP(r, out, .type = REG_EV_OK);
	assert_int_equal(r->state, REG_GONE);
}

static inline uint32_t deadline_of(const struct reg_action *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (out[i].type == REG_SET_DEADLINE)
			return out[i].ms;
	fail_msg("no deadline is set");
	return 0;
}

#endif
