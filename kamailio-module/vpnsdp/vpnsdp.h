/*
 * vpnsdp.h - the VPN section of an SDP body: read it, check it, write it.
 *
 * PURE: no allocation, no I/O, no log, no globals; mem* is all it imports.
 * Shared by the Kamailio module and the user agent. Every slice that
 * vpnsdp_parse() returns points into the caller's body and lives as long.
 *
 *   m=application/vpn 41822 OpenVPN 0      what the thesis of 2007 sends
 *   m=application 41822 udp openvpn        the pattern of RFC 6193
 *   m=application 41822 UDP/OpenVPN *      received only
 */
#ifndef SIPVPN_VPNSDP_H
#define SIPVPN_VPNSDP_H

#include "sbuf.h"
#include "slice.h"

#define VPNSDP_MAX_BODY 16384     /* UDP seldom carries more; bounds the work */
#define VPNSDP_MAX_MEDIA 16       /* m= lines; a body with more is refused */
#define VPNSDP_MAX_CANDIDATES 32  /* host, srflx, relay on a few interfaces */
#define VPNSDP_MAX_VPN_ID 64      /* bytes of a group's name */
#define VPNSDP_FINGERPRINT_LEN 32 /* SHA-256, RFC 8122 section 5 */
#define VPNSDP_MIN_TLS_ID 20      /* RFC 8842 section 4 */
#define VPNSDP_MAX_TLS_ID 255

enum vpnsdp_err {
	VPNSDP_OK = 0,
	VPNSDP_NO_VPN,     /* well-formed as far as looked at, no VPN section */
	VPNSDP_TOO_LONG,   /* more than VPNSDP_MAX_BODY bytes */
	VPNSDP_BAD_LINE,   /* not "x=...", or a NUL or a bare CR in it */
	VPNSDP_NO_VERSION, /* does not start with v=0 */
	VPNSDP_BAD_ORIGIN, /* no o= line, or not six fields */
	VPNSDP_TOO_MANY_MEDIA,
	VPNSDP_TWO_VPN,        /* a second VPN section */
	VPNSDP_BAD_MEDIA,      /* the VPN m= line */
	VPNSDP_BAD_PORT,       /* m= or a=PORT: not a number, or over 65535 */
	VPNSDP_BAD_CONNECTION, /* c= line */
	VPNSDP_NO_CONNECTION,  /* neither c= nor a=IP4 / a=IP6 */
	VPNSDP_BAD_ADDRESS,    /* a=IP4, IP6, VPN_LOCAL_ADDR, VPN_REMOTE_ADDR */
	VPNSDP_BAD_VPN_ID,
	VPNSDP_BAD_SETUP,
	VPNSDP_BAD_TLS_ID,
	VPNSDP_BAD_FINGERPRINT,
	VPNSDP_BAD_PAKE,
	VPNSDP_BAD_ICE,
	VPNSDP_TWICE, /* an attribute, c= or o= that may stand once */
	VPNSDP_TOO_MANY_CANDIDATES,
	/* from the checks below, not from the parser */
	VPNSDP_PORT_ZERO,         /* refused or held back, RFC 3264 section 6 */
	VPNSDP_ENDPOINT_UNUSABLE, /* unspecified, multicast, broadcast */
	VPNSDP_NO_FINGERPRINT,
	VPNSDP_NO_SETUP,
	/* a tunnel address missing or not unicast; equal; two families */
	VPNSDP_ADDRESS_PAIR,
	/* answer's tunnel addresses are not the offer's, swapped */
	VPNSDP_NOT_MIRRORED,
	VPNSDP_ANSWER_MEDIA,  /* answer's m= lines are not those of the offer */
	VPNSDP_ANSWER_SETUP,  /* answer's setup does not fit the offer's */
	VPNSDP_ANSWER_VPN_ID, /* answer names another group */
	VPNSDP_DOES_NOT_FIT,  /* writer: the buffer is too small */
};

/* Where a body is wrong. */
struct vpnsdp_error {
	enum vpnsdp_err code;
	uint32_t line;     /* from 1; 0 when it is no single line */
	struct slice text; /* that line, without its end; may hold any byte */
};

enum vpnsdp_form {
	VPNSDP_FORM_THESIS,      /* application/vpn P OpenVPN fmt */
	VPNSDP_FORM_UDP,         /* application P udp openvpn */
	VPNSDP_FORM_UDP_OPENVPN, /* application P UDP/OpenVPN * */
};

enum vpnsdp_setup {
	VPNSDP_SETUP_NONE = 0,
	VPNSDP_SETUP_ACTPASS,
	VPNSDP_SETUP_ACTIVE,
	VPNSDP_SETUP_PASSIVE,
	VPNSDP_SETUP_HOLDCONN,
};

enum vpnsdp_direction {
	VPNSDP_SENDRECV = 0,
	VPNSDP_SENDONLY,
	VPNSDP_RECVONLY,
	VPNSDP_INACTIVE,
};

struct vpnsdp_addr {
	uint8_t family; /* 0 not given, 4 or 6 */
	uint8_t b[16];  /* network order; the first 4 bytes for family 4 */
};

/*
 * One SDP body as far as the VPN is concerned. To write, fill it in and zero
 * the rest: what is 0 or empty is not written.
 */
struct vpnsdp {
	/* o= : parsed in full so that it can be written again */
	struct slice origin_user;
	struct slice sess_id;           /* digits */
	struct slice sess_version;      /* digits */
	struct vpnsdp_addr origin_addr; /* family 0 when o= holds a host name */

	/* every m= line's value in order; [vpn_index] is the VPN's own */
	struct slice media[VPNSDP_MAX_MEDIA];
	size_t n_media;
	size_t vpn_index;

	/* the VPN section */
	struct slice section; /* from its "m=" to the next one or the end */
	enum vpnsdp_form form;
	struct slice fmt; /* as written: "0", "openvpn", "*", or a list */
	uint16_t port;
	struct slice key; /* k=: written if set, never read */
	/* c= in force: the section's, else the session's */
	struct vpnsdp_addr conn;
	bool conn_own;                   /* the section has its own c= */
	enum vpnsdp_direction direction; /* section's, else session's */
	struct vpnsdp_addr ip4, ip6;     /* a=IP4, a=IP6 */
	uint16_t attr_port;              /* a=PORT; 0 when not given */
	bool has_attr_port;
	struct slice vpn_id; /* no blanks, quotes, backslash, control bytes */
	/* a=VPN_LOCAL_ADDR (the sender's own), a=VPN_REMOTE_ADDR */
	struct vpnsdp_addr local, remote;
	enum vpnsdp_setup setup; /* section's, else session's */
	struct slice tls_id;
	bool has_fingerprint;   /* a SHA-256 one; section's, else session's */
	bool other_fingerprint; /* one with another hash was seen */
	uint8_t fingerprint[VPNSDP_FINGERPRINT_LEN];
	struct slice pake; /* a=vpn-pake, judged for its characters only */
	struct slice ice_ufrag, ice_pwd; /* section's, else session's */
	/* values of a=candidate, printable, uninterpreted */
	struct slice candidates[VPNSDP_MAX_CANDIDATES];
	size_t n_candidates;
};

/*
 * Does the body have an m= line of one of the three VPN forms? One pass, no
 * judgement on the rest: also true for a body that vpnsdp_parse() refuses.
 */
bool vpnsdp_mentions(struct slice body);
/* Where the first of them begins; NULL: there is none. */
const char *vpnsdp_find(struct slice body);
/* The same; *media: an m= line, of whatever kind, stands there or before. */
const char *vpnsdp_find_media(struct slice body, bool *media);

/*
 * Parse. CRLF or LF, last line with or without its end. Lines and attributes
 * it does not know are skipped (RFC 8866 section 5.13). k= is read over
 * (section 5.12). Empty lines may only end the body. Other people's media
 * are judged for the shape of their lines alone. Port 0 parses.
 *
 * Of two c= lines only the one in force is judged. It may hold a host name:
 * then conn.family is 0, and that is VPNSDP_BAD_CONNECTION only when neither
 * a=IP4 nor a=IP6 stands in for it and the port is not 0.
 *
 * On an error *out is not touched; *err (may be NULL) says where and is set
 * in any case. VPNSDP_NO_VPN is an answer rather than a fault.
 */
enum vpnsdp_err vpnsdp_parse(
	struct slice body, struct vpnsdp *out, struct vpnsdp_error *err);

/* What a body says about the tunnel's group and its two addresses. */
struct vpnsdp_names {
	struct slice vpn_id;              /* empty: not named */
	struct vpnsdp_addr local, remote; /* family 0: not named */
};

/*
 * Is body an offer as most are, and sound? True says what vpnsdp_parse() and
 * vpnsdp_check_offer() without keys would say, in a quarter of the time; *out
 * is set then. False says nothing: ask the two.
 */
bool vpnsdp_quick_offer(struct slice body, struct vpnsdp_names *out);

/* The same as it is written; an address is not looked at. NULL: not named. */
struct vpnsdp_words {
	struct slice vpn_id, local, remote;
};

/*
 * Find these and nothing else, in one pass: for an answer whose offer was
 * parsed in full. It reads lines as vpnsdp_mentions() does, in every section;
 * names are compared without case. VPNSDP_TWICE, _BAD_VPN_ID: then *out is
 * not touched.
 */
enum vpnsdp_err vpnsdp_find_words(struct slice body, struct vpnsdp_words *out);
/* VPNSDP_BAD_ADDRESS: then *out is not touched. */
enum vpnsdp_err vpnsdp_read_words(
	const struct vpnsdp_words *words, struct vpnsdp_names *out);

/*
 * Write a whole body: v o s c t, then n_media m= lines in order, of which
 * vpn_index is the VPN section in full and every other one is written with
 * port 0 (refused, RFC 3264 section 6). With n_media 0 the VPN section is the
 * only one. Session c= is conn; an o= without an address of its own takes
 * that too. An empty fmt becomes the form's usual one. Lines end in CRLF.
 *
 * VPNSDP_DOES_NOT_FIT when out is too small, VPNSDP_BAD_LINE when a text
 * holds a NUL, CR or LF (or an o= field a blank), VPNSDP_BAD_MEDIA,
 * _TOO_MANY_MEDIA, _TOO_MANY_CANDIDATES when an index or a count is off;
 * then *out holds nothing of use.
 */
enum vpnsdp_err vpnsdp_write(const struct vpnsdp *in, struct sbuf *out);

/*
 * Write body with each VPN section closed: its m= line has port 0 (RFC 3264
 * section 6) and no attribute is left that says where, how or in which group
 * to build a tunnel. All else is written byte for byte, and what is closed
 * already stays as it is. It reads lines as vpnsdp_mentions() does and judges
 * nothing, so it serves for bodies that vpnsdp_parse() refuses and for whole
 * multiparts too.
 */
void vpnsdp_strip(struct slice body, struct sbuf *out);

/*
 * Where the peer's OpenVPN is: a=IP4 or a=IP6 with a=PORT win over c= and the
 * m= port, because middleboxes rewrite those. The two pairs are not mixed,
 * except that a lone a=IP4 or a=IP6 without any c= goes with the m= port. Of
 * a=IP4 and a=IP6, IP6 wins if c= is IPv6. False when there is no address or
 * the port is 0, also for a refused section. Out-parameters are set on true.
 */
bool vpnsdp_endpoint(
	const struct vpnsdp *in, struct vpnsdp_addr *addr, uint16_t *port);

/*
 * May one act on this offer / on this answer to that offer? need_keys: TLS is
 * to run, so fingerprint and setup must be there and fit. VPNSDP_OK or the
 * first thing that is wrong.
 *
 * Offer: port not 0 (nor a=PORT:0), endpoint unicast, tunnel addresses both
 * or neither, unicast, of one family and different.
 * Answer: the same for itself, and the tunnel addresses must be there: the
 * offer's swapped, if it had them. m= lines as in the offer. A VPN_ID only
 * has to agree when both name one; setup without need_keys likewise.
 */
enum vpnsdp_err vpnsdp_check_offer(const struct vpnsdp *offer, bool need_keys);
enum vpnsdp_err vpnsdp_check_answer(const struct vpnsdp *offer,
	const struct vpnsdp *answer, bool need_keys);

/* Text -> address; dotted quad or RFC 4291 text, nothing around it. */
bool vpnsdp_addr_parse(struct slice text, struct vpnsdp_addr *out);
/* RFC 5952 text. Writes nothing for family 0. */
void vpnsdp_addr_write(const struct vpnsdp_addr *a, struct sbuf *out);
bool vpnsdp_addr_eq(const struct vpnsdp_addr *a, const struct vpnsdp_addr *b);
/* Neither unspecified, multicast nor 255.255.255.255. */
bool vpnsdp_addr_unicast(const struct vpnsdp_addr *a);

/* "m=application/vpn 99999 OpenVPN 0": why, in a few plain words. */
const char *vpnsdp_strerror(enum vpnsdp_err err);

#endif
