/* vpnsdp_find.c - is there anything of ours in a text? A first look. PURE. */
#include "vpnsdp_priv.h"

/*
 * The next "vpn", in whatever case, from p on; end when there is none. It
 * stands in each of the three forms, and seldom elsewhere.
 */
static const char *next_vpn(const char *p, const char *end)
{
	const char *lower = vpnsdp_find_char(p, end, 'v');
	const char *upper = vpnsdp_find_char(p, end, 'V');

	for (;;) {
		const char *at = lower < upper ? lower : upper;

		if (end - at < 3)
			return end;
		if (slice_lower(at[1]) == 'p' && slice_lower(at[2]) == 'n')
			return at;
		if (at == lower)
			lower = vpnsdp_find_char(at + 1, end, 'v');
		else
			upper = vpnsdp_find_char(at + 1, end, 'V');
	}
}

/* a bare CR ends a line for some readers: the careful side is ours */
static bool ends_line(char c)
{
	return c == '\n' || c == '\r';
}

bool vpnsdp_line_with_vpn(struct slice *rest, struct slice *line)
{
	const char *end, *at, *last;

	if (rest->len == 0)
		return false;
	end = rest->p + rest->len;
	at = next_vpn(rest->p, end);
	if (at == end)
		return false;
	last = vpnsdp_find_char(at, end, '\n');
	last = vpnsdp_find_char(at, last, '\r');
	while (at > rest->p && !ends_line(at[-1]))
		at--;
	*line = (struct slice){at, (size_t)(last - at)};
	*rest = (struct slice){last, (size_t)(end - last)};
	return true;
}

/* The next "m=" from p on; end when there is none. */
static const char *next_m(const char *p, const char *end)
{
	const char *from;

	if (end - p > VPNSDP_BLOCK) {
		while (end - p > VPNSDP_BLOCK &&
			!vpnsdp_block_has(p, 'm', '=', 0))
			p += VPNSDP_BLOCK;
		/* the rest is less than a block, and the last block is known */
		if (end - p <= VPNSDP_BLOCK &&
			!vpnsdp_block_has(end - VPNSDP_BLOCK - 1, 'm', '=', 0))
			return end;
	}
	for (from = p; (p = vpnsdp_find_char(p, end, '=')) != end; p++)
		if (p > from && p[-1] == 'm')
			return p - 1;
	return end;
}

/* What stands behind "m=": is it worth reading? Both words begin so. */
static bool may_be_vpn(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	return end - p > 2 && slice_lower(p[0]) == 'a' &&
	       slice_lower(p[1]) == 'p';
}

const char *vpnsdp_find_media(struct slice body, bool *media)
{
	const char *p = body.p, *end, *last;

	*media = false;
	if (body.len == 0)
		return NULL;
	end = p + body.len;
	for (; (p = next_m(p, end)) != end; p += 2) {
		if (p > body.p && !ends_line(p[-1]))
			continue;
		*media = true;
		if (!may_be_vpn(p + 2, end))
			continue;
		last = vpnsdp_find_char(p, end, '\n');
		last = vpnsdp_find_char(p, last, '\r');
		if (vpnsdp_vpn_line((struct slice){p, (size_t)(last - p)}))
			return p;
	}
	return NULL;
}

const char *vpnsdp_find(struct slice body)
{
	bool media;

	return vpnsdp_find_media(body, &media);
}

bool vpnsdp_mentions(struct slice body)
{
	return vpnsdp_find(body) != NULL;
}
