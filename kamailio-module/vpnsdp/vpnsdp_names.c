/* vpnsdp_names.c - group and tunnel addresses of a body, no more. PURE. */
#include "vpnsdp_priv.h"

/* The next 'v' and the next 'V' of a text: few letters are as rare in SDP. */
struct vs {
	const char *lower, *upper, *end;
};

static const char *next_v(struct vs *v)
{
	const char *at = v->lower < v->upper ? v->lower : v->upper;

	if (at == v->lower && at != v->end)
		v->lower = vpnsdp_find_char(at + 1, v->end, 'v');
	else if (at != v->end)
		v->upper = vpnsdp_find_char(at + 1, v->end, 'V');
	return at;
}

/* A bare CR ends a line for some readers: the careful side is ours. */
static bool begins_attribute(const char *at, const char *begin)
{
	return at - begin >= 2 && at[-1] == '=' && at[-2] == 'a' &&
	       (at - begin == 2 || at[-3] == '\n' || at[-3] == '\r');
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
	const char *at, *last;
	struct vs v = {.end = body.p};
	enum vpnsdp_err ret;

	if (body.len > 0) {
		v.end = body.p + body.len;
		v.lower = vpnsdp_find_char(body.p, v.end, 'v');
		v.upper = vpnsdp_find_char(body.p, v.end, 'V');
	}
	while (body.len > 0 && (at = next_v(&v)) != v.end) {
		if (!begins_attribute(at, body.p))
			continue;
		last = vpnsdp_find_char(at, v.end, '\n');
		last = vpnsdp_find_char(at, last, '\r');
		ret = take_attribute(
			(struct slice){at, (size_t)(last - at)}, &words);
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
