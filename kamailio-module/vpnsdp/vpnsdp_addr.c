/* vpnsdp_addr.c - IPv4 and IPv6 addresses, text to bytes and back. PURE. */
#include "vpnsdp_priv.h"

#define GROUPS 8  /* of sixteen bits in an IPv6 address */
#define MIN_V4 7  /* "0.0.0.0" */
#define MAX_V4 15 /* "255.255.255.255" */
#define NO_GAP 17 /* behind any place a "::" can stand */

/* ::ffff:0:0/96, RFC 4291 section 2.5.5.2 */
static const uint8_t v4_mapped[12] = {[10] = 0xff, [11] = 0xff};

static unsigned int digit(char c)
{
	return (unsigned char)c - (unsigned int)'0';
}

/*
 * A number of 0 to 255, none with a 0 before it (octal to some), in terminated
 * text; what follows it, NULL when there is none.
 */
static const char *octet(const char *p, uint8_t *out)
{
	unsigned int v = digit(*p++), more = digit(*p);

	if (v > 9)
		return NULL;
	if (more <= 9) {
		if (v == 0)
			return NULL;
		v = v * 10 + more;
		more = digit(*++p);
		if (more <= 9) {
			v = v * 10 + more;
			p++;
		}
	}
	*out = (uint8_t)v;
	return v <= 255 ? p : NULL;
}

bool vpnsdp_parse_v4(struct slice text, uint8_t out[static 4])
{
	char copy[MAX_V4 + 1] = "";
	const char *p = copy;

	if (text.len < MIN_V4 || text.len > MAX_V4)
		return false;
	memcpy(copy, text.p, text.len);
	for (int i = 0; i < 4; i++) {
		if (i > 0 && *p++ != '.')
			return false;
		p = octet(p, &out[i]);
		if (!p)
			return false;
	}
	return p == copy + text.len;
}

/* Up to four hexadecimal digits; how many there were. */
static size_t hex_group(struct slice s, unsigned int *out)
{
	unsigned int v = 0;
	size_t n = 0;

	while (n < s.len && n < 4 && vpnsdp_hex_digit(s.p[n]) >= 0)
		v = v << 4 | (unsigned int)vpnsdp_hex_digit(s.p[n++]);
	*out = v;
	return n;
}

/* Move what follows the "::" to the end. */
static bool close_gap(uint8_t b[static 16], size_t n, size_t gap)
{
	size_t tail = n - gap;

	if (n > 14) /* "::" is at least one group, RFC 4291 section 2.2 */
		return false;
	memmove(b + 16 - tail, b + gap, tail);
	memset(b + gap, 0, 16 - n);
	return true;
}

static bool parse_v6(struct slice s, uint8_t b[static 16])
{
	size_t n = 0; /* bytes so far */
	size_t gap = NO_GAP;

	if (slice_starts(s, SLICE("::"))) {
		gap = 0;
		s = slice_skip(s, 2);
	}
	while (s.len > 0) {
		unsigned int v;
		size_t digits = hex_group(s, &v);

		if (digits < s.len && s.p[digits] == '.') {
			if (n > 12 || !vpnsdp_parse_v4(s, b + n))
				return false;
			n += 4;
			break;
		}
		if (digits == 0 || n > 14)
			return false;
		b[n++] = (uint8_t)(v >> 8);
		b[n++] = (uint8_t)(v & 0xff);
		s = slice_skip(s, digits);
		if (s.len == 0)
			break;
		if (s.len < 2 || s.p[0] != ':')
			return false;
		s = slice_skip(s, 1);
		if (s.p[0] == ':') {
			if (gap != NO_GAP)
				return false;
			gap = n;
			s = slice_skip(s, 1);
		}
	}
	return gap == NO_GAP ? n == 16 : close_gap(b, n, gap);
}

bool vpnsdp_addr_parse(struct slice text, struct vpnsdp_addr *out)
{
	struct vpnsdp_addr a = {0};

	if (text.len == 0)
		return false;
	if (memchr(text.p, ':', text.len)) {
		a.family = 6;
		if (!parse_v6(text, a.b))
			return false;
	} else {
		a.family = 4;
		if (!vpnsdp_parse_v4(text, a.b))
			return false;
	}
	*out = a;
	return true;
}

static void write_v4(const uint8_t b[static 4], struct sbuf *out)
{
	for (int i = 0; i < 4; i++) {
		if (i > 0)
			sbuf_char(out, '.');
		sbuf_u64(out, b[i]);
	}
}

/* Lower case and no leading zeros, RFC 5952 sections 4.1 and 4.3. */
static void write_group(unsigned int v, struct sbuf *out)
{
	static const char digit[] = "0123456789abcdef";

	for (int shift = 12; shift >= 0; shift -= 4)
		if (shift == 0 || v >> shift)
			sbuf_char(out, digit[v >> shift & 15]);
}

static void write_v6(const uint8_t b[static 16], struct sbuf *out)
{
	size_t gap = GROUPS, gap_len = 1; /* one group alone is not shortened */
	size_t run = 0;

	for (size_t i = 0; i < GROUPS; i++) {
		run = b[2 * i] || b[2 * i + 1] ? 0 : run + 1;
		if (run > gap_len) { /* the first of equals, section 4.2.3 */
			gap_len = run;
			gap = i + 1 - run;
		}
	}
	for (size_t i = 0; i < GROUPS; i++) {
		if (i == gap) {
			sbuf_put(out, SLICE("::"));
			i += gap_len - 1;
			continue;
		}
		if (i > 0 && i != gap + gap_len)
			sbuf_char(out, ':');
		write_group((unsigned int)b[2 * i] << 8 | b[2 * i + 1], out);
	}
}

void vpnsdp_addr_write(const struct vpnsdp_addr *a, struct sbuf *out)
{
	if (a->family == 4) {
		write_v4(a->b, out);
	} else if (a->family == 6) {
		if (memcmp(a->b, v4_mapped, sizeof(v4_mapped)) == 0) {
			/* mixed notation, RFC 5952 section 5 */
			sbuf_put(out, SLICE("::ffff:"));
			write_v4(a->b + 12, out);
		} else {
			write_v6(a->b, out);
		}
	}
}

bool vpnsdp_addr_eq(const struct vpnsdp_addr *a, const struct vpnsdp_addr *b)
{
	size_t len = a->family == 4 ? 4 : 16;

	if (a->family != b->family)
		return false;
	return a->family == 0 || memcmp(a->b, b->b, len) == 0;
}

static bool unicast_v4(const uint8_t b[static 4])
{
	static const uint8_t unspecified[4] = {0};
	static const uint8_t broadcast[4] = {255, 255, 255, 255};

	return memcmp(b, unspecified, 4) != 0 && memcmp(b, broadcast, 4) != 0 &&
	       b[0] >> 4 != 14; /* 224.0.0.0/4 */
}

bool vpnsdp_addr_unicast(const struct vpnsdp_addr *a)
{
	static const uint8_t unspecified[16] = {0};

	switch (a->family) {
	case 4:
		return unicast_v4(a->b);
	case 6:
		/* the kernel sends to the IPv4 address inside */
		if (memcmp(a->b, v4_mapped, sizeof(v4_mapped)) == 0)
			return unicast_v4(a->b + 12);
		return memcmp(a->b, unspecified, 16) != 0 && a->b[0] != 0xff;
	default:
		return false;
	}
}
