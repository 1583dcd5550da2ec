/*
 * sipvpn_body.h - the SDP of a SIP message, as slices into the message.
 *
 * A body ends where Content-Length says (RFC 3261 section 18.3), not where
 * the packet does.
 */
#ifndef SIPVPN_BODY_H
#define SIPVPN_BODY_H

#include "core/parser/msg_parser.h"

#include "vpnsdp/slice.h"

enum sipvpn_body {
	SIPVPN_BODY_NONE,   /* no VPN section anywhere in it */
	SIPVPN_BODY_FOUND,  /* one, where it belongs */
	SIPVPN_BODY_BROKEN, /* one, but not as the only one in a whole SDP */
};

/*
 * Cheap when there is no VPN section: one pass over the body. *sdp is set
 * with SIPVPN_BODY_FOUND and lives as long as msg. BROKEN is what no two
 * readers agree on: a section in a body that is cut off, or behind its
 * Content-Length, or behind a header that cannot be read, or in a part that is
 * not SDP, or one in each of two parts.
 */
enum sipvpn_body sipvpn_body_find(struct sip_msg *msg, struct slice *sdp);

/*
 * The same; with SIPVPN_BODY_NONE, *media says whether there is media of some
 * other kind. It may say so of a body that only looks like SDP.
 */
enum sipvpn_body sipvpn_body_look(
	struct sip_msg *msg, struct slice *sdp, bool *media);

/*
 * What the packet has behind the headers. False when it has nothing. Where one
 * of them cannot be read, the message is relayed all the same, and whoever
 * gets it may read on: there an empty line is the end.
 */
bool sipvpn_body_behind(struct sip_msg *msg, struct slice *rest);

/*
 * The body and, before it, the headers that nobody has asked for so far: to
 * parse them costs more than to read over them. What is not in it is not in
 * the body.
 */
struct slice sipvpn_body_around(const struct sip_msg *msg);

/*
 * Where the first m= line of a VPN form begins in that; NULL: there is none.
 * *media as above.
 */
const char *sipvpn_body_media(const struct sip_msg *msg, bool *media);

/* Has msg a body, of whatever kind? */
bool sipvpn_body_any(struct sip_msg *msg);

/*
 * Has it media, and none of a VPN form? A body without any offers nothing and
 * answers nothing, such as a place (RFC 6442) or what another network says.
 */
bool sipvpn_body_other(struct sip_msg *msg);

#endif
