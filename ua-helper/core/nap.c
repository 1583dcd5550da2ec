/* nap.c - has this machine slept? PURE. */
#include "core/nap.h"

static bool read_well(const struct nap_clocks *c)
{
	return c->boottime != 0 && c->boottime >= c->monotonic;
}

bool nap_between(const struct nap_clocks *then, const struct nap_clocks *now)
{
	uint64_t before = then->boottime - then->monotonic;
	uint64_t after = now->boottime - now->monotonic;

	if (!read_well(then) || !read_well(now) || after < before)
		return false;
	return after - before > NAP_MIN_MS;
}
