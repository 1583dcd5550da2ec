/* device.c - a name for a tunnel's network device. PURE. */
#include "core/device.h"

#include "sbuf.h"

static bool may_stay(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_';
}

/* The user part, without a scheme. */
static struct slice shown_part(struct slice who)
{
	struct slice head;

	if (slice_starts(who, SLICE("sip:")))
		who = slice_skip(who, 4);
	else if (slice_starts(who, SLICE("sips:")))
		who = slice_skip(who, 5);
	return slice_cut(&who, '@', &head) ? head : SLICE("");
}

void device_name(struct slice who, unsigned number, char out[DEVICE_NAME_MAX])
{
	char tail[12]; /* '-' and up to ten digits */
	struct sbuf end = sbuf_over(tail, sizeof(tail));
	struct sbuf b = sbuf_over(out, DEVICE_NAME_MAX);
	struct slice name = shown_part(who);

	if (number > 0) {
		sbuf_char(&end, '-');
		sbuf_u64(&end, number);
	}
	sbuf_put(&b, SLICE("vpn-"));
	for (size_t i = 0; i < name.len && b.len + end.len + 1 < b.cap; i++)
		sbuf_char(&b, may_stay(name.p[i]) ? name.p[i] : '-');
	sbuf_put(&b, sbuf_slice(&end));
	(void)sbuf_cstr(&b);
}
