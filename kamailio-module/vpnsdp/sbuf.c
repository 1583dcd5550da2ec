/* sbuf.c - append text to a caller's buffer. PURE. */
#include "sbuf.h"

void sbuf_put(struct sbuf *b, struct slice s)
{
	if (b->len < b->cap && s.len > 0) {
		size_t room = b->cap - b->len;

		memcpy(b->p + b->len, s.p, s.len < room ? s.len : room);
	}
	b->len += s.len;
}

void sbuf_u64(struct sbuf *b, uint64_t v)
{
	char digits[20]; /* 2^64 has twenty */
	size_t i = sizeof(digits);

	do {
		digits[--i] = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	sbuf_put(b, (struct slice){digits + i, sizeof(digits) - i});
}

void sbuf_hex(struct sbuf *b, uint8_t v)
{
	static const char digit[] = "0123456789ABCDEF";

	sbuf_char(b, digit[v >> 4]);
	sbuf_char(b, digit[v & 15]);
}

const char *sbuf_cstr(struct sbuf *b)
{
	if (b->len >= b->cap)
		return NULL;
	b->p[b->len] = '\0';
	return b->p;
}
