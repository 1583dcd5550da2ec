/*
 * sipvpn_mime.h - find the SDP with the VPN section in a message body.
 *
 * PURE: slices in, slice out. Reads RFC 2046 multiparts of any kind, also
 * inside each other; decodes nothing.
 */
#ifndef SIPVPN_MIME_H
#define SIPVPN_MIME_H

#include "vpnsdp/vpnsdp.h"

#define SIPVPN_MIME_DEPTH 4 /* multiparts within multiparts */

/*
 * type is the value of Content-Type, empty when the message has none: then
 * the body is taken for SDP. *sdp is the first application/sdp part that
 * vpnsdp_mentions() a VPN; it points into body.
 */
bool sipvpn_mime_find(struct slice type, struct slice body, struct slice *sdp);

/* The same for the first part that wanted() says yes to. */
typedef bool sipvpn_mime_wanted(struct slice sdp, const void *arg);
bool sipvpn_mime_find_if(struct slice type, struct slice body,
	sipvpn_mime_wanted *wanted, const void *arg, struct slice *sdp);

/* What follows the first empty line of a text; nothing where none is. */
struct slice sipvpn_mime_behind_header(struct slice text);

#endif
