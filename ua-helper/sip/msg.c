/* msg.c - SIP messages built. The reading half is msg_read.c. */
#include "sip/msg.h"

#include <string.h>

#include "sip/token.h"

osip_message_t *msg_request(const struct msg_request *parts)
{
	osip_message_t *msg = NULL;
	GString *t = g_string_new(NULL);
	char branch[TOKEN_LEN + 1];

	token_fill(branch);
	g_string_append_printf(
		t, "%s %s SIP/2.0\r\n", parts->method, parts->uri);
	g_string_append_printf(t,
		"Via: SIP/2.0/UDP %s:%u;rport;branch=z9hG4bK%s\r\n",
		parts->via_host, (unsigned)parts->via_port, branch);
	if (parts->routes)
		g_string_append(t, parts->routes);
	g_string_append_printf(t, "From: %s\r\nTo: %s\r\nCall-ID: %s\r\n",
		parts->from, parts->to, parts->call_id);
	g_string_append_printf(t, "CSeq: %u %s\r\nMax-Forwards: 70\r\n",
		parts->cseq, parts->method);
	g_string_append(t, "User-Agent: " MSG_USER_AGENT "\r\n");
	if (parts->extra)
		g_string_append(t, parts->extra);
	if (parts->body.len > 0)
		g_string_append(t, "Content-Type: application/sdp\r\n");
	g_string_append_printf(
		t, "Content-Length: %zu\r\n\r\n", parts->body.len);
	if (parts->body.len > 0)
		g_string_append_len(t, parts->body.p, (gssize)parts->body.len);
	if (osip_message_init(&msg) != OSIP_SUCCESS)
		msg = NULL;
	if (msg && osip_message_parse(msg, t->str, t->len) != OSIP_SUCCESS) {
		osip_message_free(msg);
		msg = NULL;
	}
	g_string_free(t, TRUE);
	return msg;
}

static bool copy_headers(osip_message_t *request, osip_message_t *r)
{
	return osip_list_clone(&request->vias, &r->vias,
		       (int (*)(void *, void **))osip_via_clone) == 0 &&
	       osip_list_clone(&request->record_routes, &r->record_routes,
		       (int (*)(void *, void **))osip_record_route_clone) ==
		       0 &&
	       osip_from_clone(request->from, &r->from) == 0 &&
	       osip_to_clone(request->to, &r->to) == 0 &&
	       osip_call_id_clone(request->call_id, &r->call_id) == 0 &&
	       osip_cseq_clone(request->cseq, &r->cseq) == 0;
}

osip_message_t *msg_response(osip_message_t *request, int status,
	const char *phrase, const char *to_tag)
{
	osip_message_t *r = NULL;

	if (osip_message_init(&r) != OSIP_SUCCESS)
		return NULL;
	osip_message_set_version(r, osip_strdup("SIP/2.0"));
	osip_message_set_status_code(r, status);
	if (!phrase)
		phrase = osip_message_get_reason(status);
	osip_message_set_reason_phrase(r, osip_strdup(phrase ? phrase : ""));
	if (!copy_headers(request, r)) {
		osip_message_free(r);
		return NULL;
	}
	if (to_tag && !msg_to_tag(r))
		osip_to_set_tag(r->to, osip_strdup(to_tag));
	msg_add(r, "User-Agent", MSG_USER_AGENT);
	return r;
}

void msg_add(osip_message_t *msg, const char *name, const char *value)
{
	osip_message_set_header(msg, name, value);
}

void msg_set_sdp(osip_message_t *msg, struct slice sdp)
{
	char length[24];

	osip_message_set_content_type(msg, "application/sdp");
	osip_message_set_body(msg, sdp.p, sdp.len);
	g_snprintf(length, sizeof(length), "%zu", sdp.len);
	osip_message_set_content_length(msg, length);
}

void msg_add_warning(
	osip_message_t *msg, unsigned code, const char *host, const char *text)
{
	char *quoted = g_strescape(text, NULL);
	char *value = g_strdup_printf("%u %s \"%s\"", code, host, quoted);

	msg_add(msg, "Warning", value);
	g_free(value);
	g_free(quoted);
}

char *msg_print(osip_message_t *msg, size_t *len)
{
	char *raw = NULL;
	char *copy;

	osip_message_force_update(msg);
	if (osip_message_to_str(msg, &raw, len) != OSIP_SUCCESS)
		return NULL;
	/* g_free() for the caller instead of osip_free() */
	copy = g_memdup2(raw, *len + 1);
	osip_free(raw);
	return copy;
}
