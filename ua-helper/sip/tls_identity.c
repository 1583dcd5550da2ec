/* tls_identity.c - the names in a certificate. */
#include "sip/tls_identity.h"

#include <gio/gio.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "core/sip_identity.h"

#define MAX_NAMES 64 /* of one certificate; more are not looked at */

struct names {
	struct sip_identity list[MAX_NAMES];
	size_t n;
	GString *text;
};

static void add(struct names *all, enum sip_identity_kind kind,
	const ASN1_STRING *value)
{
	static const char *const titles[] = {
		[SIP_IDENTITY_URI] = "",
		[SIP_IDENTITY_DNS] = "",
		[SIP_IDENTITY_IP] = "an address",
		[SIP_IDENTITY_CN] = "CN ",
	};
	struct slice s = {(const char *)ASN1_STRING_get0_data(value),
		(size_t)ASN1_STRING_length(value)};
	char *shown;

	if (all->n == MAX_NAMES)
		return;
	all->list[all->n++] = (struct sip_identity){kind, s};
	/* a stranger wrote it: nothing unprintable into our log */
	shown = g_strndup(kind == SIP_IDENTITY_IP ? "" : s.p, s.len);
	for (char *p = shown; *p; p++)
		if (!g_ascii_isprint(*p))
			*p = '?';
	g_string_append_printf(all->text, "%s%s%s", all->text->len ? ", " : "",
		titles[kind], shown);
	g_free(shown);
}

static void add_alternatives(struct names *all, const GENERAL_NAMES *names)
{
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *one = sk_GENERAL_NAME_value(names, i);

		if (one->type == GEN_URI)
			add(all, SIP_IDENTITY_URI,
				one->d.uniformResourceIdentifier);
		else if (one->type == GEN_DNS)
			add(all, SIP_IDENTITY_DNS, one->d.dNSName);
		else if (one->type == GEN_IPADD)
			add(all, SIP_IDENTITY_IP, one->d.iPAddress);
	}
}

static void add_common_name(struct names *all, X509 *x)
{
	const X509_NAME *subject = X509_get_subject_name(x);
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);

	if (at >= 0)
		add(all, SIP_IDENTITY_CN,
			X509_NAME_ENTRY_get_data(
				X509_NAME_get_entry(subject, at)));
}

bool tls_identity_fits(
	const unsigned char *der, size_t len, const char *domain, char **names)
{
	X509 *x = d2i_X509(NULL, &der, (long)len);
	GENERAL_NAMES *san;
	struct names all = {.n = 0};
	struct slice bare = {domain, strlen(domain)};
	char *host;
	GInetAddress *addr;
	struct slice ip = SLICE("");
	bool fits;

	if (!x)
		return false;
	if (bare.len > 2 && bare.p[0] == '[')
		bare = (struct slice){bare.p + 1, bare.len - 2};
	host = g_strndup(bare.p, bare.len);
	addr = g_inet_address_new_from_string(host);
	if (addr)
		ip = (struct slice){(const char *)g_inet_address_to_bytes(addr),
			g_inet_address_get_native_size(addr)};
	all.text = g_string_new(NULL);
	san = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	if (san)
		add_alternatives(&all, san);
	add_common_name(&all, x);
	fits = sip_identity_fits(
		all.list, all.n, san != NULL, slice_cstr(domain), ip);
	*names = g_string_free(all.text, FALSE);
	GENERAL_NAMES_free(san);
	X509_free(x);
	g_clear_object(&addr);
	g_free(host);
	return fits;
}
