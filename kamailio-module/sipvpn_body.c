/*
 * sipvpn_body.c - the SDP of a SIP message, as slices into the message.
 */
#include "sipvpn_body.h"

#include "core/dprint.h"
#include "core/parser/parse_content.h"

#include "kam_slice.h"
#include "sipvpn_came.h"
#include "sipvpn_mime.h"

bool sipvpn_body_behind(struct sip_msg *msg, struct slice *rest)
{
	const char *body = get_body(msg);
	const char *end = msg->buf + msg->len;

	if (!body && !msg->eoh) {
		*rest = sipvpn_mime_behind_header(sipvpn_body_around(msg));
		return rest->len > 0;
	}
	if (!body || body >= end)
		return false;
	*rest = (struct slice){body, (size_t)(end - body)};
	return true;
}

struct slice sipvpn_body_around(const struct sip_msg *msg)
{
	const char *from = msg->unparsed ? msg->unparsed : msg->buf;

	return (struct slice){from, (size_t)(msg->buf + msg->len - from)};
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

	if (sdp.len == whole.len) /* as it mostly is */
		return false;
	return vpnsdp_mentions(before) || vpnsdp_mentions(after);
}

/* Does the message end as one without a body has to? */
static bool ends_with_headers(const struct sip_msg *msg)
{
	char c;

	if (msg->len < 2)
		return true;
	c = msg->buf[msg->len - 1];
	if (c != '\r' && c != '\n')
		return false;
	c = msg->buf[msg->len - 2];
	if (c == '\r' && msg->len > 2)
		c = msg->buf[msg->len - 3];
	return c == '\r' || c == '\n';
}

bool sipvpn_body_any(struct sip_msg *msg)
{
	struct slice whole;

	return !ends_with_headers(msg) || sipvpn_body_behind(msg, &whole);
}

/* known is a text with a VPN section, so nobody looks for that again. */
static bool has_vpn(struct slice sdp, const void *known)
{
	const struct slice *whole = known;

	return (sdp.p == whole->p && sdp.len == whole->len) ||
	       vpnsdp_mentions(sdp);
}

/* What was found last, and in what: asked for before the script and in it. */
static struct {
	unsigned int id;
	int pid;
	const char *buf;
	unsigned int len;
	const char *at;
	bool media;
} last;

static bool is_last(const struct sip_msg *msg)
{
	return last.buf == msg->buf && last.len == msg->len &&
	       last.id == msg->id && last.pid == msg->pid &&
	       !sipvpn_came_changes();
}

const char *sipvpn_body_media(const struct sip_msg *msg, bool *media)
{
	if (!is_last(msg)) {
		last.at =
			vpnsdp_find_media(sipvpn_body_around(msg), &last.media);
		last.id = msg->id;
		last.pid = msg->pid;
		last.buf = msg->buf;
		last.len = msg->len;
	}
	*media = last.media;
	return last.at;
}

enum sipvpn_body sipvpn_body_look(
	struct sip_msg *msg, struct slice *sdp, bool *media)
{
	struct slice whole, body, found;
	const char *at;
	long length;

	*media = false;
	if (!sipvpn_body_any(msg))
		return SIPVPN_BODY_NONE;
	at = sipvpn_body_media(msg, media);
	if (!at || !sipvpn_body_behind(msg, &whole))
		return SIPVPN_BODY_NONE;
	if (at < whole.p && !vpnsdp_mentions(whole))
		return SIPVPN_BODY_NONE; /* that was no body */
	if (!msg->eoh)
		return SIPVPN_BODY_BROKEN;
	body = whole;
	if (msg->content_length) {
		length = get_content_length(msg);
		if (length < 0 || (size_t)length > whole.len)
			return SIPVPN_BODY_BROKEN;
		body.len = (size_t)length;
	}
	if (!sipvpn_mime_find_if(
		    content_type(msg), body, has_vpn, &whole, &found) ||
		mentioned_beside(whole, found))
		return SIPVPN_BODY_BROKEN;
	*sdp = found;
	return SIPVPN_BODY_FOUND;
}

enum sipvpn_body sipvpn_body_find(struct sip_msg *msg, struct slice *sdp)
{
	bool media;

	return sipvpn_body_look(msg, sdp, &media);
}

bool sipvpn_body_other(struct sip_msg *msg)
{
	struct slice sdp;
	bool media;

	return sipvpn_body_look(msg, &sdp, &media) == SIPVPN_BODY_NONE && media;
}
