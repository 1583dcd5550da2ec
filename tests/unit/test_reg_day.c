/*
 * test_reg_day.c - a day of a registration with a moved clock: refreshes in
 * time, an hour without the server, a restart that a thousand others see, too.
 */
#include <string.h>

#include "reg_states.h"

#define SECOND 1000U
#define MINUTE (60 * SECOND)
#define HOUR ((uint64_t)60 * MINUTE)
#define DAY (24 * HOUR)
#define GRANTED_S 300
#define CLIENTS 1000
#define NEVER UINT64_MAX

/* One endpoint and its clock. */
struct client {
	struct reg reg;
	uint32_t seed;
	uint64_t now;
	uint64_t deadline;
	uint64_t answer; /* when the REGISTER that is out is answered */
	bool works;      /* and how */
	uint64_t sent;   /* the last REGISTER */
	uint64_t bound_until;
	unsigned count;
	uint64_t closest; /* two tries, not counting answered ones */
};

static uint16_t chance(struct client *c)
{
	c->seed = c->seed * 1664525U + 1013904223U;
	return (uint16_t)(c->seed >> 16);
}

/* The server is away from the tenth to the eleventh hour. */
static bool away(uint64_t now)
{
	return now >= 10 * HOUR && now < 11 * HOUR;
}

static void feed(struct client *c, enum reg_event_type type, uint32_t expires)
{
	struct reg_action out[REG_MAX_ACTIONS];
	struct reg_event ev = {
		.type = type, .expires = expires, .random = chance(c)};
	size_t n = step(&c->reg, &ev, out);

	for (size_t i = 0; i < n; i++) {
		if (out[i].type == REG_SET_DEADLINE)
			c->deadline = out[i].ms ? c->now + out[i].ms : NEVER;
		if (out[i].type != REG_SEND)
			continue;
		if (c->reg.failures > 0 && c->now - c->sent < c->closest)
			c->closest = c->now - c->sent;
		c->sent = c->now;
		c->count++;
		c->works = !away(c->now);
		/* nobody at the port says so at once: the worst case */
		c->answer = c->now + 1;
	}
}

/* On to the next thing that happens; false when that is after the end. */
static bool next(struct client *c, uint64_t end)
{
	uint64_t at = c->answer < c->deadline ? c->answer : c->deadline;

	if (at >= end) {
		c->now = end;
		return false;
	}
	c->now = at;
	if (at == c->answer) {
		c->answer = NEVER;
		if (c->works)
			c->bound_until = c->now + GRANTED_S * SECOND;
		feed(c, c->works ? REG_EV_OK : REG_EV_NO_ANSWER,
			c->works ? GRANTED_S : 0);
	} else {
		c->deadline = NEVER;
		feed(c, REG_EV_DEADLINE, 0);
	}
	return true;
}

static void begin(struct client *c, uint32_t seed)
{
	memset(c, 0, sizeof(*c));
	c->seed = seed;
	c->deadline = c->answer = NEVER;
	c->closest = NEVER;
	reg_init(&c->reg, false);
	feed(c, REG_EV_START, 0);
}

static void a_day(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= 20; seed++) {
		struct client c;
		unsigned before;

		begin(&c, seed);
		while (next(&c, 10 * HOUR))
			/* the refresh comes while the binding holds */
			if (c.bound_until)
				assert_true(c.now < c.bound_until);
		/* 10 hours of a refresh each 180 to 240 s */
		assert_in_range(c.count, 150, 201);
		before = c.count;
		while (next(&c, 11 * HOUR))
			;
		assert_in_range(c.count - before, 3, 12);
		assert_true(c.closest >= 10 * SECOND);
		/* it is back within the longest wait */
		while (next(&c, 11 * HOUR + REG_BACKOFF_MAX_S * SECOND + 2))
			;
		assert_int_equal(c.reg.state, REG_REGISTERED);
		assert_true(c.bound_until > c.now);
		assert_int_equal(c.reg.failures, 0);
		while (next(&c, DAY))
			assert_true(c.now < c.bound_until);
		assert_in_range(c.count, 330, 500);
	}
}

/* How many of them register in the second in which most of them do? */
static unsigned crowd(struct client *all, uint64_t from, uint64_t to)
{
	static unsigned in_second[3600];
	unsigned most = 0;

	memset(in_second, 0, sizeof(in_second));
	for (size_t i = 0; i < CLIENTS; i++) {
		uint64_t counted = all[i].sent;

		while (next(&all[i], to))
			if (all[i].sent != counted && all[i].sent >= from) {
				counted = all[i].sent;
				in_second[(counted - from) / SECOND]++;
			}
	}
	for (size_t i = 0; i < 3600; i++)
		most = in_second[i] > most ? in_second[i] : most;
	return most;
}

static struct client all[CLIENTS];

/* After an hour's outage they come one by one, not all at once. */
static void no_storm_after_an_outage(void **state)
{
	(void)state;
	for (size_t i = 0; i < CLIENTS; i++) {
		begin(&all[i], (uint32_t)i * 7919U + 1);
		while (next(&all[i], 11 * HOUR))
			;
	}
	/* evenly spread over 50 minutes it would be under one a second */
	assert_in_range(crowd(all, 11 * HOUR, 12 * HOUR), 1, 15);
	for (size_t i = 0; i < CLIENTS; i++)
		assert_int_equal(all[i].reg.state, REG_REGISTERED);
}

/* Nor when it restarts and all lose their connection at the same moment. */
static void no_storm_after_a_restart(void **state)
{
	uint64_t then = 2 * HOUR;

	(void)state;
	for (size_t i = 0; i < CLIENTS; i++) {
		begin(&all[i], (uint32_t)i * 104729U + 1);
		while (next(&all[i], then))
			;
		all[i].answer = NEVER;
		if (all[i].reg.state == REG_REGISTERED)
			feed(&all[i], REG_EV_LOST, 0);
		assert_int_equal(all[i].reg.state, REG_WAITING);
		assert_in_range(
			all[i].deadline - then, 10 * SECOND, 20 * SECOND);
	}
	/* a thousand in ten seconds are a hundred a second */
	assert_in_range(crowd(all, then, then + MINUTE), 1, 140);
	for (size_t i = 0; i < CLIENTS; i++)
		assert_int_equal(all[i].reg.state, REG_REGISTERED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_day),
		cmocka_unit_test(no_storm_after_an_outage),
		cmocka_unit_test(no_storm_after_a_restart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
