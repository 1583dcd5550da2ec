/* vpnsdp_names.c - group and tunnel addresses of a body, no more. PURE. */
#include "vpnsdp_priv.h"

/*
 * The next "a=v", in either case of the v, that begins a line; NULL when there
 * is none. A bare CR ends a line for some readers: the careful side is ours.
 */
static const char *next_attribute(
	const char *p, const char *begin, const char *end)
{
	for (;;) {
		const char *stop = end;

		while (end - p > VPNSDP_BLOCK &&
			!vpnsdp_block_has(p, '=', 'v', 0x20))
			p += VPNSDP_BLOCK;
		if (end - p > VPNSDP_BLOCK)
			stop = p + VPNSDP_BLOCK;
		while (p < stop && (p = memchr(p, '=', (size_t)(stop - p)))) {
			if (p - begin >= 1 && end - p >= 2 && p[-1] == 'a' &&
				(p[1] | 0x20) == 'v' &&
				(p - begin == 1 || p[-2] == '\n' ||
					p[-2] == '\r'))
				return p - 1;
			p++;
		}
		if (stop == end)
			return NULL;
		p = stop;
	}
}

/* The value of "NAME:value"; false when the line is another. */
static bool value_of(struct slice line, struct slice name, struct slice *value)
{
	if (line.len < name.len ||
		!slice_caseeq((struct slice){line.p, name.len}, name))
		return false;
	*value = slice_skip(line, name.len);
	return true;
}

static enum vpnsdp_err take(struct slice value, struct slice *out)
{
	if (out->p)
		return VPNSDP_TWICE;
	*out = value;
	return VPNSDP_OK;
}

static enum vpnsdp_err take_id(struct slice value, struct slice *out)
{
	if (value.len == 0 || value.len > VPNSDP_MAX_VPN_ID)
		return VPNSDP_BAD_VPN_ID;
	return take(value, out);
}

/* attr: what stands behind "a=". */
static enum vpnsdp_err take_attribute(
	struct slice attr, struct vpnsdp_words *words)
{
	struct slice value = SLICE("");

	if (attr.len < 5) /* the shortest tells the three by their fifth */
		return VPNSDP_OK;
	switch (slice_lower(attr.p[4])) {
	case 'l':
		if (value_of(attr, SLICE("VPN_LOCAL_ADDR:"), &value))
			return take(value, &words->local);
		break;
	case 'r':
		if (value_of(attr, SLICE("VPN_REMOTE_ADDR:"), &value))
			return take(value, &words->remote);
		break;
	case 'i':
		if (value_of(attr, SLICE("VPN_ID:"), &value))
			return take_id(value, &words->vpn_id);
		break;
	}
	return VPNSDP_OK;
}

enum vpnsdp_err vpnsdp_find_words(struct slice body, struct vpnsdp_words *out)
{
	struct vpnsdp_words words = {.vpn_id = {NULL, 0}};
	const char *p = body.p, *end, *last;
	enum vpnsdp_err ret;

	end = body.len > 0 ? p + body.len : p;
	while (p < end && (p = next_attribute(p, body.p, end))) {
		last = vpnsdp_find_char(p, end, '\n');
		last = vpnsdp_find_char(p, last, '\r');
		p += 2;
		ret = take_attribute(
			(struct slice){p, (size_t)(last - p)}, &words);
		if (ret)
			return ret;
		p = last;
	}
	*out = words;
	return VPNSDP_OK;
}

static bool read_addr(struct slice word, struct vpnsdp_addr *out)
{
	return !word.p || vpnsdp_addr_parse(word, out);
}

enum vpnsdp_err vpnsdp_read_words(
	const struct vpnsdp_words *words, struct vpnsdp_names *out)
{
	struct vpnsdp_names names = {.vpn_id = words->vpn_id};

	if (!read_addr(words->local, &names.local) ||
		!read_addr(words->remote, &names.remote))
		return VPNSDP_BAD_ADDRESS;
	*out = names;
	return VPNSDP_OK;
}
