/* vpnsdp_parse.c - an SDP body, line by line, into struct vpnsdp. PURE. */
#include "vpnsdp_priv.h"

struct parser {
	struct slice rest;      /* not read yet */
	struct vpnsdp_error at; /* the line being read */
	struct vpnsdp v;
	struct vpnsdp_level session, section;
	struct vpnsdp_error vpn_at; /* the VPN m= line; line 0: none so far */
	enum { IN_SESSION, IN_VPN, IN_OTHER } where;
	bool has_origin;
	bool has_nul; /* somewhere in the body */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

struct slice vpnsdp_word(struct slice *rest)
{
	const char *p = rest->p;
	size_t left = rest->len, n = 0;

	for (; left > 0 && is_blank(*p); left--)
		p++;
	while (n < left && !is_blank(p[n]))
		n++;
	if (rest->len > 0) /* p may be NULL, and NULL + 0 is undefined in C */
		*rest = (struct slice){p + n, left - n};
	return (struct slice){p, n};
}

struct slice vpnsdp_trim(struct slice s)
{
	while (s.len > 0 && is_blank(s.p[0]))
		s = slice_skip(s, 1);
	while (s.len > 0 && is_blank(s.p[s.len - 1]))
		s.len--;
	return s;
}

struct vpnsdp_mline vpnsdp_mline_split(struct slice value)
{
	struct vpnsdp_mline m;

	m.media = vpnsdp_word(&value);
	m.port = vpnsdp_word(&value);
	m.tail = vpnsdp_trim(value);
	m.proto = vpnsdp_word(&value);
	m.fmt = vpnsdp_trim(value);
	return m;
}

static bool fmt_has(struct slice fmt, struct slice wanted)
{
	struct slice word;

	do {
		word = vpnsdp_word(&fmt);
		if (slice_caseeq(word, wanted))
			return true;
	} while (word.len > 0);
	return false;
}

/*
 * Is this m= line meant for us? Only what tells it from other people's media
 * is looked at, so that a damaged VPN line is refused and not overlooked.
 */
static bool vpn_form(const struct vpnsdp_mline *m, enum vpnsdp_form *form)
{
	if (slice_caseeq(m->media, SLICE("application/vpn"))) {
		*form = VPNSDP_FORM_THESIS;
		return true;
	}
	if (!slice_caseeq(m->media, SLICE("application")))
		return false;
	if (slice_caseeq(m->proto, SLICE("UDP/OpenVPN"))) {
		*form = VPNSDP_FORM_UDP_OPENVPN;
		return true;
	}
	if (slice_caseeq(m->proto, SLICE("udp")) &&
		fmt_has(m->fmt, SLICE("openvpn"))) {
		*form = VPNSDP_FORM_UDP;
		return true;
	}
	return false;
}

bool vpnsdp_vpn_line(struct slice line)
{
	enum vpnsdp_form form;
	struct vpnsdp_mline m;

	if (slice_starts(line, SLICE("m=application/vpn "))) /* as most are */
		return true;
	if (!slice_starts(line, SLICE("m=")))
		return false;
	m = vpnsdp_mline_split(slice_skip(line, 2));
	return vpn_form(&m, &form);
}

/* The line without its end; false behind the last one. */
static bool next_line(struct parser *p)
{
	struct slice line;

	if (!slice_line(&p->rest, &line))
		return false;
	p->at.line++;
	p->at.text = line;
	return true;
}

/* RFC 8866 section 9: one letter, "=", then no NUL, CR or LF */
static bool well_formed(const struct parser *p, struct slice line)
{
	char type;

	if (line.len < 2 || line.p[1] != '=')
		return false;
	type = slice_lower(line.p[0]);
	if (p->has_nul && memchr(line.p, '\0', line.len))
		return false;
	return type >= 'a' && type <= 'z' && !memchr(line.p, '\r', line.len);
}

/* Nothing but line ends follows: many a sender adds one too many. */
static bool at_end(const struct parser *p)
{
	for (size_t i = 0; i < p->rest.len; i++)
		if (p->rest.p[i] != '\r' && p->rest.p[i] != '\n')
			return false;
	return true;
}

static bool all_digits(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.len > 0;
}

/* user sess-id sess-version nettype addrtype address, RFC 8866 section 5.2 */
static enum vpnsdp_err read_origin(struct parser *p, struct slice value)
{
	struct slice field[6];

	if (p->has_origin)
		return VPNSDP_TWICE;
	for (size_t i = 0; i < 6; i++) {
		field[i] = vpnsdp_word(&value);
		if (field[i].len == 0)
			return VPNSDP_BAD_ORIGIN;
	}
	if (vpnsdp_word(&value).len > 0 || !all_digits(field[1]) ||
		!all_digits(field[2]))
		return VPNSDP_BAD_ORIGIN;
	p->v.origin_user = field[0];
	p->v.sess_id = field[1];
	p->v.sess_version = field[2];
	/* a host name is as good: nothing is ever sent there */
	(void)vpnsdp_addr_parse(field[5], &p->v.origin_addr);
	p->has_origin = true;
	return VPNSDP_OK;
}

/* "IN IP4 address"; a host name is allowed and leaves *out alone. */
static enum vpnsdp_err parse_connection(
	struct slice value, struct vpnsdp_addr *out)
{
	struct slice nettype = vpnsdp_word(&value);
	struct slice addrtype = vpnsdp_word(&value);
	struct slice text = vpnsdp_word(&value);
	struct vpnsdp_addr a;
	uint8_t family;

	if (text.len == 0 || vpnsdp_word(&value).len > 0 ||
		!slice_caseeq(nettype, SLICE("IN")))
		return VPNSDP_BAD_CONNECTION;
	if (slice_caseeq(addrtype, SLICE("IP4")))
		family = 4;
	else if (slice_caseeq(addrtype, SLICE("IP6")))
		family = 6;
	else
		return VPNSDP_BAD_CONNECTION;
	/* TTL and number of addresses belong to multicast, section 5.7 */
	if (memchr(text.p, '/', text.len))
		return VPNSDP_BAD_CONNECTION;
	if (vpnsdp_addr_parse(text, &a)) {
		if (a.family != family)
			return VPNSDP_BAD_CONNECTION;
		*out = a;
	}
	return VPNSDP_OK;
}

static enum vpnsdp_err read_vpn_media(
	struct parser *p, const struct vpnsdp_mline *m)
{
	uint32_t port;

	if (p->v.form == VPNSDP_FORM_THESIS &&
		!slice_caseeq(m->proto, SLICE("OpenVPN")))
		return VPNSDP_BAD_MEDIA;
	if (p->v.form == VPNSDP_FORM_UDP_OPENVPN &&
		!slice_eq(m->fmt, SLICE("*")))
		return VPNSDP_BAD_MEDIA;
	if (m->fmt.len == 0 || !vpnsdp_printable(m->fmt, true))
		return VPNSDP_BAD_MEDIA;
	if (!slice_u32(m->port, UINT16_MAX, &port))
		return VPNSDP_BAD_PORT;
	p->v.port = (uint16_t)port;
	p->v.fmt = m->fmt;
	return VPNSDP_OK;
}

/* The VPN section, if that is what ends here, reaches up to end. */
static void end_section(struct parser *p, const char *end)
{
	if (p->where == IN_VPN)
		p->v.section.len = (size_t)(end - p->v.section.p);
}

static enum vpnsdp_err read_media(struct parser *p, struct slice value)
{
	struct vpnsdp_mline m = vpnsdp_mline_split(value);
	enum vpnsdp_form form;

	end_section(p, p->at.text.p);
	if (p->v.n_media == VPNSDP_MAX_MEDIA)
		return VPNSDP_TOO_MANY_MEDIA;
	p->v.media[p->v.n_media++] = value;
	p->where = IN_OTHER;
	if (!vpn_form(&m, &form))
		return VPNSDP_OK;
	if (p->vpn_at.line > 0)
		return VPNSDP_TWO_VPN;
	p->where = IN_VPN;
	p->vpn_at = p->at;
	p->v.vpn_index = p->v.n_media - 1;
	p->v.section.p = p->at.text.p;
	p->v.form = form;
	return read_vpn_media(p, &m);
}

static enum vpnsdp_err read_attribute(struct parser *p, struct slice value)
{
	if (p->where == IN_SESSION)
		return vpnsdp_attr(value, &p->session, NULL);
	return vpnsdp_attr(value, &p->section, &p->v);
}

static enum vpnsdp_err read_line(struct parser *p)
{
	struct slice line = p->at.text;
	struct slice value = slice_skip(line, 2);
	struct vpnsdp_level *lv;

	if (p->at.line == 1 && !slice_eq(line, SLICE("v=0")))
		return VPNSDP_NO_VERSION;
	if (line.len == 0 && at_end(p))
		return VPNSDP_OK;
	if (!well_formed(p, line))
		return VPNSDP_BAD_LINE;
	if (line.p[0] == 'm')
		return read_media(p, value);
	if (p->where == IN_OTHER)
		return VPNSDP_OK;
	lv = p->where == IN_VPN ? &p->section : &p->session;
	switch (line.p[0]) {
	case 'o':
		return p->where == IN_VPN ? VPNSDP_OK : read_origin(p, value);
	case 'c':
		if (lv->conn_at.line > 0)
			return VPNSDP_TWICE;
		lv->conn_at =
			p->at; /* judged when it is known to be in force */
		return VPNSDP_OK;
	case 'a':
		return read_attribute(p, value);
	default:
		return VPNSDP_OK;
	}
}

static enum vpnsdp_err settle_connection(struct parser *p)
{
	const struct vpnsdp_level *lv = &p->session;
	enum vpnsdp_err ret;

	p->v.conn_own = p->section.conn_at.line > 0;
	if (p->v.conn_own)
		lv = &p->section;
	if (lv->conn_at.line > 0) {
		p->at = lv->conn_at;
		ret = parse_connection(
			slice_skip(lv->conn_at.text, 2), &p->v.conn);
		if (ret)
			return ret;
	}
	/* a refused section needs no address, RFC 3264 section 6 */
	if (p->v.port == 0 || p->v.conn.family || p->v.ip4.family ||
		p->v.ip6.family)
		return VPNSDP_OK;
	if (lv->conn_at.line > 0) /* a host name, and nothing beside it */
		return VPNSDP_BAD_CONNECTION;
	p->at = p->vpn_at;
	return VPNSDP_NO_CONNECTION;
}

/* What the section leaves out holds from the session. */
static void settle_defaults(struct parser *p)
{
	const struct vpnsdp_level *own = &p->section, *all = &p->session;
	const struct vpnsdp_level *lv;

	lv = own->has_direction ? own : all;
	p->v.direction = lv->direction;
	lv = own->setup != VPNSDP_SETUP_NONE ? own : all;
	p->v.setup = lv->setup;
	/* one of the section's hides all of the session's, RFC 8122 section 5
	 */
	lv = own->has_fingerprint || own->other_fingerprint ? own : all;
	p->v.has_fingerprint = lv->has_fingerprint;
	p->v.other_fingerprint = lv->other_fingerprint;
	memcpy(p->v.fingerprint, lv->fingerprint, sizeof(lv->fingerprint));
	p->v.ice_ufrag = own->ice_ufrag.len ? own->ice_ufrag : all->ice_ufrag;
	p->v.ice_pwd = own->ice_pwd.len ? own->ice_pwd : all->ice_pwd;
}

static enum vpnsdp_err parse_body(struct parser *p, struct slice body)
{
	enum vpnsdp_err ret;

	if (body.len > VPNSDP_MAX_BODY)
		return VPNSDP_TOO_LONG;
	p->has_nul = body.len > 0 && memchr(body.p, '\0', body.len);
	while (next_line(p)) {
		ret = read_line(p);
		if (ret)
			return ret;
	}
	if (p->at.line == 0)
		return VPNSDP_NO_VERSION;
	p->at = (struct vpnsdp_error){.line = 0};
	if (!p->has_origin)
		return VPNSDP_BAD_ORIGIN;
	if (p->vpn_at.line == 0)
		return VPNSDP_NO_VPN;
	end_section(p, body.p + body.len);
	settle_defaults(p);
	return settle_connection(p);
}

enum vpnsdp_err vpnsdp_parse(
	struct slice body, struct vpnsdp *out, struct vpnsdp_error *err)
{
	struct parser p = {.rest = body};
	enum vpnsdp_err ret = parse_body(&p, body);

	if (err && ret) {
		*err = p.at;
		err->code = ret;
	}
	if (err && !ret)
		*err = (struct vpnsdp_error){.code = VPNSDP_OK};
	if (!ret)
		*out = p.v;
	return ret;
}
