/* vpnsdp_strip.c - close the VPN sections of a body, whatever it is. PURE. */
#include "vpnsdp_priv.h"

/* A string literal where the language wants a constant. */
#define WORD(literal)                                                          \
	{                                                                      \
		literal, sizeof(literal) - 1                                   \
	}

/* What a tunnel is built from; a name that ends in "-" or "_" is a beginning */
static const struct slice closed[] = {
	WORD("IP4"),
	WORD("IP6"),
	WORD("PORT"),
	WORD("VPN_"),
	WORD("vpn-"),
	WORD("fingerprint"),
	WORD("setup"),
	WORD("tls-id"),
	WORD("ice-"),
	WORD("candidate"),
	WORD("remote-candidates"),
	WORD("end-of-candidates"),
};

/*
 * The next line: *line without its end, *whole with it. A bare CR ends a line
 * too, since it does for some readers.
 */
static bool next_line(
	struct slice *rest, struct slice *line, struct slice *whole)
{
	size_t n = 0;

	if (rest->len == 0)
		return false;
	while (n < rest->len && rest->p[n] != '\r' && rest->p[n] != '\n')
		n++;
	*line = (struct slice){rest->p, n};
	if (n + 1 < rest->len && rest->p[n] == '\r' && rest->p[n + 1] == '\n')
		n++;
	if (n < rest->len)
		n++;
	*whole = (struct slice){rest->p, n};
	*rest = slice_skip(*rest, n);
	return true;
}

/* Names are compared without case: that takes away rather more than less. */
static bool is_named(struct slice attr, struct slice name)
{
	char last = name.p[name.len - 1];
	struct slice head = SLICE("");

	if (last == '-' || last == '_') {
		if (attr.len < name.len)
			return false;
		return slice_caseeq((struct slice){attr.p, name.len}, name);
	}
	slice_cut(&attr, ':', &head);
	return slice_caseeq(head, name);
}

static bool builds_tunnel(struct slice line)
{
	if (!slice_starts(line, SLICE("a=")))
		return false;
	for (size_t i = 0; i < sizeof(closed) / sizeof(closed[0]); i++)
		if (is_named(slice_skip(line, 2), closed[i]))
			return true;
	return false;
}

/* An m= line with its end, its second word replaced by 0. */
static void put_closed(struct slice line, struct slice whole, struct sbuf *out)
{
	struct slice port = vpnsdp_mline_split(slice_skip(line, 2)).port;
	size_t before = line.len;

	if (port.len > 0)
		before = (size_t)(port.p - whole.p);
	sbuf_put(out, (struct slice){whole.p, before});
	sbuf_put(out, port.len > 0 ? SLICE("0") : SLICE(" 0"));
	sbuf_put(out, slice_skip(whole, before + port.len));
}

void vpnsdp_strip(struct slice body, struct sbuf *out)
{
	struct slice line, whole;
	bool in_vpn = false;

	while (next_line(&body, &line, &whole)) {
		if (slice_starts(line, SLICE("m=")))
			in_vpn = vpnsdp_vpn_line(line);
		else if (in_vpn && builds_tunnel(line))
			continue;
		if (in_vpn && slice_starts(line, SLICE("m=")))
			put_closed(line, whole, out);
		else
			sbuf_put(out, whole);
	}
}
