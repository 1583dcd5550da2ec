/* vpnsdp_names.c - group and tunnel addresses of a body, no more. PURE. */
#include "vpnsdp_priv.h"

/*
 * Does "a=VPN", in either case of the letters, begin a line and end at at? A
 * bare CR ends a line for some readers: the careful side is ours.
 */
static bool is_behind_vpn(const char *at, const char *begin)
{
	if (at - begin < 5 || at[-4] != '=' || at[-5] != 'a' ||
		slice_lower(at[-1]) != 'n' || slice_lower(at[-2]) != 'p' ||
		slice_lower(at[-3]) != 'v')
		return false;
	return at - begin == 5 || at[-6] == '\n' || at[-6] == '\r';
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

/* rest: what stands behind "a=VPN_". */
static enum vpnsdp_err take_attribute(
	struct slice rest, struct vpnsdp_words *words)
{
	struct slice value = SLICE("");

	switch (rest.len > 0 ? slice_lower(rest.p[0]) : '\0') {
	case 'i':
		if (value_of(rest, SLICE("ID:"), &value))
			return take_id(value, &words->vpn_id);
		break;
	case 'l':
		if (value_of(rest, SLICE("LOCAL_ADDR:"), &value))
			return take(value, &words->local);
		break;
	case 'r':
		if (value_of(rest, SLICE("REMOTE_ADDR:"), &value))
			return take(value, &words->remote);
		break;
	}
	return VPNSDP_OK;
}

enum vpnsdp_err vpnsdp_find_words(struct slice body, struct vpnsdp_words *out)
{
	struct vpnsdp_words words = {.vpn_id = {NULL, 0}};
	const char *at = body.p, *end, *last;
	enum vpnsdp_err ret;

	end = body.len > 0 ? body.p + body.len : body.p;
	/* little else in SDP has a '_' */
	for (; at < end && (at = memchr(at, '_', (size_t)(end - at))); at++) {
		if (!is_behind_vpn(at, body.p))
			continue;
		last = vpnsdp_find_char(at, end, '\n');
		last = vpnsdp_find_char(at, last, '\r');
		ret = take_attribute(
			(struct slice){at + 1, (size_t)(last - at) - 1},
			&words);
		if (ret)
			return ret;
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
