/* static_key.c - a legacy tunnel's key; see static_key.h. PURE. */
#include "core/static_key.h"

#define LINE_BYTES 16 /* as OpenVPN writes it */

static const char begin[] = "-----BEGIN OpenVPN Static key V1-----";
static const char end[] = "-----END OpenVPN Static key V1-----";

/* The next line without its end, CRLF or LF; false: there is none. */
static bool next_line(struct slice *rest, struct slice *line)
{
	if (!slice_cut(rest, '\n', line))
		return false;
	if (line->len > 0 && line->p[line->len - 1] == '\r')
		line->len--;
	return true;
}

static int hex_value(char c)
{
	c = slice_lower(c);
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/*
 * A line's bytes to key, from *n on; NULL: they are only counted. False: not
 * hex, or too many.
 */
static bool take_hex(struct slice line, uint8_t *key, size_t *n)
{
	if (line.len % 2 != 0 || line.len / 2 > STATIC_KEY_LEN - *n)
		return false;
	for (size_t i = 0; i < line.len; i += 2) {
		int hi = hex_value(line.p[i]);
		int lo = hex_value(line.p[i + 1]);

		if (hi < 0 || lo < 0)
			return false;
		if (key)
			key[*n] = (uint8_t)(hi << 4 | lo);
		++*n;
	}
	return true;
}

/* What stands between begin and end. */
static bool take_body(struct slice text, uint8_t *key)
{
	struct slice line;
	size_t n = 0;

	while (next_line(&text, &line)) {
		if (slice_eq(line, (struct slice){end, sizeof(end) - 1}))
			return n == STATIC_KEY_LEN;
		if (!take_hex(line, key, &n))
			return false;
	}
	return false;
}

bool static_key_parse(struct slice text, uint8_t key[static STATIC_KEY_LEN])
{
	struct slice line = SLICE("");

	if (text.len > STATIC_KEY_MAX_FILE)
		return false;
	while (!slice_eq(line, (struct slice){begin, sizeof(begin) - 1}))
		if (!next_line(&text, &line))
			return false;
	/* twice, so that no copy of the key stays anywhere */
	return take_body(text, NULL) && take_body(text, key);
}

void static_key_write(
	const uint8_t key[static STATIC_KEY_LEN], struct sbuf *out)
{
	static const char digits[] = "0123456789abcdef";

	sbuf_put(out, (struct slice){begin, sizeof(begin) - 1});
	for (size_t i = 0; i < STATIC_KEY_LEN; i++) {
		if (i % LINE_BYTES == 0)
			sbuf_char(out, '\n');
		sbuf_char(out, digits[key[i] >> 4]);
		sbuf_char(out, digits[key[i] & 15]);
	}
	sbuf_char(out, '\n');
	sbuf_put(out, (struct slice){end, sizeof(end) - 1});
	sbuf_char(out, '\n');
}
