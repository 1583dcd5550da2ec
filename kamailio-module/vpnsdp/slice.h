/*
 * slice.h - text that somebody else owns: a pointer and a length.
 *
 * PURE: C11 and mem* only. A slice is borrowed, need not be terminated and
 * lives as long as the buffer it points into.
 */
#ifndef SIPVPN_SLICE_H
#define SIPVPN_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
	const char *p;
	size_t len;
};

/* A slice of a string literal. */
#define SLICE(literal) ((struct slice){"" literal, sizeof(literal) - 1})

/* printf("%.*s", SLICE_ARG(s)); only for text already known to be printable */
#define SLICE_ARG(s) (int)(s).len, (s).p

static inline bool slice_eq(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

/* A whole terminated string; NULL is the empty one. Not for the pure parts. */
static inline struct slice slice_cstr(const char *s)
{
	return s ? (struct slice){s, strlen(s)} : SLICE("");
}

/* ASCII only, whatever the locale says. */
static inline char slice_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static inline bool slice_caseeq(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return false;
	if (slice_eq(a, b)) /* most are, and memcmp() is faster */
		return true;
	for (size_t i = 0; i < a.len; i++)
		if (slice_lower(a.p[i]) != slice_lower(b.p[i]))
			return false;
	return true;
}

static inline bool slice_starts(struct slice s, struct slice prefix)
{
	return s.len >= prefix.len &&
	       slice_eq((struct slice){s.p, prefix.len}, prefix);
}

static inline struct slice slice_skip(struct slice s, size_t n)
{
	if (s.len == 0) /* p may be NULL, and NULL + 0 is undefined in C */
		return s;
	if (n >= s.len)
		return (struct slice){s.p + s.len, 0};
	return (struct slice){s.p + n, s.len - n};
}

/*
 * Cut *rest at the first sep: *head is what stands before it, *rest what
 * stands behind it. Without a sep, *head takes all and *rest becomes empty;
 * false when *rest was empty already.
 */
static inline bool slice_cut(struct slice *rest, char sep, struct slice *head)
{
	const char *at;

	if (rest->len == 0)
		return false;
	at = memchr(rest->p, sep, rest->len);
	*head = *rest;
	if (!at) {
		*rest = slice_skip(*rest, rest->len);
		return true;
	}
	head->len = (size_t)(at - rest->p);
	*rest = slice_skip(*rest, head->len + 1);
	return true;
}

/* Copy to *at, which moves behind it; the copy. There must be room. */
static inline struct slice slice_copy(struct slice from, char **at)
{
	struct slice to = {*at, from.len};

	if (from.len > 0) /* p may be NULL, which memcpy() may not be given */
		memcpy(*at, from.p, from.len);
	*at += from.len;
	return to;
}

/* Cut the next line off; *line is without its end. False: there is none. */
static inline bool slice_line(struct slice *rest, struct slice *line)
{
	if (!slice_cut(rest, '\n', line))
		return false;
	if (line->len > 0 && line->p[line->len - 1] == '\r')
		line->len--;
	return true;
}

/* What stands between words of a header, which may be folded, or of a line. */
static inline bool slice_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Cut the next word off *rest; empty when there is none. */
static inline struct slice slice_word(struct slice *rest)
{
	struct slice word;
	size_t n = 0;

	while (rest->len > 0 && slice_is_blank(rest->p[0]))
		*rest = slice_skip(*rest, 1);
	while (n < rest->len && !slice_is_blank(rest->p[n]))
		n++;
	word = (struct slice){rest->p, n};
	*rest = slice_skip(*rest, n);
	return word;
}

/*
 * Decimal digits and nothing else, value at most max. *out is set only on
 * success.
 */
static inline bool slice_u32(struct slice s, uint32_t max, uint32_t *out)
{
	uint64_t v = 0;

	if (s.len == 0 || s.len > 10) /* 2^32 has ten digits */
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		v = v * 10 + (uint64_t)(s.p[i] - '0');
	}
	if (v > max)
		return false;
	*out = (uint32_t)v;
	return true;
}

#endif
