/* aor.c - addresses-of-record. PURE. */
#include "core/aor.h"

static struct slice without_scheme(struct slice s)
{
	static const struct slice schemes[] = {{"sip:", 4}, {"sips:", 5}};

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		struct slice head = {s.p, schemes[i].len};

		if (s.len >= head.len && slice_caseeq(head, schemes[i]))
			return slice_skip(s, head.len);
	}
	return s;
}

/* The host of "host:port;parameters", an IPv6 address with its brackets. */
static struct slice host_of(struct slice s)
{
	size_t n = 0;
	bool inside = false;

	for (; n < s.len; n++) {
		char c = s.p[n];

		if (c == '[' || c == ']')
			inside = c == '[';
		else if (c == ';' || c == '?' || c == '>' ||
			 (c == ':' && !inside))
			break;
	}
	return (struct slice){s.p, n};
}

bool aor_parse(struct slice text, struct slice home, struct aor *out)
{
	struct slice rest = without_scheme(text);
	struct aor a = {.host = home};
	bool has_host = rest.len > 0 && memchr(rest.p, '@', rest.len);

	if (!slice_cut(&rest, '@', &a.user) || a.user.len == 0)
		return false;
	if (has_host)
		a.host = host_of(rest);
	if (a.host.len == 0)
		return false;
	*out = a;
	return true;
}

static int compare(struct slice a, struct slice b, bool fold)
{
	for (size_t i = 0; i < a.len && i < b.len; i++) {
		char x = fold ? slice_lower(a.p[i]) : a.p[i];
		char y = fold ? slice_lower(b.p[i]) : b.p[i];

		if (x != y)
			return (unsigned char)x < (unsigned char)y ? -1 : 1;
	}
	if (a.len == b.len)
		return 0;
	return a.len < b.len ? -1 : 1;
}

int aor_compare(const struct aor *a, const struct aor *b)
{
	int by_host = compare(a->host, b->host, true);

	return by_host != 0 ? by_host : compare(a->user, b->user, false);
}
