/* auth.c - digest authentication of our requests. */
#include "sip/auth.h"

#include <string.h>

#include "sip/token.h"

/* One challenge, quotes taken off; NULL where absent. */
struct challenge {
	char *realm;
	char *nonce;
	char *opaque;
	const char *algorithm_name; /* NULL: none was named, MD5 is meant */
	GChecksumType algorithm;
	bool qop_auth;
	bool stale;
};

static char *unquote(const char *s)
{
	size_t n;

	if (!s)
		return NULL;
	n = strlen(s);
	if (n >= 2 && s[0] == '"' && s[n - 1] == '"')
		return g_strndup(s + 1, n - 2);
	return g_strdup(s);
}

static void clear(struct challenge *c)
{
	g_free(c->realm);
	g_free(c->nonce);
	g_free(c->opaque);
	memset(c, 0, sizeof(*c));
}

/* Is "auth" among the comma-separated values of qop? */
static bool has_auth(const char *qop)
{
	char *plain = unquote(qop);
	char **values = plain ? g_strsplit(plain, ",", 8) : NULL;
	bool found = false;

	for (char **v = values; v && *v; v++)
		found = found ||
			g_ascii_strcasecmp(g_strstrip(*v), "auth") == 0;
	g_strfreev(values);
	g_free(plain);
	return found;
}

static bool choose_algorithm(const char *named, struct challenge *c)
{
	char *plain = unquote(named);
	bool known = true;

	c->algorithm = G_CHECKSUM_MD5;
	if (plain && g_ascii_strcasecmp(plain, "MD5") == 0)
		c->algorithm_name = "MD5";
	else if (plain && g_ascii_strcasecmp(plain, "SHA-256") == 0) {
		c->algorithm_name = "SHA-256";
		c->algorithm = G_CHECKSUM_SHA256;
	} else if (plain) {
		known = false;
	}
	g_free(plain);
	return known;
}

/* Fill in c from one header; false when we cannot answer it. */
static bool understand(osip_www_authenticate_t *h, struct challenge *c)
{
	const char *qop = osip_www_authenticate_get_qop_options(h);
	char *stale;

	if (!h->auth_type || g_ascii_strcasecmp(h->auth_type, "Digest") != 0 ||
		!h->realm || !h->nonce)
		return false;
	if (!choose_algorithm(h->algorithm, c))
		return false;
	c->qop_auth = qop && has_auth(qop);
	if (qop && !c->qop_auth)
		return false; /* auth-int only */
	c->realm = unquote(h->realm);
	c->nonce = unquote(h->nonce);
	c->opaque = unquote(h->opaque);
	stale = unquote(h->stale);
	c->stale = stale && g_ascii_strcasecmp(stale, "true") == 0;
	g_free(stale);
	return true;
}

static char *hash(
	GChecksumType type, const char *a, const char *b, const char *c)
{
	char *text = g_strjoin(":", a, b, c, NULL);
	char *digest = g_compute_checksum_for_string(type, text, -1);

	explicit_bzero(text, strlen(text));
	g_free(text);
	return digest;
}

/* Section 3.4.1 of RFC 7616; qop part NULL without qop. */
static char *response(const struct auth_account *account,
	const struct challenge *c, const char *method, const char *uri,
	const char *cnonce)
{
	char *ha1 =
		hash(c->algorithm, account->user, c->realm, account->password);
	char *ha2 = hash(c->algorithm, method, uri, NULL);
	char *tail = c->qop_auth ? g_strconcat("00000001:", cnonce,
					   ":auth:", ha2, NULL)
				 : g_strdup(ha2);
	char *digest = hash(c->algorithm, ha1, c->nonce, tail);

	explicit_bzero(ha1, strlen(ha1));
	g_free(ha1);
	g_free(ha2);
	g_free(tail);
	return digest;
}

static char *credentials(const struct auth_account *account,
	const struct challenge *c, osip_message_t *request)
{
	GString *v = g_string_new("Digest ");
	char *uri = NULL;
	char cnonce[TOKEN_LEN + 1];
	char *digest;

	token_fill(cnonce);
	osip_uri_to_str(request->req_uri, &uri);
	digest = response(account, c, request->sip_method, uri, cnonce);
	g_string_append_printf(v,
		"username=\"%s\", realm=\"%s\", nonce=\"%s\", uri=\"%s\", "
		"response=\"%s\"",
		account->user, c->realm, c->nonce, uri, digest);
	if (c->algorithm_name)
		g_string_append_printf(v, ", algorithm=%s", c->algorithm_name);
	if (c->qop_auth)
		g_string_append_printf(
			v, ", qop=auth, nc=00000001, cnonce=\"%s\"", cnonce);
	if (c->opaque)
		g_string_append_printf(v, ", opaque=\"%s\"", c->opaque);
	g_free(digest);
	osip_free(uri);
	return g_string_free(v, FALSE);
}

static bool find_challenge(osip_list_t *headers, struct challenge *c)
{
	osip_www_authenticate_t *h;

	for (int pos = 0; (h = osip_list_get(headers, pos)); pos++) {
		if (understand(h, c))
			return true;
		clear(c);
	}
	return false;
}

enum auth_verdict auth_answer(const struct auth_account *account,
	osip_message_t *request, osip_message_t *challenge)
{
	bool proxy = challenge->status_code == 407;
	osip_list_t *headers = proxy ? &challenge->proxy_authenticates
				     : &challenge->www_authenticates;
	osip_list_t *sent = proxy ? &request->proxy_authorizations
				  : &request->authorizations;
	struct challenge c = {0};
	enum auth_verdict verdict = AUTH_READY;
	char *value;

	if (!find_challenge(headers, &c))
		return AUTH_UNSUPPORTED;
	if (!account->password)
		verdict = AUTH_NO_PASSWORD;
	else if (osip_list_size(sent) > 0 && !c.stale)
		verdict = AUTH_REJECTED;
	if (verdict != AUTH_READY)
		goto out;
	osip_list_special_free(sent, (void (*)(void *))osip_authorization_free);
	value = credentials(account, &c, request);
	if (proxy)
		osip_message_set_proxy_authorization(request, value);
	else
		osip_message_set_authorization(request, value);
	g_free(value);
out:
	clear(&c);
	return verdict;
}

const char *auth_text(enum auth_verdict verdict)
{
	switch (verdict) {
	case AUTH_REJECTED:
		return "the server does not accept this user and password";
	case AUTH_NO_PASSWORD:
		return "the server asks for a password and none was given "
		       "(SIPVPN_PASSWORD or --password-file)";
	case AUTH_UNSUPPORTED:
		return "the server asks for an authentication other than "
		       "digest with MD5 or SHA-256";
	case AUTH_READY:
		break;
	}
	return "";
}
