/*
 * fuzz_sip_frame.c - any bytes as a datagram: what is called head, body and
 * length line lies inside, in order, and says what the verdict claims; and as
 * a stream: what is used up does not depend on where the bytes are cut. Rule:
 * a finding is a trap, never a message.
 */
#include <stdlib.h>
#include "core/sip_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(ok)                                                               \
	do {                                                                   \
		if (!(ok))                                                     \
			__builtin_trap();                                      \
	} while (0)

static bool within(struct slice s, struct slice whole)
{
	return s.p >= whole.p && s.p + s.len <= whole.p + whole.len;
}

/* The header ends at the first empty line, and with a line end. */
static void check_head(struct slice all, const struct sip_frame *f)
{
	struct slice rest = f->head;
	struct slice line;

	MUST(f->head.p == all.p && f->head.len > 0);
	MUST(f->head.len < all.len);
	MUST(f->head.p[f->head.len - 1] == '\n');
	MUST(within(f->length_line, f->head));
	while (slice_cut(&rest, '\n', &line))
		if (line.p > f->head.p) /* the first line may be empty */
			MUST(line.len > 1 ||
				(line.len == 1 && line.p[0] != '\r'));
}

static void check_body(
	struct slice all, const struct sip_frame *f, bool has_length)
{
	struct sip_frame again;

	MUST(within(f->body, all));
	MUST(f->body.p > f->head.p + f->head.len);
	if (!has_length) {
		MUST(f->body.p + f->body.len == all.p + all.len);
		return;
	}
	/* cut to the body that was found it is the same; one less, short */
	all.len = (size_t)(f->body.p - all.p) + f->body.len;
	MUST(sip_frame_datagram(all, &again) == SIP_FRAME_WHOLE);
	MUST(slice_eq(again.body, f->body));
	if (f->body.len == 0)
		return;
	all.len--;
	MUST(sip_frame_datagram(all, &again) == SIP_FRAME_SHORT);
}

/* What a prefix of the stream says, all of it says. */
static void check_stream(struct slice all)
{
	while (all.len > 0) {
		size_t used = 0;
		size_t less = 0;
		enum sip_stream_verdict verdict = sip_frame_stream(all, &used);
		struct sip_frame f;

		if (verdict == SIP_STREAM_MORE) {
			MUST(all.len <= 2 * SIP_FRAME_STREAM_MAX);
			return;
		}
		MUST(used > 0 && used <= all.len);
		if (verdict == SIP_STREAM_MESSAGE) {
			struct slice one = {all.p, used};

			/* not shorter, and whole as a datagram */
			one.len--;
			MUST(sip_frame_stream(one, &less) == SIP_STREAM_MORE);
			one.len++;
			MUST(sip_frame_stream(one, &less) ==
				SIP_STREAM_MESSAGE);
			MUST(less == used);
			/* NULs and line ends are no message, and do no harm */
			MUST(sip_frame_datagram(one, &f) == SIP_FRAME_WHOLE ||
				sip_frame_datagram(one, &f) ==
					SIP_FRAME_KEEPALIVE);
		}
		if (verdict == SIP_STREAM_BROKEN)
			return;
		all = slice_skip(all, used);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* a copy of its own: the sanitizer sees the first byte too many */
	char *copy = malloc(size ? size : 1);
	struct slice all = {copy, size};
	struct sip_frame f;
	enum sip_frame_verdict verdict;

	MUST(copy);
	if (size)
		memcpy(copy, data, size);
	verdict = sip_frame_datagram(all, &f);
	switch (verdict) {
	case SIP_FRAME_KEEPALIVE:
		for (size_t i = 0; i < size; i++)
			MUST(memchr("\r\n\0", copy[i], 3));
		break;
	case SIP_FRAME_NO_END:
		for (size_t i = 0; i + 1 < size; i++)
			MUST(copy[i] != '\n' || copy[i + 1] != '\n');
		break;
	case SIP_FRAME_BAD_LENGTH:
	case SIP_FRAME_SHORT:
		check_head(all, &f);
		MUST(f.length_line.len > 0);
		break;
	case SIP_FRAME_WHOLE:
		check_head(all, &f);
		check_body(all, &f, f.length_line.len > 0);
		break;
	default:
		MUST(false);
	}
	check_stream(all);
	free(copy);
	return 0;
}
