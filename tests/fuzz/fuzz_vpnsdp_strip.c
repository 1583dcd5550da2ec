/*
 * fuzz_vpnsdp_strip.c - any bytes as a body: what is closed stays closed,
 * grows by no more than its ports, and nobody reads an endpoint from it.
 * Rule: a finding is a trap, never a message.
 */
#include <stdlib.h>
#include "vpnsdp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(ok)                                                               \
	do {                                                                   \
		if (!(ok))                                                     \
			__builtin_trap();                                      \
	} while (0)

/* As large as is counted, so that the sanitizer sees the first byte more. */
static struct slice strip(struct slice body)
{
	struct sbuf count = sbuf_over(NULL, 0);
	struct sbuf out;
	char *mem;

	vpnsdp_strip(body, &count);
	mem = malloc(count.len ? count.len : 1);
	MUST(mem);
	out = sbuf_over(mem, count.len);
	vpnsdp_strip(body, &out);
	MUST(out.len == count.len);
	return (struct slice){mem, out.len};
}

static void check_reading(struct slice body, struct slice closed)
{
	struct vpnsdp before, after;
	struct vpnsdp_addr addr;
	uint16_t port;
	enum vpnsdp_err ret = vpnsdp_parse(body, &before, NULL);

	if (closed.len <= VPNSDP_MAX_BODY && ret == VPNSDP_OK)
		MUST(vpnsdp_parse(closed, &after, NULL) == VPNSDP_OK);
	if (vpnsdp_parse(closed, &after, NULL) != VPNSDP_OK)
		return;
	MUST(after.port == 0 && !vpnsdp_endpoint(&after, &addr, &port));
	MUST(after.vpn_id.len == 0 && after.n_candidates == 0);
	MUST(!after.local.family && !after.remote.family);
	if (ret == VPNSDP_OK)
		MUST(after.n_media == before.n_media &&
			after.vpn_index == before.vpn_index);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* a copy of its own: the sanitizer sees the first byte too many */
	char *copy = malloc(size ? size : 1);
	struct slice body = {copy, size};
	struct slice closed, again;

	MUST(copy);
	if (size)
		memcpy(copy, data, size);
	closed = strip(body);
	again = strip(closed);
	MUST(slice_eq(closed, again));
	MUST(vpnsdp_mentions(body) == vpnsdp_mentions(closed));
	if (!vpnsdp_mentions(body))
		MUST(slice_eq(body, closed));
	MUST(closed.len <= size + size / 8);
	check_reading(body, closed);
	free((char *)(uintptr_t)again.p);
	free((char *)(uintptr_t)closed.p);
	free(copy);
	return 0;
}
