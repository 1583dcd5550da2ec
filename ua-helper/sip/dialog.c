/* dialog.c - what an INVITE dialog has to keep. */
#include "sip/dialog.h"

#include <string.h>

static void arm(struct dialog_ok *ok);

static gboolean due(gpointer arg)
{
	struct dialog_ok *ok = arg;

	ok->timer = 0;
	ok->waited_ms += ok->interval_ms;
	if (ok->waited_ms >= 64 * SIP_T1_MS) {
		dialog_ok_stop(ok);
		ok->given_up(ok->arg);
		return G_SOURCE_REMOVE;
	}
	dialog_ok_repeat(ok);
	ok->interval_ms = MIN(ok->interval_ms * 2, SIP_T2_MS);
	arm(ok);
	return G_SOURCE_REMOVE;
}

static void arm(struct dialog_ok *ok)
{
	ok->timer = g_timeout_add(ok->interval_ms, due, ok);
}

void dialog_ok_start(struct dialog_ok *ok, char *text, size_t len,
	unsigned cseq, GSocketAddress *to)
{
	dialog_ok_stop(ok);
	ok->text = text;
	ok->len = len;
	ok->cseq = cseq;
	ok->to = g_object_ref(to);
	ok->interval_ms = SIP_T1_MS;
	ok->waited_ms = 0;
	arm(ok);
}

void dialog_ok_repeat(struct dialog_ok *ok)
{
	if (ok->text)
		(void)transport_send(ok->transport,
			(struct slice){ok->text, ok->len}, ok->to);
}

void dialog_ok_stop(struct dialog_ok *ok)
{
	g_clear_handle_id(&ok->timer, g_source_remove);
	g_clear_pointer(&ok->text, g_free);
	g_clear_object(&ok->to);
}

char *dialog_routes(osip_dialog_t *dialog)
{
	GString *all = g_string_new(NULL);
	osip_route_t *route;

	for (int pos = 0; (route = osip_list_get(&dialog->route_set, pos));
		pos++) {
		char *text = NULL;

		if (osip_route_to_str(route, &text) != OSIP_SUCCESS)
			continue;
		g_string_append_printf(all, "Route: %s\r\n", text);
		osip_free(text);
	}
	return g_string_free(all, FALSE);
}

char *dialog_target(osip_dialog_t *dialog)
{
	osip_uri_t *uri = dialog->remote_uri->url;
	char *text = NULL;
	char *copy;

	if (dialog->remote_contact_uri && dialog->remote_contact_uri->url)
		uri = dialog->remote_contact_uri->url;
	if (osip_uri_to_str(uri, &text) != OSIP_SUCCESS)
		return NULL;
	copy = g_strdup(text);
	osip_free(text);
	return copy;
}

void dialog_retarget(osip_dialog_t *dialog, osip_message_t *msg)
{
	osip_contact_t *contact = NULL;
	osip_contact_t *copy = NULL;

	if (osip_message_get_contact(msg, 0, &contact) < 0 || !contact ||
		!contact->url ||
		osip_contact_clone(contact, &copy) != OSIP_SUCCESS)
		return;
	osip_contact_free(dialog->remote_contact_uri);
	dialog->remote_contact_uri = copy;
}

/* None is a tag like any other: RFC 3261 section 12.1.1, for RFC 2543. */
static bool tag_is(const char *tag, const char *ours)
{
	return g_strcmp0(tag ? tag : "", ours ? ours : "") == 0;
}

bool dialog_matches(osip_dialog_t *dialog, osip_message_t *request)
{
	char *call_id = msg_call_id(request);
	bool same = strcmp(call_id, dialog->call_id) == 0 &&
		    tag_is(msg_to_tag(request), dialog->local_tag) &&
		    tag_is(msg_from_tag(request), dialog->remote_tag);

	g_free(call_id);
	return same;
}
