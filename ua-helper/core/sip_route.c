/* sip_route.c - which of several SIP servers is used. PURE. */
#include "core/sip_route.h"

void route_set(struct route *r, size_t n)
{
	*r = (struct route){.current = ROUTE_NONE};
	r->n = n < ROUTE_MAX ? n : ROUTE_MAX;
}

/*
 * The best one that was not tried in this round. One that is being shunned is
 * better than none: all may have failed while the network was down.
 */
static size_t choose(const struct route *r, uint64_t now_ms)
{
	size_t last_resort = ROUTE_NONE;

	for (size_t i = 0; i < r->n; i++) {
		if (r->hop[i].tried)
			continue;
		if (r->hop[i].shun_until_ms <= now_ms)
			return i;
		if (last_resort == ROUTE_NONE)
			last_resort = i;
	}
	return last_resort;
}

static size_t take(struct route *r, size_t i)
{
	r->current = i;
	if (i != ROUTE_NONE)
		r->hop[i].tried = true;
	return i;
}

size_t route_begin(struct route *r, uint64_t now_ms)
{
	for (size_t i = 0; i < r->n; i++)
		r->hop[i].tried = false;
	return take(r, choose(r, now_ms));
}

size_t route_failed(struct route *r, uint64_t now_ms, uint32_t retry_after_s)
{
	uint64_t shun_s = ROUTE_SHUN_MIN_S;
	struct route_hop *hop;

	if (r->current == ROUTE_NONE)
		return ROUTE_NONE;
	hop = &r->hop[r->current];
	for (unsigned i = 0; i < hop->failures && shun_s < ROUTE_SHUN_MAX_S;
		i++)
		shun_s *= 2;
	if (shun_s > ROUTE_SHUN_MAX_S)
		shun_s = ROUTE_SHUN_MAX_S;
	if (shun_s < retry_after_s)
		shun_s = retry_after_s;
	hop->failures++;
	hop->shun_until_ms = now_ms + shun_s * 1000;
	return take(r, choose(r, now_ms));
}

void route_worked(struct route *r)
{
	if (r->current == ROUTE_NONE)
		return;
	r->hop[r->current].failures = 0;
	r->hop[r->current].shun_until_ms = 0;
}

bool route_has_next(const struct route *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (!r->hop[i].tried)
			return true;
	return false;
}

void route_forgive(struct route *r)
{
	for (size_t i = 0; i < r->n; i++)
		r->hop[i] = (struct route_hop){.tried = r->hop[i].tried};
}
