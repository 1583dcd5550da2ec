/* twice.c - a second call with the same peer. PURE. */
#include "core/twice.h"

enum twice twice_incoming(const struct twice_call *old, int order)
{
	if (old->ending)
		return TWICE_TAKE;
	if (!old->outgoing || !old->sent)
		return TWICE_REPLACE;
	if (old->answered && old->answered_ms >= TWICE_CROSSING_MS)
		return TWICE_REPLACE;
	/* they cross; with ourselves (0) both would win, so neither does */
	return order <= 0 ? TWICE_REFUSE : TWICE_REPLACE;
}

enum twice twice_outgoing(const struct twice_call *old)
{
	return old->ending ? TWICE_TAKE : TWICE_REFUSE;
}
