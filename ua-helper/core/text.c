/* text.c - a terminated line for people. PURE. */
#include "core/text.h"

static bool printable(char c)
{
	return c >= ' ' && c <= '~';
}

void text_join(char *buf, size_t cap, const struct slice *parts)
{
	size_t n = 0;

	for (; parts->p; parts++) {
		for (size_t i = 0; i < parts->len; i++) {
			if (n + 1 == cap) {
				memcpy(buf + cap - 4, "...", 4);
				return;
			}
			buf[n++] = printable(parts->p[i]) ? parts->p[i] : '?';
		}
	}
	buf[n] = '\0';
}

struct slice text_slice(const char *s)
{
	/* C11 section 7.24.5.1: memchr stops reading where it finds it */
	const char *end = memchr(s, '\0', TEXT_MAX);

	return (struct slice){s, end ? (size_t)(end - s) : TEXT_MAX};
}
