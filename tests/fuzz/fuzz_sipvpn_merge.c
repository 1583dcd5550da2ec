/*
 * fuzz_sipvpn_merge.c - any body, edited in any way: no step outside, and
 * what leaves has the protected sections that came. Rule: a finding is a trap.
 *
 * The first byte of the input chooses a Content-Type; the rest is the body as
 * it came and, behind the first NUL, as it was edited (without a NUL: the
 * same).
 */
#include <stdlib.h>

#include "sipvpn_merge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(ok)                                                               \
	do {                                                                   \
		if (!(ok))                                                     \
			__builtin_trap();                                      \
	} while (0)

static const struct slice types[] = {SLICE(""), SLICE("application/sdp"),
	SLICE("multipart/mixed;boundary=b"), SLICE("text/plain")};

static bool contains(struct slice all, struct slice part)
{
	for (; all.len >= part.len; all = slice_skip(all, 1)) {
		if (slice_starts(all, part))
			return true;
		if (all.len == 0)
			return false;
	}
	return false;
}

/* Every line of what is protected in sdp stands in out. */
static void check_kept(
	const struct sipvpn_media_set *set, struct slice sdp, struct slice out)
{
	struct slice line;
	bool inside = false;

	while (slice_cut(&sdp, '\n', &line)) {
		if (slice_starts(line, SLICE("m=")))
			inside = sipvpn_media_has(set, line);
		if (inside)
			MUST(contains(out, line));
	}
}

static bool has_refused(struct slice sdp)
{
	struct slice line;

	while (slice_cut(&sdp, '\n', &line))
		if (sipvpn_media_refused(line))
			return true;
	return false;
}

/* A copy of its own: the sanitizer sees the first byte too many. */
static struct slice copy(struct slice s)
{
	char *p = malloc(s.len ? s.len : 1);

	MUST(p);
	if (s.len)
		memcpy(p, s.p, s.len);
	return (struct slice){p, s.len};
}

static void check_done(const struct sipvpn_media_set *set, struct slice type,
	struct slice came, struct slice edited, size_t len)
{
	struct sbuf out = sbuf_over(malloc(len ? len : 1), len);
	struct sbuf again = sbuf_over(malloc(len ? len : 1), len);

	MUST(out.p && again.p);
	MUST(sipvpn_merge_body(set, type, came, edited, &out) ==
		SIPVPN_MERGE_DONE);
	MUST(out.len == len);
	if (type.len == 0 && !has_refused(edited)) {
		check_kept(set, came, sbuf_slice(&out));
		/* put back is put back */
		MUST(sipvpn_merge_body(set, type, came, sbuf_slice(&out),
			     &again) == SIPVPN_MERGE_DONE);
		MUST(slice_eq(sbuf_slice(&out), sbuf_slice(&again)));
	}
	free(out.p);
	free(again.p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = {(const char *)data, size}, came, edited, type;
	struct sbuf none = sbuf_over(NULL, 0);
	struct sipvpn_media_set set;
	enum sipvpn_merge ret;

	if (size == 0)
		return 0;
	(void)sipvpn_media_parse(in, &set);
	MUST(sipvpn_media_parse(SLICE(SIPVPN_MEDIA_VPN), &set));
	type = types[data[0] % 4];
	in = slice_skip(in, 1);
	came = in;
	if (!memchr(in.p, '\0', in.len))
		edited = in;
	else {
		slice_cut(&in, '\0', &came);
		edited = in;
	}
	came = copy(came);
	edited = copy(edited);
	ret = sipvpn_merge_body(&set, type, came, edited, &none);
	MUST(ret != SIPVPN_MERGE_DONE);
	if (ret == SIPVPN_MERGE_NO_SPACE)
		check_done(&set, type, came, edited, none.len);
	free((char *)came.p);
	free((char *)edited.p);
	return 0;
}
