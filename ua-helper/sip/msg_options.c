/* msg_options.c - what a message says about its sender's abilities. */
#include "sip/msg.h"

#include <string.h>

/* The values of all headers of a name, joined by commas; g_free() it. */
static char *all_values(osip_message_t *msg, const char *name)
{
	GString *all = g_string_new(NULL);
	osip_header_t *h = NULL;
	int pos = 0;

	while ((pos = osip_message_header_get_byname(msg, name, pos, &h)) >=
		0) {
		pos++;
		if (h && h->hvalue)
			g_string_append_printf(all, "%s%s",
				all->len > 0 ? "," : "", h->hvalue);
	}
	return g_string_free(all, FALSE);
}

/* Is word one of a comma-separated list? */
static bool listed(const char *list, const char *word)
{
	char **words = g_strsplit(list, ",", -1);
	bool found = false;

	for (char **w = words; *w && !found; w++)
		found = g_ascii_strcasecmp(g_strstrip(*w), word) == 0;
	g_strfreev(words);
	return found;
}

char *msg_unsupported(osip_message_t *msg)
{
	char *list = all_values(msg, "require");
	char **words = g_strsplit(list, ",", -1);
	GString *all = g_string_new(NULL);

	for (char **w = words; *w; w++) {
		g_strstrip(*w);
		if (**w && !listed(MSG_SUPPORTED, *w))
			g_string_append_printf(
				all, "%s%s", all->len > 0 ? ", " : "", *w);
	}
	g_strfreev(words);
	g_free(list);
	return g_string_free(all, all->len == 0);
}

bool msg_supports(osip_message_t *msg, const char *option)
{
	static const char *const names[] = {"supported", "k", "require"};
	bool found = false;

	for (size_t i = 0; i < G_N_ELEMENTS(names) && !found; i++) {
		char *list = all_values(msg, names[i]);

		found = listed(list, option);
		g_free(list);
	}
	return found;
}

bool msg_allows(osip_message_t *msg, const char *method, bool *said)
{
	osip_allow_t *allow = NULL;

	*said = osip_list_size(&msg->allows) > 0;
	for (int pos = 0; osip_message_get_allow(msg, pos, &allow) >= 0; pos++)
		if (allow && allow->value && listed(allow->value, method))
			return true;
	return false;
}

bool msg_accepts_sdp(osip_message_t *msg)
{
	osip_accept_t *a = NULL;

	if (osip_list_size(&msg->accepts) == 0)
		return true;
	for (int pos = 0; osip_message_get_accept(msg, pos, &a) >= 0; pos++) {
		if (!a || !a->type || !a->subtype)
			continue;
		if ((g_ascii_strcasecmp(a->type, "application") == 0 &&
			    (g_ascii_strcasecmp(a->subtype, "sdp") == 0 ||
				    strcmp(a->subtype, "*") == 0)) ||
			strcmp(a->type, "*") == 0)
			return true;
	}
	return false;
}

uint32_t msg_number(osip_message_t *msg, const char *name)
{
	struct slice value = msg_header(msg, name);
	struct slice number;
	uint32_t n = 0;

	/* parameters and comments may follow */
	while (value.len > 0 && g_ascii_isdigit(value.p[value.len - 1]) == 0 &&
		!memchr(value.p, ';', value.len))
		value.len--;
	if (slice_cut(&value, ';', &number)) {
		while (number.len > 0 && number.p[number.len - 1] == ' ')
			number.len--;
		(void)slice_u32(number, UINT32_MAX, &n);
	}
	return n;
}

struct session_expires msg_session_expires(osip_message_t *msg)
{
	static const char *const names[] = {"session-expires", "x"};
	struct session_expires out = {0, REFRESHER_NONE};

	for (size_t i = 0; i < G_N_ELEMENTS(names) && out.expires == 0; i++) {
		char *value = all_values(msg, names[i]);
		char *lower = g_ascii_strdown(value, -1);

		out.expires = msg_number(msg, names[i]);
		if (strstr(lower, "refresher=uac"))
			out.refresher = REFRESHER_UAC;
		else if (strstr(lower, "refresher=uas"))
			out.refresher = REFRESHER_UAS;
		g_free(lower);
		g_free(value);
	}
	return out;
}

bool msg_same_request(osip_message_t *one, osip_message_t *other)
{
	char *id = msg_call_id(one);
	char *other_id = msg_call_id(other);
	bool same = strcmp(id, other_id) == 0 &&
		    msg_cseq(one) == msg_cseq(other) &&
		    strcmp(one->cseq->method, other->cseq->method) == 0 &&
		    g_strcmp0(msg_from_tag(one), msg_from_tag(other)) == 0 &&
		    !msg_to_tag(other) &&
		    strcmp(msg_branch(one), msg_branch(other)) != 0;

	g_free(id);
	g_free(other_id);
	return same;
}
