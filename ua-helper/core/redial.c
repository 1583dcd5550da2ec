/* redial.c - when to call again. PURE. */
#include "core/redial.h"

uint32_t redial_after(struct redial *r, uint32_t up_ms, uint16_t random)
{
	uint32_t wait = REDIAL_BASE_MS;

	if (up_ms >= REDIAL_STOOD_MS)
		r->failures = 0;
	for (unsigned i = 0; i < r->failures && wait < REDIAL_MAX_MS; i++)
		wait *= 2;
	if (wait > REDIAL_MAX_MS)
		wait = REDIAL_MAX_MS;
	r->failures++;
	return wait / 2 + (uint32_t)((uint64_t)wait * random / 2 / UINT16_MAX);
}
