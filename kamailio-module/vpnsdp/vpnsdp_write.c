/* vpnsdp_write.c - a struct vpnsdp as SDP text. PURE. */
#include "vpnsdp_priv.h"

struct writer {
	struct sbuf *out;
	bool broken; /* a text would have ended its field or its line */
};

#define CRLF SLICE("\r\n")

static void put_text(struct writer *w, struct slice s)
{
	if (s.len > 0 &&
		(memchr(s.p, '\r', s.len) || memchr(s.p, '\n', s.len) ||
			memchr(s.p, '\0', s.len)))
		w->broken = true;
	sbuf_put(w->out, s);
}

/* One field; instead stands for an empty one. */
static void put_word(struct writer *w, struct slice s, struct slice instead)
{
	struct slice rest = s;

	if (s.len > 0 && vpnsdp_word(&rest).len != s.len)
		w->broken = true;
	put_text(w, s.len > 0 ? s : instead);
}

/* "IN IP4 192.0.2.1" */
static void put_connection(struct writer *w, const struct vpnsdp_addr *a)
{
	sbuf_put(w->out, a->family == 6 ? SLICE("IN IP6 ") : SLICE("IN IP4 "));
	vpnsdp_addr_write(a, w->out);
	sbuf_put(w->out, CRLF);
}

static void put_text_attr(
	struct writer *w, struct slice name, struct slice value)
{
	if (value.len == 0)
		return;
	sbuf_put(w->out, SLICE("a="));
	sbuf_put(w->out, name);
	sbuf_char(w->out, ':');
	put_text(w, value);
	sbuf_put(w->out, CRLF);
}

static void put_addr_attr(
	struct writer *w, struct slice name, const struct vpnsdp_addr *a)
{
	if (!a->family)
		return;
	sbuf_put(w->out, SLICE("a="));
	sbuf_put(w->out, name);
	sbuf_char(w->out, ':');
	vpnsdp_addr_write(a, w->out);
	sbuf_put(w->out, CRLF);
}

static void put_session(struct writer *w, const struct vpnsdp *in)
{
	static const struct vpnsdp_addr unknown = {.family = 4};
	const struct vpnsdp_addr *origin = &in->origin_addr;

	if (!origin->family)
		origin = in->conn.family ? &in->conn : &unknown;
	sbuf_put(w->out, SLICE("v=0\r\no="));
	put_word(w, in->origin_user, SLICE("-"));
	sbuf_char(w->out, ' ');
	put_word(w, in->sess_id, SLICE("0"));
	sbuf_char(w->out, ' ');
	put_word(w, in->sess_version, SLICE("0"));
	sbuf_char(w->out, ' ');
	put_connection(w, origin);
	sbuf_put(w->out, SLICE("s=-\r\n"));
	if (in->conn.family) {
		sbuf_put(w->out, SLICE("c="));
		put_connection(w, &in->conn);
	}
	sbuf_put(w->out, SLICE("t=0 0\r\n"));
}

static void put_vpn_media(struct writer *w, const struct vpnsdp *in)
{
	struct slice media = SLICE("application");
	struct slice proto = SLICE("udp");
	struct slice fmt = SLICE("openvpn");

	switch (in->form) {
	case VPNSDP_FORM_THESIS:
		media = SLICE("application/vpn");
		proto = SLICE("OpenVPN");
		fmt = SLICE("0");
		break;
	case VPNSDP_FORM_UDP:
		break;
	case VPNSDP_FORM_UDP_OPENVPN:
		proto = SLICE("UDP/OpenVPN");
		fmt = SLICE("*");
		break;
	}
	if (in->fmt.len > 0)
		fmt = in->fmt;
	sbuf_put(w->out, SLICE("m="));
	sbuf_put(w->out, media);
	sbuf_char(w->out, ' ');
	sbuf_u64(w->out, in->port);
	sbuf_char(w->out, ' ');
	sbuf_put(w->out, proto);
	sbuf_char(w->out, ' ');
	put_text(w, fmt);
	sbuf_put(w->out, CRLF);
}

static struct slice setup_text(enum vpnsdp_setup setup)
{
	switch (setup) {
	case VPNSDP_SETUP_ACTPASS:
		return SLICE("actpass");
	case VPNSDP_SETUP_ACTIVE:
		return SLICE("active");
	case VPNSDP_SETUP_PASSIVE:
		return SLICE("passive");
	case VPNSDP_SETUP_HOLDCONN:
		return SLICE("holdconn");
	case VPNSDP_SETUP_NONE:
		break;
	}
	return (struct slice){"", 0};
}

static struct slice direction_line(enum vpnsdp_direction direction)
{
	switch (direction) {
	case VPNSDP_SENDONLY:
		return SLICE("a=sendonly\r\n");
	case VPNSDP_RECVONLY:
		return SLICE("a=recvonly\r\n");
	case VPNSDP_INACTIVE:
		return SLICE("a=inactive\r\n");
	case VPNSDP_SENDRECV: /* the default, RFC 8866 section 6.7 */
		break;
	}
	return (struct slice){"", 0};
}

static void put_fingerprint(struct writer *w, const struct vpnsdp *in)
{
	if (!in->has_fingerprint)
		return;
	sbuf_put(w->out, SLICE("a=fingerprint:SHA-256 "));
	for (size_t i = 0; i < sizeof(in->fingerprint); i++) {
		if (i > 0)
			sbuf_char(w->out, ':');
		sbuf_hex(w->out, in->fingerprint[i]);
	}
	sbuf_put(w->out, CRLF);
}

/* RFC 8866 section 5.12: obsolete; peers of the thesis's kind write it. */
static void put_key(struct writer *w, struct slice value)
{
	if (value.len == 0)
		return;
	sbuf_put(w->out, SLICE("k="));
	put_text(w, value);
	sbuf_put(w->out, CRLF);
}

static void put_vpn(struct writer *w, const struct vpnsdp *in)
{
	put_vpn_media(w, in);
	put_key(w, in->key);
	put_addr_attr(w, SLICE("IP4"), &in->ip4);
	put_addr_attr(w, SLICE("IP6"), &in->ip6);
	if (in->has_attr_port || in->attr_port > 0) {
		sbuf_put(w->out, SLICE("a=PORT:"));
		sbuf_u64(w->out, in->attr_port);
		sbuf_put(w->out, CRLF);
	}
	put_text_attr(w, SLICE("VPN_ID"), in->vpn_id);
	put_addr_attr(w, SLICE("VPN_LOCAL_ADDR"), &in->local);
	put_addr_attr(w, SLICE("VPN_REMOTE_ADDR"), &in->remote);
	put_text_attr(w, SLICE("setup"), setup_text(in->setup));
	put_text_attr(w, SLICE("tls-id"), in->tls_id);
	put_fingerprint(w, in);
	put_text_attr(w, SLICE("vpn-pake"), in->pake);
	put_text_attr(w, SLICE("ice-ufrag"), in->ice_ufrag);
	put_text_attr(w, SLICE("ice-pwd"), in->ice_pwd);
	for (size_t i = 0; i < in->n_candidates; i++)
		put_text_attr(w, SLICE("candidate"), in->candidates[i]);
	sbuf_put(w->out, direction_line(in->direction));
}

/* Somebody else's medium: the same line with port 0. */
static void put_refused(struct writer *w, struct slice value)
{
	struct vpnsdp_mline m = vpnsdp_mline_split(value);

	sbuf_put(w->out, SLICE("m="));
	put_text(w, m.media.len > 0 ? m.media : SLICE("-"));
	sbuf_put(w->out, SLICE(" 0"));
	if (m.tail.len > 0) {
		sbuf_char(w->out, ' ');
		put_text(w, m.tail);
	}
	sbuf_put(w->out, CRLF);
}

enum vpnsdp_err vpnsdp_write(const struct vpnsdp *in, struct sbuf *out)
{
	struct writer w = {.out = out};

	if (in->n_media > VPNSDP_MAX_MEDIA)
		return VPNSDP_TOO_MANY_MEDIA;
	if (in->n_candidates > VPNSDP_MAX_CANDIDATES)
		return VPNSDP_TOO_MANY_CANDIDATES;
	if (in->vpn_index > 0 && in->vpn_index >= in->n_media)
		return VPNSDP_BAD_MEDIA;
	put_session(&w, in);
	if (in->n_media == 0)
		put_vpn(&w, in);
	for (size_t i = 0; i < in->n_media; i++) {
		if (i == in->vpn_index)
			put_vpn(&w, in);
		else
			put_refused(&w, in->media[i]);
	}
	if (w.broken)
		return VPNSDP_BAD_LINE;
	return sbuf_ok(out) ? VPNSDP_OK : VPNSDP_DOES_NOT_FIT;
}
