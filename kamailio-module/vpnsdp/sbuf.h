/*
 * sbuf.h - append text to a buffer of the caller's; never beyond its end.
 *
 * PURE: C11 and mem* only. As with snprintf, len goes on counting what would
 * have been written, so len > cap means "did not fit". Nothing is terminated
 * unless sbuf_cstr() is asked for it.
 */
#ifndef SIPVPN_SBUF_H
#define SIPVPN_SBUF_H

#include "slice.h"

struct sbuf {
	char *p;
	size_t cap;
	size_t len;
};

static inline struct sbuf sbuf_over(char *p, size_t cap)
{
	return (struct sbuf){p, cap, 0};
}

static inline bool sbuf_ok(const struct sbuf *b)
{
	return b->len <= b->cap;
}

/* What has been written, empty when it did not fit. */
static inline struct slice sbuf_slice(const struct sbuf *b)
{
	return (struct slice){b->p, sbuf_ok(b) ? b->len : 0};
}

static inline void sbuf_char(struct sbuf *b, char c)
{
	if (b->len < b->cap)
		b->p[b->len] = c;
	b->len++;
}

void sbuf_put(struct sbuf *b, struct slice s);
void sbuf_u64(struct sbuf *b, uint64_t v);
/* Two upper-case hexadecimal digits, as fingerprints are written. */
void sbuf_hex(struct sbuf *b, uint8_t v);
/* The text with a NUL behind it, or NULL when the two do not fit. */
const char *sbuf_cstr(struct sbuf *b);

#endif
