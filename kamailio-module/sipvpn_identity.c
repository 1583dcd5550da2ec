/*
 * sipvpn_identity.c - who a message is from and for.
 */
#include "sipvpn_identity.h"

#include "core/dprint.h"
#include "core/forward.h"
#include "core/parser/digest/digest.h"
#include "core/parser/parse_from.h"
#include "core/parser/parse_to.h"
#include "core/parser/parse_uri.h"
#include "core/pvar.h"

#include "kam_slice.h"

#define MAX_VOUCHED 512 /* a SIP URI; a longer one is not believed */

static struct slice home_domain;
static pv_spec_t *vouched_pv;

int sipvpn_identity_init(const str *domain, const str *vouched)
{
	str name = *vouched;

	home_domain = slice_of_str(domain);
	if (!name.s || name.len <= 0)
		return 0;
	vouched_pv = pv_cache_get(&name);
	if (vouched_pv)
		return 0;
	LM_ERR("trusted_caller is no pseudo-variable: %.*s\n", STR_FMT(&name));
	return -1;
}

/* A SIP URI with ";user=phone" is a TEL one to Kamailio. */
static bool is_sip(const struct sip_uri *uri)
{
	return uri->type == SIP_URI_T || uri->type == SIPS_URI_T ||
	       (uri->flags & URI_SIP_USER_PHONE);
}

static bool aor_of_uri(const struct sip_uri *uri, struct sipvpn_aor *out)
{
	if (!is_sip(uri))
		return false;
	out->user = slice_of_str(&uri->user);
	out->domain = slice_of_str(&uri->host);
	return out->user.len > 0 && out->domain.len > 0;
}

/* Letters and digits, '.', '-' and '_': none of them ends a part of a URI. */
static const char plain[256] = {
	['-'] = 1,
	['.'] = 1,
	['_'] = 1,
	['0'] = 1,
	['1'] = 1,
	['2'] = 1,
	['3'] = 1,
	['4'] = 1,
	['5'] = 1,
	['6'] = 1,
	['7'] = 1,
	['8'] = 1,
	['9'] = 1,
	['A'] = 1,
	['B'] = 1,
	['C'] = 1,
	['D'] = 1,
	['E'] = 1,
	['F'] = 1,
	['G'] = 1,
	['H'] = 1,
	['I'] = 1,
	['J'] = 1,
	['K'] = 1,
	['L'] = 1,
	['M'] = 1,
	['N'] = 1,
	['O'] = 1,
	['P'] = 1,
	['Q'] = 1,
	['R'] = 1,
	['S'] = 1,
	['T'] = 1,
	['U'] = 1,
	['V'] = 1,
	['W'] = 1,
	['X'] = 1,
	['Y'] = 1,
	['Z'] = 1,
	['a'] = 1,
	['b'] = 1,
	['c'] = 1,
	['d'] = 1,
	['e'] = 1,
	['f'] = 1,
	['g'] = 1,
	['h'] = 1,
	['i'] = 1,
	['j'] = 1,
	['k'] = 1,
	['l'] = 1,
	['m'] = 1,
	['n'] = 1,
	['o'] = 1,
	['p'] = 1,
	['q'] = 1,
	['r'] = 1,
	['s'] = 1,
	['t'] = 1,
	['u'] = 1,
	['v'] = 1,
	['w'] = 1,
	['x'] = 1,
	['y'] = 1,
	['z'] = 1,
};

/* Up to where s is plain: nothing that a URI parser would stop at. */
static size_t plain_length(struct slice s)
{
	size_t n = 0;

	while (n < s.len && plain[(unsigned char)s.p[n]])
		n++;
	return n;
}

/*
 * "sip:user@host" and no more, as most are: read in a tenth of the time that
 * parse_uri() takes. All else is left to that.
 */
static bool aor_of_plain(struct slice text, struct sipvpn_aor *out)
{
	struct sipvpn_aor aor;

	if (!slice_starts(text, SLICE("sip:")))
		return false;
	text = slice_skip(text, 4);
	aor.user = (struct slice){text.p, plain_length(text)};
	text = slice_skip(text, aor.user.len);
	if (aor.user.len == 0 || text.len < 2 || text.p[0] != '@')
		return false;
	aor.domain = slice_skip(text, 1);
	if (plain_length(aor.domain) != aor.domain.len)
		return false;
	*out = aor;
	return true;
}

static bool aor_of_text(str *text, struct sipvpn_aor *out)
{
	struct sip_uri uri;

	if (aor_of_plain(slice_of_str(text), out))
		return true;
	return parse_uri(text->s, text->len, &uri) == 0 &&
	       aor_of_uri(&uri, out);
}

/*
 * Whom the script vouches for. The text is copied: what a pseudo-variable
 * gives may lie in a buffer that the next ones use too.
 */
static bool find_vouched(struct sip_msg *msg, struct sipvpn_aor *caller)
{
	static char copy[MAX_VOUCHED];
	pv_value_t value;
	str text;

	if (!vouched_pv || pv_get_spec_value(msg, vouched_pv, &value) != 0)
		return false;
	if (!(value.flags & PV_VAL_STR) || value.rs.len <= 0 ||
		value.rs.len > MAX_VOUCHED)
		return false;
	text = (str){copy, value.rs.len};
	memcpy(copy, value.rs.s, (size_t)value.rs.len);
	return aor_of_text(&text, caller);
}

static struct hdr_field *authorized_header(struct sip_msg *msg)
{
	struct hdr_field *h = NULL;

	if (msg->proxy_auth)
		get_authorized_cred(msg->proxy_auth, &h);
	if (!h && msg->authorization)
		get_authorized_cred(msg->authorization, &h);
	return h;
}

/*
 * Who has proved to know a password. Only the user part of the username and
 * the realm were looked up for that: a username that names another domain
 * claims more than was proved, and is not believed.
 */
static bool find_authenticated(struct sip_msg *msg, struct sipvpn_aor *caller)
{
	struct hdr_field *h = authorized_header(msg);
	struct sipvpn_aor found;
	const dig_cred_t *cred;
	struct slice claimed;

	if (!h || !h->parsed)
		return false;
	cred = &((auth_body_t *)h->parsed)->digest;
	found.user = slice_of_str(&cred->username.user);
	found.domain =
		home_domain.len > 0 ? home_domain : slice_of_str(&cred->realm);
	claimed = slice_of_str(&cred->username.domain);
	if (claimed.len > 0 && !slice_caseeq(claimed, found.domain))
		return false;
	if (found.user.len == 0 || found.domain.len == 0)
		return false;
	*caller = found;
	return true;
}

void sipvpn_identity_pair(struct sip_msg *msg, struct sipvpn_pair *out)
{
	struct sipvpn_aor nobody = {SLICE(""), SLICE("")};

	*out = (struct sipvpn_pair){nobody, nobody, false};
	if (!find_authenticated(msg, &out->caller) &&
		!find_vouched(msg, &out->caller))
		out->caller = nobody;
	/* the request URI, which is not looked up yet */
	if (aor_of_plain(slice_of_str(GET_RURI(msg)), &out->callee))
		return;
	if (parse_sip_msg_uri(msg) < 0 ||
		!aor_of_uri(&msg->parsed_uri, &out->callee))
		out->callee = nobody;
}

static void take_home(struct sipvpn_aor *aor)
{
	str host = str_of_slice(aor->domain);

	if (home_domain.len > 0 && check_self(&host, 0, 0) == 1)
		aor->domain = home_domain;
}

bool sipvpn_identity_claimed(struct sip_msg *msg, struct sipvpn_pair *out)
{
	struct sipvpn_pair pair = {.from_callee = false};

	if (parse_from_header(msg) < 0 || parse_to_header(msg) < 0)
		return false;
	if (!aor_of_text(&get_from(msg)->uri, &pair.caller) ||
		!aor_of_text(&get_to(msg)->uri, &pair.callee))
		return false;
	take_home(&pair.caller);
	take_home(&pair.callee);
	*out = pair;
	return true;
}

static bool same_aor(const struct sipvpn_aor *a, const struct sipvpn_aor *b)
{
	return slice_eq(a->user, b->user) && slice_caseeq(a->domain, b->domain);
}

bool sipvpn_identity_same(
	const struct sipvpn_pair *a, const struct sipvpn_pair *b)
{
	return a->from_callee == b->from_callee &&
	       same_aor(&a->caller, &b->caller) &&
	       same_aor(&a->callee, &b->callee);
}
