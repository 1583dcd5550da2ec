/*
 * sipvpn_body.c - the SDP of a SIP message, as slices into the message.
 */
#include "sipvpn_body.h"

#include "core/dprint.h"
#include "core/parser/parse_content.h"

#include "kam_slice.h"
#include "sipvpn_mime.h"

/* What the packet has behind the headers. False when it has nothing. */
static bool after_headers(struct sip_msg *msg, struct slice *rest)
{
	const char *body = get_body(msg);
	const char *end = msg->buf + msg->len;

	if (!body || body >= end)
		return false;
	*rest = (struct slice){body, (size_t)(end - body)};
	return true;
}

static struct slice content_type(const struct sip_msg *msg)
{
	return msg->content_type ? slice_of_str(&msg->content_type->body)
				 : SLICE("");
}

/* Is there a VPN section in whole beside the one in sdp? */
static bool mentioned_beside(struct slice whole, struct slice sdp)
{
	struct slice before = {whole.p, (size_t)(sdp.p - whole.p)};
	struct slice after = slice_skip(whole, before.len + sdp.len);

	return vpnsdp_mentions(before) || vpnsdp_mentions(after);
}

enum sipvpn_body sipvpn_body_find(struct sip_msg *msg, struct slice *sdp)
{
	struct slice whole, body, found;
	long length;

	if (!after_headers(msg, &whole) || !vpnsdp_mentions(whole))
		return SIPVPN_BODY_NONE;
	body = whole;
	if (msg->content_length) {
		length = get_content_length(msg);
		if (length < 0 || (size_t)length > whole.len)
			return SIPVPN_BODY_BROKEN;
		body.len = (size_t)length;
	}
	if (!sipvpn_mime_find(content_type(msg), body, &found) ||
		mentioned_beside(whole, found))
		return SIPVPN_BODY_BROKEN;
	*sdp = found;
	return SIPVPN_BODY_FOUND;
}
