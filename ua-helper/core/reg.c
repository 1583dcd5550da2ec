/* reg.c - keeping one registration. PURE. */
#include "core/reg.h"

#define RETRY_AFTER_MAX_S 86400 /* a server cannot send us away for longer */

struct acts {
	struct reg_action *out;
	size_t n;
};

static struct reg_action *act(struct acts *a, enum reg_action_type type)
{
	struct reg_action *one = &a->out[a->n++];

	*one = (struct reg_action){.type = type};
	return one;
}

static void deadline(struct acts *a, uint32_t ms)
{
	act(a, REG_SET_DEADLINE)->ms = ms;
}

static void send_register(const struct reg *r, struct acts *a)
{
	act(a, REG_SEND)->expires = r->expires;
}

/* A share of 50 to 100 % of whole, by a random number. */
static uint32_t upper_half(uint32_t whole, uint16_t random)
{
	return whole / 2 + (uint32_t)((uint64_t)whole * random / 2 / 65535);
}

static void fail(struct reg *r, struct acts *a, const struct reg_event *ev)
{
	struct reg_action *f = act(a, REG_REPORT_FAILED);

	f->status = ev->status;
	r->state = REG_GONE;
}

/* Answers that trying again will not change (RFC 3261 section 21.4). */
static bool hopeless(const struct reg_event *ev)
{
	if (ev->type == REG_EV_AUTH_FAILED)
		return true;
	if (ev->type != REG_EV_REFUSED)
		return false;
	return ev->status >= 400 && ev->status < 500 && ev->status != 408 &&
	       ev->status != 480;
}

static void try_later(struct reg *r, struct acts *a, const struct reg_event *ev)
{
	uint32_t wait = REG_BACKOFF_BASE_S * 1000;

	for (unsigned i = 0; i < r->failures && wait < REG_BACKOFF_MAX_S * 1000;
		i++)
		wait *= 2;
	if (wait > REG_BACKOFF_MAX_S * 1000)
		wait = REG_BACKOFF_MAX_S * 1000;
	wait = upper_half(wait, ev->random);
	if (ev->retry_after > wait / 1000) /* RFC 3261 section 20.33 */
		wait = (ev->retry_after < RETRY_AFTER_MAX_S
				       ? ev->retry_after
				       : RETRY_AFTER_MAX_S) *
		       1000;
	r->failures++;
	r->state = REG_WAITING;
	deadline(a, wait);
	act(a, REG_REPORT_RETRY)->ms = wait;
}

static void failed(struct reg *r, struct acts *a, const struct reg_event *ev)
{
	r->unsure = r->unsure || ev->type == REG_EV_NO_ANSWER;
	if (hopeless(ev) || (r->once && !r->bound))
		fail(r, a, ev);
	else
		try_later(r, a, ev);
}

static void succeeded(struct reg *r, struct acts *a, const struct reg_event *ev)
{
	uint32_t granted = ev->expires > 0 ? ev->expires : r->expires;
	uint32_t wait = granted < 4000000 ? granted * 1000 : 4000000000U;

	if (r->state != REG_REGISTERED)
		act(a, REG_REPORT_OK)->expires = granted;
	r->state = REG_REGISTERED;
	r->bound = true;
	r->failures = 0;
	/* at 75 to 100 % of 80 %: early enough for a try and all its repeats */
	wait = wait / 5 * 2 + upper_half(wait / 5 * 2, ev->random);
	deadline(a, wait);
}

static void leave(struct reg *r, struct acts *a)
{
	if (!r->bound && !r->unsure && r->state != REG_TRYING) {
		r->state = REG_GONE;
		act(a, REG_REPORT_GONE);
		return;
	}
	r->state = REG_LEAVING;
	r->expires = 0;
	send_register(r, a);
	deadline(a, REG_LEAVE_MS);
}

static void trying(struct reg *r, struct acts *a, const struct reg_event *ev)
{
	switch (ev->type) {
	case REG_EV_OK:
		succeeded(r, a, ev);
		break;
	case REG_EV_TOO_BRIEF:
		if (ev->expires <= r->expires) {
			fail(r, a, ev); /* it contradicts itself */
			break;
		}
		r->expires = ev->expires;
		send_register(r, a);
		break;
	case REG_EV_REFUSED:
	case REG_EV_AUTH_FAILED:
	case REG_EV_NO_ANSWER:
		failed(r, a, ev);
		break;
	default:
		break;
	}
}

void reg_init(struct reg *r, bool once)
{
	*r = (struct reg){.once = once, .expires = REG_EXPIRES_S};
}

size_t reg_step(struct reg *r, const struct reg_event *ev,
	struct reg_action out[static REG_MAX_ACTIONS])
{
	struct acts a = {out, 0};

	if (r->state == REG_GONE)
		return 0;
	if (ev->type == REG_EV_LEAVE) {
		if (r->state != REG_LEAVING)
			leave(r, &a);
		return a.n;
	}
	switch (r->state) {
	case REG_IDLE:
		if (ev->type == REG_EV_START) {
			send_register(r, &a);
			r->state = REG_TRYING;
		}
		break;
	case REG_TRYING:
	case REG_REGISTERED:
		if (ev->type == REG_EV_DEADLINE || ev->type == REG_EV_AGAIN)
			send_register(r, &a);
		else if (ev->type == REG_EV_LOST && r->state == REG_REGISTERED)
			/* all clients of a server that restarts lose theirs at
			 * the same moment: RFC 5626 section 4.5 */
			try_later(r, &a, ev);
		else
			trying(r, &a, ev);
		break;
	case REG_WAITING:
		if (ev->type == REG_EV_DEADLINE || ev->type == REG_EV_AGAIN) {
			if (ev->type == REG_EV_AGAIN)
				deadline(&a, 0);
			send_register(r, &a);
			r->state = REG_TRYING;
		}
		break;
	case REG_LEAVING:
		if (ev->type == REG_EV_AGAIN)
			break;
		r->state = REG_GONE;
		act(&a, REG_REPORT_GONE)->status =
			ev->type == REG_EV_OK ? 200 : 0;
		break;
	case REG_GONE:
		break;
	}
	return a.n;
}
