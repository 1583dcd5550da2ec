/*
 * sipvpn_media.h - which media sections are protected.
 *
 * PURE: slices in, verdict out. A section is known by its m= line, whose port
 * is not looked at: it is the part that others change.
 */
#ifndef SIPVPN_MEDIA_H
#define SIPVPN_MEDIA_H

#include "vpnsdp/slice.h"

#define SIPVPN_MEDIA_MAX 16 /* kinds of media in one parameter */

/* The three forms of vpnsdp.h. */
#define SIPVPN_MEDIA_VPN                                                       \
	"application/vpn; application udp openvpn; application UDP/OpenVPN"

/* One kind; an empty proto or fmt is any. */
struct sipvpn_media {
	struct slice media, proto, fmt;
};

struct sipvpn_media_set {
	struct sipvpn_media kinds[SIPVPN_MEDIA_MAX];
	size_t n;
};

/*
 * "MEDIA [PROTO [FMT]]; ...", as in an m= line without its port. *out points
 * into text. False, and *out untouched, when a kind has more than three words
 * or there are none or too many.
 */
bool sipvpn_media_parse(struct slice text, struct sipvpn_media_set *out);

/*
 * Is this the m= line of a protected section? Compared without case; FMT is
 * one of the formats. A section that begins with the line will do, too.
 */
bool sipvpn_media_has(const struct sipvpn_media_set *set, struct slice line);

/* Is one anywhere in sdp? */
bool sipvpn_media_in(const struct sipvpn_media_set *set, struct slice sdp);

/* The port of an m= line is 0: refused, RFC 3264 section 6. */
bool sipvpn_media_refused(struct slice line);

#endif
