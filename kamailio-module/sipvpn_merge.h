/*
 * sipvpn_merge.h - a body as others have edited it, with its protected media
 * sections as they came.
 *
 * PURE: slices in, text out; no memory of its own, no Kamailio.
 */
#ifndef SIPVPN_MERGE_H
#define SIPVPN_MERGE_H

#include "sipvpn_media.h"
#include "vpnsdp/sbuf.h"

/* Protected sections in one body; bounds what one message makes us write. */
#define SIPVPN_MERGE_MAX 16

enum sipvpn_merge {
	SIPVPN_MERGE_DONE,
	SIPVPN_MERGE_NOTHING,  /* nothing protected came in */
	SIPVPN_MERGE_COUNT,    /* not as many left as came, or too many */
	SIPVPN_MERGE_UNCLEAR,  /* protected sections in two parts of a body */
	SIPVPN_MERGE_NO_SPACE, /* out->len says how much it takes */
};

/*
 * Write what is to leave. received: the SDP as it came. edited: after others
 * had their way with it.
 *
 * The n-th protected section of received takes the place of the n-th of
 * edited, byte for byte. Lines of the session part that apply to it (c=, and
 * setup, fingerprint, tls-id, ICE and direction attributes) and that the
 * others have changed or removed there are put into it, unless it has one of
 * the same kind. What the others have added to it is dropped, but rtpproxy's
 * mark at the end of a body, which moves to the session part. A section that
 * they have refused (port 0) stays refused. All else is written as edited has
 * it.
 *
 * Only with SIPVPN_MERGE_DONE is there something of use in *out.
 */
enum sipvpn_merge sipvpn_merge_sdp(const struct sipvpn_media_set *set,
	struct slice received, struct slice edited, struct sbuf *out);

/*
 * The same for whole message bodies. type is the value of Content-Type: the
 * SDP may be a part of a multipart, of which all else stays as edited has it.
 */
enum sipvpn_merge sipvpn_merge_body(const struct sipvpn_media_set *set,
	struct slice type, struct slice received, struct slice edited,
	struct sbuf *out);

#endif
