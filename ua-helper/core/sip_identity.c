/* sip_identity.c - is a certificate that of our SIP domain? PURE. */
#include "core/sip_identity.h"

/* The host of a sip: or sips: URI that names a domain; false for others. */
static bool uri_domain(struct slice uri, struct slice *host)
{
	struct slice scheme;

	if (!memchr(uri.p, ':', uri.len) || !slice_cut(&uri, ':', &scheme))
		return false;
	if (!slice_caseeq(scheme, SLICE("sip")) &&
		!slice_caseeq(scheme, SLICE("sips")))
		return false;
	/* section 7.1: one with a user is a person's; parameters and ports are
	 * not part of a domain's identity, so such a URI names something else
	 */
	for (size_t i = 0; i < uri.len; i++)
		if (uri.p[i] == '@' || uri.p[i] == ';' || uri.p[i] == '?' ||
			uri.p[i] == ':')
			return false;
	*host = uri;
	return true;
}

/* "example.org." is the same name. */
static struct slice without_dot(struct slice name)
{
	if (name.len > 1 && name.p[name.len - 1] == '.')
		name.len--;
	return name;
}

static bool same_name(struct slice a, struct slice domain)
{
	/* a domain never holds '*', so that a wildcard never fits */
	return a.len > 0 && slice_caseeq(without_dot(a), without_dot(domain));
}

bool sip_identity_fits(const struct sip_identity *names, size_t n, bool has_san,
	struct slice domain, struct slice ip)
{
	bool fits = false;

	for (size_t i = 0; i < n && !fits; i++) {
		struct slice host;

		switch (names[i].kind) {
		case SIP_IDENTITY_URI:
			fits = uri_domain(names[i].value, &host) &&
			       same_name(host, domain);
			break;
		case SIP_IDENTITY_DNS:
			fits = same_name(names[i].value, domain);
			break;
		case SIP_IDENTITY_IP:
			fits = ip.len > 0 && slice_eq(names[i].value, ip);
			break;
		case SIP_IDENTITY_CN:
			fits = !has_san && same_name(names[i].value, domain);
			break;
		}
	}
	return fits;
}
