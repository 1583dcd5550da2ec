/* vpnsdp_attr.c - the attributes of the VPN section, each judged. PURE. */
#include "vpnsdp_priv.h"

#define MAX_PAKE 512 /* two P-256 values in base64 take a third of it */

/* RFC 8839 section 5.4 */
#define MIN_UFRAG 4
#define MIN_PWD 22
#define MAX_ICE 256

static bool is_alnum(char c)
{
	c = slice_lower(c);
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Letters, digits and what extra lists; at least min and at most max. */
static bool charset(struct slice s, struct slice extra, size_t min, size_t max)
{
	if (s.len < min || s.len > max)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!is_alnum(s.p[i]) && !memchr(extra.p, s.p[i], extra.len))
			return false;
	return true;
}

bool vpnsdp_printable(struct slice s, bool blanks)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] < (blanks ? ' ' : '!') || s.p[i] > '~')
			return false;
	return true;
}

static enum vpnsdp_err set_text(
	struct slice value, bool ok, enum vpnsdp_err bad, struct slice *out)
{
	if (!ok)
		return bad;
	if (out->len > 0)
		return VPNSDP_TWICE;
	*out = value;
	return VPNSDP_OK;
}

/* family 0: either will do */
static enum vpnsdp_err set_addr(
	struct slice value, uint8_t family, struct vpnsdp_addr *out)
{
	struct vpnsdp_addr a;

	if (!vpnsdp_addr_parse(value, &a) || (family && a.family != family))
		return VPNSDP_BAD_ADDRESS;
	if (out->family)
		return VPNSDP_TWICE;
	*out = a;
	return VPNSDP_OK;
}

static enum vpnsdp_err attr_ip4(struct slice value, struct vpnsdp *v)
{
	return set_addr(value, 4, &v->ip4);
}

static enum vpnsdp_err attr_ip6(struct slice value, struct vpnsdp *v)
{
	return set_addr(value, 6, &v->ip6);
}

static enum vpnsdp_err attr_local(struct slice value, struct vpnsdp *v)
{
	return set_addr(value, 0, &v->local);
}

static enum vpnsdp_err attr_remote(struct slice value, struct vpnsdp *v)
{
	return set_addr(value, 0, &v->remote);
}

static enum vpnsdp_err attr_port(struct slice value, struct vpnsdp *v)
{
	uint32_t port;

	if (!slice_u32(value, UINT16_MAX, &port))
		return VPNSDP_BAD_PORT;
	if (v->has_attr_port)
		return VPNSDP_TWICE;
	v->attr_port = (uint16_t)port;
	v->has_attr_port = true;
	return VPNSDP_OK;
}

/* In a header, in SQL or in JSON. */
bool vpnsdp_valid_id(struct slice id)
{
	if (id.len == 0 || id.len > VPNSDP_MAX_VPN_ID)
		return false;
	for (size_t i = 0; i < id.len; i++) {
		char c = id.p[i];

		if (c < '!' || c > '~' || c == '"' || c == '\'' || c == '\\')
			return false;
	}
	return true;
}

static enum vpnsdp_err attr_vpn_id(struct slice value, struct vpnsdp *v)
{
	return set_text(
		value, vpnsdp_valid_id(value), VPNSDP_BAD_VPN_ID, &v->vpn_id);
}

static enum vpnsdp_err attr_tls_id(struct slice value, struct vpnsdp *v)
{
	/* RFC 8842 section 4 */
	bool ok = charset(
		value, SLICE("+/-_"), VPNSDP_MIN_TLS_ID, VPNSDP_MAX_TLS_ID);

	return set_text(value, ok, VPNSDP_BAD_TLS_ID, &v->tls_id);
}

static enum vpnsdp_err attr_pake(struct slice value, struct vpnsdp *v)
{
	bool ok = charset(value, SLICE("+/=- "), 1, MAX_PAKE);

	return set_text(value, ok, VPNSDP_BAD_PAKE, &v->pake);
}

static enum vpnsdp_err attr_candidate(struct slice value, struct vpnsdp *v)
{
	if (value.len == 0 || !vpnsdp_printable(value, true))
		return VPNSDP_BAD_ICE;
	if (v->n_candidates == VPNSDP_MAX_CANDIDATES)
		return VPNSDP_TOO_MANY_CANDIDATES;
	v->candidates[v->n_candidates++] = value;
	return VPNSDP_OK;
}

static enum vpnsdp_err level_setup(struct slice value, struct vpnsdp_level *lv)
{
	enum vpnsdp_setup setup;

	if (slice_caseeq(value, SLICE("actpass")))
		setup = VPNSDP_SETUP_ACTPASS;
	else if (slice_caseeq(value, SLICE("active")))
		setup = VPNSDP_SETUP_ACTIVE;
	else if (slice_caseeq(value, SLICE("passive")))
		setup = VPNSDP_SETUP_PASSIVE;
	else if (slice_caseeq(value, SLICE("holdconn")))
		setup = VPNSDP_SETUP_HOLDCONN;
	else
		return VPNSDP_BAD_SETUP;
	if (lv->setup != VPNSDP_SETUP_NONE)
		return VPNSDP_TWICE;
	lv->setup = setup;
	return VPNSDP_OK;
}

/*
 * "AA:BB:..." of exactly VPNSDP_FINGERPRINT_LEN bytes. RFC 8122 section 5
 * wants upper case; some write lower and mean no harm.
 */
static bool parse_fingerprint(struct slice s, uint8_t *out)
{
	/* a digit's value + 1; 0 is none */
	static const uint8_t digit[256] = {['0'] = 1,
		['1'] = 2,
		['2'] = 3,
		['3'] = 4,
		['4'] = 5,
		['5'] = 6,
		['6'] = 7,
		['7'] = 8,
		['8'] = 9,
		['9'] = 10,
		['A'] = 11,
		['B'] = 12,
		['C'] = 13,
		['D'] = 14,
		['E'] = 15,
		['F'] = 16,
		['a'] = 11,
		['b'] = 12,
		['c'] = 13,
		['d'] = 14,
		['e'] = 15,
		['f'] = 16};
	const unsigned char *p = (const unsigned char *)s.p;

	if (s.len != VPNSDP_FINGERPRINT_LEN * 3 - 1)
		return false;
	for (size_t i = 0; i < VPNSDP_FINGERPRINT_LEN; i++, p += 3) {
		unsigned int high = digit[p[0]], low = digit[p[1]];

		if (high == 0 || low == 0 || (i > 0 && p[-1] != ':'))
			return false;
		out[i] = (uint8_t)((high - 1) << 4 | (low - 1));
	}
	return true;
}

static enum vpnsdp_err level_fingerprint(
	struct slice value, struct vpnsdp_level *lv)
{
	uint8_t f[VPNSDP_FINGERPRINT_LEN];
	struct slice rest = value;
	struct slice hash = vpnsdp_word(&rest);
	struct slice hex = vpnsdp_trim(rest);

	if (hex.len == 0 || memchr(hex.p, ' ', hex.len) ||
		memchr(hex.p, '\t', hex.len))
		return VPNSDP_BAD_FINGERPRINT;
	if (!slice_caseeq(hash, SLICE("sha-256"))) {
		lv->other_fingerprint = true;
		return VPNSDP_OK;
	}
	if (!parse_fingerprint(hex, f))
		return VPNSDP_BAD_FINGERPRINT;
	if (lv->has_fingerprint && memcmp(lv->fingerprint, f, sizeof(f)) != 0)
		return VPNSDP_TWICE;
	memcpy(lv->fingerprint, f, sizeof(f));
	lv->has_fingerprint = true;
	return VPNSDP_OK;
}

static enum vpnsdp_err level_ufrag(struct slice value, struct vpnsdp_level *lv)
{
	bool ok = charset(value, SLICE("+/"), MIN_UFRAG, MAX_ICE);

	return set_text(value, ok, VPNSDP_BAD_ICE, &lv->ice_ufrag);
}

static enum vpnsdp_err level_pwd(struct slice value, struct vpnsdp_level *lv)
{
	bool ok = charset(value, SLICE("+/"), MIN_PWD, MAX_ICE);

	return set_text(value, ok, VPNSDP_BAD_ICE, &lv->ice_pwd);
}

/* One of the four words that stand alone, RFC 8866 section 6.7. */
static bool parse_direction(struct slice attr, enum vpnsdp_direction *out)
{
	if (slice_eq(attr, SLICE("sendrecv")))
		*out = VPNSDP_SENDRECV;
	else if (slice_eq(attr, SLICE("sendonly")))
		*out = VPNSDP_SENDONLY;
	else if (slice_eq(attr, SLICE("recvonly")))
		*out = VPNSDP_RECVONLY;
	else if (slice_eq(attr, SLICE("inactive")))
		*out = VPNSDP_INACTIVE;
	else
		return false;
	return true;
}

/* A string literal where the language wants a constant. */
#define WORD(literal)                                                          \
	{                                                                      \
		literal, sizeof(literal) - 1                                   \
	}

static enum vpnsdp_err read_level(
	struct slice name, struct slice value, struct vpnsdp_level *lv)
{
	static const struct {
		struct slice name;
		enum vpnsdp_err (*read)(
			struct slice value, struct vpnsdp_level *lv);
	} known[] = {
		{WORD("setup"), level_setup},
		{WORD("fingerprint"), level_fingerprint},
		{WORD("ice-ufrag"), level_ufrag},
		{WORD("ice-pwd"), level_pwd},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (slice_eq(name, known[i].name))
			return known[i].read(value, lv);
	return VPNSDP_OK;
}

static enum vpnsdp_err read_vpn(
	struct slice name, struct slice value, struct vpnsdp *v)
{
	static const struct {
		struct slice name;
		enum vpnsdp_err (*read)(struct slice value, struct vpnsdp *v);
	} known[] = {
		{WORD("IP4"), attr_ip4},
		{WORD("IP6"), attr_ip6},
		{WORD("PORT"), attr_port},
		{WORD("VPN_ID"), attr_vpn_id},
		{WORD("VPN_LOCAL_ADDR"), attr_local},
		{WORD("VPN_REMOTE_ADDR"), attr_remote},
		{WORD("tls-id"), attr_tls_id},
		{WORD("vpn-pake"), attr_pake},
		{WORD("candidate"), attr_candidate},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (slice_eq(name, known[i].name))
			return known[i].read(value, v);
	return VPNSDP_OK;
}

enum vpnsdp_err vpnsdp_attr(
	struct slice attr, struct vpnsdp_level *lv, struct vpnsdp *v)
{
	enum vpnsdp_direction direction;
	enum vpnsdp_err ret;
	struct slice name;

	if (parse_direction(attr, &direction)) {
		if (lv->has_direction)
			return VPNSDP_TWICE;
		lv->direction = direction;
		lv->has_direction = true;
		return VPNSDP_OK;
	}
	if (!slice_cut(&attr, ':', &name))
		return VPNSDP_OK;
	ret = read_level(name, attr, lv);
	return ret || !v ? ret : read_vpn(name, attr, v);
}
