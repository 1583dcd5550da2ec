/*
 * fuzz_sipvpn_mime.c - any body under any Content-Type: no step outside, and
 * the SDP that is found lies in the body and has a VPN section. Rule: a
 * finding is a trap.
 *
 * The input is the Content-Type up to the first NUL (all, if there is none),
 * then the body.
 */
#include <stdlib.h>

#include "sipvpn_mime.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(ok)                                                               \
	do {                                                                   \
		if (!(ok))                                                     \
			__builtin_trap();                                      \
	} while (0)

/* A copy of its own: the sanitizer sees the first byte too many. */
static struct slice copy(struct slice s)
{
	char *p = malloc(s.len ? s.len : 1);

	MUST(p);
	if (s.len)
		memcpy(p, s.p, s.len);
	return (struct slice){p, s.len};
}

static bool is_inside(struct slice part, struct slice all)
{
	return part.p >= all.p && part.len <= all.len &&
	       (size_t)(part.p - all.p) <= all.len - part.len;
}

struct seen {
	struct slice body;
	size_t count;
};

/* Turns every part down; they all lie in the body, each behind the last. */
static bool look(struct slice sdp, const void *arg)
{
	struct seen *seen = *(struct seen *const *)arg;

	MUST(is_inside(sdp, seen->body));
	seen->body = slice_skip(
		seen->body, (size_t)(sdp.p - seen->body.p) + sdp.len);
	seen->count++;
	return false;
}

static void check_found(struct slice body, struct slice sdp)
{
	struct slice again = SLICE("");

	MUST(is_inside(sdp, body));
	MUST(vpnsdp_mentions(sdp));
	MUST(sipvpn_mime_find(SLICE("application/sdp"), sdp, &again));
	MUST(again.p == sdp.p && again.len == sdp.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct slice unset = SLICE("unset");
	struct slice rest = {(const char *)data, size};
	struct slice type = rest, body, sdp = unset, none = unset;
	struct seen seen, *arg = &seen;
	bool found;

	if (memchr(rest.p ? rest.p : "", '\0', rest.len))
		slice_cut(&rest, '\0', &type);
	else
		rest = SLICE("");
	type = copy(type);
	body = copy(rest);
	seen = (struct seen){body, 0};
	MUST(!sipvpn_mime_find_if(type, body, look, &arg, &none));
	MUST(none.p == unset.p);
	found = sipvpn_mime_find(type, body, &sdp);
	if (found)
		check_found(body, sdp);
	else
		MUST(sdp.p == unset.p);
	MUST(!found || seen.count > 0);
	free((char *)type.p);
	free((char *)body.p);
	return 0;
}
