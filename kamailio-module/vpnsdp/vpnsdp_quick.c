/*
 * vpnsdp_quick.c - is this an offer as most are, and sound? PURE.
 *
 * Rule: what is said here, vpnsdp_parse() and vpnsdp_check_offer() say too.
 * Whatever is unusual, rare or wrong is left to them: one section, IPv4, the
 * attributes in their usual case, one blank between two fields. Each byte is
 * looked at by whoever reads its line: no NUL and no bare CR is left over.
 */
#include "vpnsdp_priv.h"

#define HALF 48 /* bytes of half a fingerprint, each byte with a colon */

/* What may stand once. */
enum {
	SEEN_ORIGIN = 1,
	SEEN_MEDIA = 2,
	SEEN_IP4 = 4,
	SEEN_PORT = 8,
	SEEN_SETUP = 16,
	SEEN_TLS_ID = 32,
	SEEN_FINGERPRINT = 64,
};

struct quick {
	unsigned int seen;
	struct vpnsdp_addr session_conn, conn, ip4;
	struct vpnsdp_names names;
	/* the address read last: o=, c= and a=IP4 are mostly the same */
	struct slice text;
	struct vpnsdp_addr addr;
};

static bool once(struct quick *q, unsigned int what)
{
	bool first = !(q->seen & what);

	q->seen |= what;
	return first;
}

static bool starts(struct slice s, const char *word, size_t len)
{
	return s.len > len && memcmp(s.p, word, len) == 0;
}
#define STARTS(s, literal) starts(s, "" literal, sizeof(literal) - 1)
#define BEHIND(s, literal) slice_skip(s, sizeof(literal) - 1)

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool read_v4(struct quick *q, struct slice text, struct vpnsdp_addr *out)
{
	if (out->family)
		return false;
	if (!slice_eq(text, q->text)) {
		if (!vpnsdp_parse_v4(text, q->addr.b))
			return false;
		q->addr.family = 4;
		q->text = text;
	}
	*out = q->addr;
	return true;
}

/* Digits and a blank; what follows is left in *s. */
static bool number_and_blank(struct slice *s)
{
	size_t n = 0;

	while (n < s->len && is_digit(s->p[n]))
		n++;
	if (n == 0 || n == s->len || s->p[n] != ' ')
		return false;
	*s = slice_skip(*s, n + 1);
	return true;
}

/* "user sess-id sess-version IN IP4 address" */
static bool read_origin(struct quick *q, struct slice s)
{
	struct vpnsdp_addr addr = {.family = 0};
	const char *blank = memchr(s.p, ' ', s.len);
	struct slice user = s;

	if (!blank || blank == s.p)
		return false;
	user.len = (size_t)(blank - s.p);
	s = slice_skip(s, user.len + 1);
	return vpnsdp_printable(user, false) && number_and_blank(&s) &&
	       number_and_blank(&s) && STARTS(s, "IN IP4 ") &&
	       read_v4(q, BEHIND(s, "IN IP4 "), &addr);
}

static bool read_connection(
	struct quick *q, struct slice s, struct vpnsdp_addr *out)
{
	return STARTS(s, "IN IP4 ") && read_v4(q, BEHIND(s, "IN IP4 "), out);
}

/* Digits up to the end, above 0. */
static bool is_port(struct slice s)
{
	uint32_t port;

	return slice_u32(s, UINT16_MAX, &port) && port > 0;
}

/* "application/vpn 1194 OpenVPN 0" */
static bool read_media(struct slice s)
{
	static const struct slice proto = {" OpenVPN ", 9};
	struct slice port;
	size_t n = 0;

	if (!STARTS(s, "application/vpn "))
		return false;
	s = BEHIND(s, "application/vpn ");
	while (n < s.len && is_digit(s.p[n]))
		n++;
	port = (struct slice){s.p, n};
	s = slice_skip(s, n);
	if (!is_port(port) || s.len <= proto.len || !slice_starts(s, proto))
		return false;
	s = slice_skip(s, proto.len);
	return vpnsdp_printable(s, false);
}

static bool is_tls_id(struct slice s)
{
	unsigned char bad = 0;

	if (s.len < VPNSDP_MIN_TLS_ID || s.len > VPNSDP_MAX_TLS_ID)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		bad |= (unsigned char)!(
			(unsigned char)((c | 0x20) - 'a') < 26 ||
			(unsigned char)(c - '0') < 10);
	}
	return !bad;
}

static bool is_setup(struct slice s)
{
	return slice_eq(s, SLICE("actpass")) || slice_eq(s, SLICE("active")) ||
	       slice_eq(s, SLICE("passive"));
}

/* "AA:BB:..." and a ":", half of it; without a branch, as above. */
static unsigned char half_is_bad(const char text[static HALF])
{
	static const unsigned char colon[HALF] = {0, 0, 1, 0, 0, 1, 0, 0, 1, 0,
		0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0,
		0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1};
	unsigned char bad = 0;

	for (size_t i = 0; i < HALF; i++) {
		unsigned char c = (unsigned char)text[i];
		unsigned char digit = (unsigned char)(c - '0') < 10;
		unsigned char letter = (unsigned char)((c | 0x20) - 'a') < 6;
		unsigned char wrong = c != ':';

		bad |= (unsigned char)(((digit | letter) == colon[i]) |
				       (wrong & colon[i]));
	}
	return bad;
}

static bool is_sha256(struct slice s)
{
	char end[HALF];

	if (s.len != 2 * HALF - 1)
		return false;
	memcpy(end, s.p + HALF, HALF - 1);
	end[HALF - 1] = ':';
	return !(half_is_bad(s.p) | half_is_bad(end));
}

static bool read_vpn_attribute(struct quick *q, struct slice s)
{
	if (STARTS(s, "VPN_LOCAL_ADDR:"))
		return read_v4(
			q, BEHIND(s, "VPN_LOCAL_ADDR:"), &q->names.local);
	if (STARTS(s, "VPN_REMOTE_ADDR:"))
		return read_v4(
			q, BEHIND(s, "VPN_REMOTE_ADDR:"), &q->names.remote);
	if (!STARTS(s, "VPN_ID:") || q->names.vpn_id.len > 0)
		return false;
	q->names.vpn_id = BEHIND(s, "VPN_ID:");
	return vpnsdp_valid_id(q->names.vpn_id);
}

static bool read_attribute(struct quick *q, struct slice s)
{
	if (s.len == 0 || !(q->seen & SEEN_MEDIA))
		return false;
	switch (s.p[0]) {
	case 'I':
		return STARTS(s, "IP4:") &&
		       read_v4(q, BEHIND(s, "IP4:"), &q->ip4);
	case 'P':
		return STARTS(s, "PORT:") && once(q, SEEN_PORT) &&
		       is_port(BEHIND(s, "PORT:"));
	case 'V':
		return read_vpn_attribute(q, s);
	case 's':
		return STARTS(s, "setup:") && once(q, SEEN_SETUP) &&
		       is_setup(BEHIND(s, "setup:"));
	case 't':
		return STARTS(s, "tls-id:") && once(q, SEEN_TLS_ID) &&
		       is_tls_id(BEHIND(s, "tls-id:"));
	case 'f':
		return STARTS(s, "fingerprint:SHA-256 ") &&
		       once(q, SEEN_FINGERPRINT) &&
		       is_sha256(BEHIND(s, "fingerprint:SHA-256 "));
	default:
		return false;
	}
}

/* line has two bytes at least, the second of them "=". */
static bool read_line(struct quick *q, struct slice line)
{
	struct slice value = slice_skip(line, 2);
	bool in_section = q->seen & SEEN_MEDIA;

	switch (line.p[0]) {
	case 'a':
		return read_attribute(q, value);
	case 'c':
		return read_connection(
			q, value, in_section ? &q->conn : &q->session_conn);
	case 'o':
		return !in_section && once(q, SEEN_ORIGIN) && value.len > 0 &&
		       read_origin(q, value);
	case 'm':
		return once(q, SEEN_MEDIA) && read_media(value);
	case 's':
	case 't':
	case 'b':
		return vpnsdp_printable(value, true);
	default:
		return false;
	}
}

static bool can_be_reached(const struct quick *q)
{
	const struct vpnsdp_addr *conn =
		q->conn.family ? &q->conn : &q->session_conn;

	if (q->ip4.family && ((q->seen & SEEN_PORT) || !conn->family))
		return vpnsdp_addr_unicast(&q->ip4);
	return vpnsdp_addr_unicast(conn);
}

/* Both addresses, or neither. */
static bool has_tunnel(const struct vpnsdp_names *n)
{
	if (!n->local.family && !n->remote.family)
		return true;
	return n->local.family == n->remote.family &&
	       vpnsdp_addr_unicast(&n->local) &&
	       vpnsdp_addr_unicast(&n->remote) &&
	       !vpnsdp_addr_eq(&n->local, &n->remote);
}

bool vpnsdp_quick_offer(struct slice body, struct vpnsdp_names *out)
{
	static const struct slice version = {"v=0\r\n", 5};
	struct quick q = {.seen = 0};
	struct slice line;

	if (body.len > VPNSDP_MAX_BODY || !slice_starts(body, version))
		return false;
	body = slice_skip(body, version.len);
	while (slice_line(&body, &line)) {
		if (line.len < 2 || line.p[1] != '=' || !read_line(&q, line))
			return false;
	}
	if (!(q.seen & SEEN_ORIGIN) || !(q.seen & SEEN_MEDIA) ||
		!can_be_reached(&q) || !has_tunnel(&q.names))
		return false;
	*out = q.names;
	return true;
}
