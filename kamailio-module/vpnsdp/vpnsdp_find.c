/* vpnsdp_find.c - is there anything of ours in a text? A first look. PURE. */
#include "vpnsdp_priv.h"

static const char *find_char(const char *p, const char *end, char c)
{
	const char *at = memchr(p, c, (size_t)(end - p));

	return at ? at : end;
}

/*
 * The next "vpn", in whatever case, from p on; end when there is none. It
 * stands in each of the three forms, and seldom elsewhere.
 */
static const char *next_vpn(const char *p, const char *end)
{
	const char *lower = find_char(p, end, 'v');
	const char *upper = find_char(p, end, 'V');

	for (;;) {
		const char *at = lower < upper ? lower : upper;

		if (end - at < 3)
			return end;
		if (slice_lower(at[1]) == 'p' && slice_lower(at[2]) == 'n')
			return at;
		if (at == lower)
			lower = find_char(at + 1, end, 'v');
		else
			upper = find_char(at + 1, end, 'V');
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
	last = find_char(at, end, '\n');
	last = find_char(at, last, '\r');
	while (at > rest->p && !ends_line(at[-1]))
		at--;
	*line = (struct slice){at, (size_t)(last - at)};
	*rest = (struct slice){last, (size_t)(end - last)};
	return true;
}

const char *vpnsdp_find(struct slice body)
{
	struct slice line;

	while (vpnsdp_line_with_vpn(&body, &line))
		if (vpnsdp_vpn_line(line))
			return line.p;
	return NULL;
}

bool vpnsdp_mentions(struct slice body)
{
	return vpnsdp_find(body) != NULL;
}
