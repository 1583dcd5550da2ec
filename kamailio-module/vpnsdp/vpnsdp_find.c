/* vpnsdp_find.c - is there anything of ours in a text? A first look. PURE. */
#include "vpnsdp_priv.h"

/* a bare CR ends a line for some readers: the careful side is ours */
static bool ends_line(char c)
{
	return c == '\n' || c == '\r';
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
