/* msg_read.c - SIP messages judged and read; see msg.h. */
#include "sip/msg.h"

#include <stdlib.h>
#include <string.h>

/* RFC 3261 section 8.1.1.5: the sequence number is below 2^31. */
#define MAX_CSEQ 2147483647U

static bool answerable(osip_message_t *msg)
{
	return osip_list_size(&msg->vias) > 0 && msg->from && msg->to &&
	       msg->from->url && msg->to->url && msg->call_id &&
	       msg->call_id->number && msg->cseq && msg->cseq->method &&
	       msg->cseq->number;
}

int msg_fault(osip_message_t *msg, const char **why)
{
	uint32_t n;

	if (!answerable(msg)) {
		*why = "a mandatory header is missing";
		return -1;
	}
	if (!slice_u32(slice_cstr(msg->cseq->number), MAX_CSEQ, &n)) {
		*why = "CSeq is not a number below 2^31";
		return 400;
	}
	if (MSG_IS_RESPONSE(msg))
		return 0;
	if (strcmp(msg->cseq->method, msg->sip_method) != 0) {
		*why = "CSeq names another method";
		return 400;
	}
	if (!msg->sip_version ||
		g_ascii_strcasecmp(msg->sip_version, "SIP/2.0") != 0) {
		*why = "only SIP/2.0 is spoken here";
		return 505;
	}
	if (!msg->req_uri || !msg->req_uri->scheme ||
		(g_ascii_strcasecmp(msg->req_uri->scheme, "sip") != 0 &&
			g_ascii_strcasecmp(msg->req_uri->scheme, "sips") !=
				0)) {
		*why = "only sip: and sips: URIs are served here";
		return 416;
	}
	return 0;
}

bool msg_is_sips(osip_message_t *request)
{
	return request->req_uri && request->req_uri->scheme &&
	       g_ascii_strcasecmp(request->req_uri->scheme, "sips") == 0;
}

static bool type_is_sdp(const osip_content_type_t *type)
{
	return type && type->type && type->subtype &&
	       g_ascii_strcasecmp(type->type, "application") == 0 &&
	       g_ascii_strcasecmp(type->subtype, "sdp") == 0;
}

bool msg_sdp(osip_message_t *msg, struct slice *sdp)
{
	osip_body_t *body = NULL;
	bool multipart =
		msg->content_type && msg->content_type->type &&
		g_ascii_strcasecmp(msg->content_type->type, "multipart") == 0;

	*sdp = SLICE("");
	if (osip_list_size(&msg->bodies) == 0)
		return true;
	if (osip_list_size(&msg->content_encodings) > 0)
		return false;
	for (int pos = 0; osip_message_get_body(msg, pos, &body) >= 0; pos++) {
		const osip_content_type_t *type =
			multipart ? body->content_type : msg->content_type;

		if (!type_is_sdp(type))
			continue;
		*sdp = (struct slice){body->body, body->length};
		return true;
	}
	return false;
}

struct slice msg_header(osip_message_t *msg, const char *name)
{
	osip_header_t *h = NULL;

	if (osip_message_header_get_byname(msg, name, 0, &h) < 0 || !h)
		return SLICE("");
	return slice_cstr(h->hvalue);
}

unsigned msg_cseq(osip_message_t *msg)
{
	uint32_t n = 0;

	(void)slice_u32(slice_cstr(msg->cseq->number), MAX_CSEQ, &n);
	return n;
}

const char *msg_from_tag(osip_message_t *msg)
{
	osip_generic_param_t *p = NULL;

	osip_from_get_tag(msg->from, &p);
	return p ? p->gvalue : NULL;
}

const char *msg_to_tag(osip_message_t *msg)
{
	osip_generic_param_t *p = NULL;

	osip_to_get_tag(msg->to, &p);
	return p ? p->gvalue : NULL;
}

const char *msg_branch(osip_message_t *msg)
{
	osip_via_t *via = osip_list_get(&msg->vias, 0);
	osip_generic_param_t *p = NULL;

	if (via)
		osip_via_param_get_byname(via, "branch", &p);
	return p && p->gvalue ? p->gvalue : "";
}

char *msg_call_id(osip_message_t *msg)
{
	if (msg->call_id->host)
		return g_strdup_printf(
			"%s@%s", msg->call_id->number, msg->call_id->host);
	return g_strdup(msg->call_id->number);
}

uint16_t msg_warning(osip_message_t *msg)
{
	struct slice rest = msg_header(msg, "warning");
	struct slice code;
	uint32_t n = 0;

	if (slice_cut(&rest, ' ', &code))
		(void)slice_u32(code, 999, &n);
	return (uint16_t)n;
}

struct slice msg_warning_text(osip_message_t *msg)
{
	struct slice rest = msg_header(msg, "warning");
	struct slice text;

	/* code, host and a quoted text (RFC 3261 section 20.43) */
	if (slice_cut(&rest, '"', &text) && slice_cut(&rest, '"', &text))
		return text;
	return SLICE("");
}

struct slice msg_reason_text(osip_message_t *msg)
{
	static const struct slice key = {"text=\"", 6};
	struct slice s = msg_header(msg, "reason");
	struct slice text;

	for (; s.len >= key.len; s = slice_skip(s, 1))
		if (slice_caseeq((struct slice){s.p, key.len}, key)) {
			s = slice_skip(s, key.len);
			return slice_cut(&s, '"', &text) ? text : SLICE("");
		}
	return SLICE("");
}
