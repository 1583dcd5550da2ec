/* keepalive.c - keeping the way to the server open. PURE. */
#include "core/keepalive.h"

#define FLOW_TIMER_MAX_S 86400 /* keeps milliseconds within 32 bits */

void keepalive_init(struct keepalive *k, bool stream)
{
	*k = (struct keepalive){.stream = stream};
}

void keepalive_learn(struct keepalive *k, bool outbound, uint32_t flow_timer_s)
{
	k->flow_timer_s = flow_timer_s;
	k->pong = k->stream && (outbound || flow_timer_s > 0);
}

uint32_t keepalive_wait(const struct keepalive *k, uint16_t random)
{
	uint32_t whole =
		k->stream ? KEEPALIVE_STREAM_MS : KEEPALIVE_DATAGRAM_MS;

	if (k->flow_timer_s > FLOW_TIMER_MAX_S)
		whole = FLOW_TIMER_MAX_S * 1000;
	else if (k->flow_timer_s > 0)
		whole = k->flow_timer_s * 1000;
	whole = whole / 5 * 4 +
		(uint32_t)((uint64_t)whole * random / 5 / 65535);
	return whole < KEEPALIVE_MIN_MS ? KEEPALIVE_MIN_MS : whole;
}

enum keepalive_action keepalive_due(
	struct keepalive *k, uint16_t random, uint32_t *wait_ms)
{
	if (k->waiting)
		return KEEPALIVE_DEAD;
	k->waiting = k->pong;
	*wait_ms = k->pong ? KEEPALIVE_PONG_MS : keepalive_wait(k, random);
	return KEEPALIVE_PING;
}

bool keepalive_pong(struct keepalive *k)
{
	bool awaited = k->waiting;

	k->waiting = false;
	return awaited;
}
