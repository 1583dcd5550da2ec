/* conf_value.c - the value of a key: from its text to a field. */
#include "daemon/conf_value.h"

#include <string.h>

/* What can follow "sip:" and "@" without escaping (RFC 3261 section 25.1). */
#define USER_CHARS G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "-_.!~*'()&=+$,;?/"
#define HOST_CHARS G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "-.:"
#define GROUP_CHARS G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "-_.@"

static bool made_of(const char *s, const char *chars)
{
	return s[0] != '\0' && s[strspn(s, chars)] == '\0';
}

static const char *set_text(void *where, const char *text)
{
	char **out = where;

	g_free(*out);
	*out = g_strdup(text);
	return NULL;
}

const char *conf_text(void *where, const char *text)
{
	return text[0] != '\0' ? set_text(where, text) : "is empty";
}

const char *conf_path(void *where, const char *text)
{
	return text[0] == '/' ? set_text(where, text)
			      : "is not a path that begins with /";
}

const char *conf_user(void *where, const char *text)
{
	return made_of(text, USER_CHARS) ? set_text(where, text)
					 : "is not a SIP user";
}

const char *conf_uri(void *where, const char *text)
{
	const char *at;
	char *user;
	bool ok;

	if (g_str_has_prefix(text, "sip:"))
		text += strlen("sip:");
	at = strchr(text, '@');
	user = at ? g_strndup(text, (gsize)(at - text)) : g_strdup(text);
	ok = made_of(user, USER_CHARS) &&
	     (!at || made_of(at + 1, HOST_CHARS "[]"));
	g_free(user);
	return ok ? set_text(where, text) : "is not user or user@domain";
}

const char *conf_domain(void *where, const char *text)
{
	return made_of(text, HOST_CHARS "[]") ? set_text(where, text)
					      : "is not a domain";
}

const char *conf_group(void *where, const char *text)
{
	return made_of(text, GROUP_CHARS) && strlen(text) <= VPNSDP_MAX_VPN_ID
		       ? set_text(where, text)
		       : "is not the id of a group";
}

const char *conf_yes(void *where, const char *text)
{
	bool yes = strcmp(text, "yes") == 0;

	if (!yes && strcmp(text, "no") != 0)
		return "is neither yes nor no";
	*(bool *)where = yes;
	return NULL;
}

const char *conf_port(void *where, const char *text)
{
	uint32_t n;

	if (!slice_u32(slice_cstr(text), 65535, &n) || n == 0)
		return "is not a port (1 to 65535)";
	*(uint16_t *)where = (uint16_t)n;
	return NULL;
}

const char *conf_count(void *where, const char *text)
{
	uint32_t n;

	if (!slice_u32(slice_cstr(text), 10000, &n) || n == 0)
		return "is not a number from 1 to 10000";
	*(unsigned *)where = n;
	return NULL;
}

const char *conf_address(void *where, const char *text)
{
	struct vpnsdp_addr a;

	if (!vpnsdp_addr_parse(slice_cstr(text), &a) ||
		!vpnsdp_addr_unicast(&a))
		return "is not an IP address to use";
	*(struct vpnsdp_addr *)where = a;
	return NULL;
}

const char *conf_pool(void *where, const char *text)
{
	return pool_parse(slice_cstr(text), where)
		       ? NULL
		       : "is not a private network such as 10.234.0.0/16";
}

const char *conf_program(void *where, const char *text)
{
	char **argv;

	if (!g_shell_parse_argv(text, NULL, &argv, NULL))
		return "is no program with arguments (look at the quotes)";
	g_strfreev(*(char ***)where);
	*(char ***)where = argv;
	return NULL;
}

/* Which of the words it is; -1: none. */
static int word(const char *text, const char *const *words)
{
	for (int i = 0; words[i]; i++)
		if (strcmp(words[i], text) == 0)
			return i;
	return -1;
}

const char *conf_accepts(void *where, const char *text)
{
	static const char *const words[] = {
		[CONF_ACCEPT_ALL] = "all",
		[CONF_ACCEPT_PEERS] = "peers",
		[CONF_ACCEPT_NONE] = "none",
		NULL,
	};
	int n = word(text, words);

	if (n < 0)
		return "is none of all, peers, none";
	*(enum conf_accept *)where = (enum conf_accept)n;
	return NULL;
}

const char *conf_dials(void *where, const char *text)
{
	static const char *const words[] = {
		[CONF_DIAL_NO] = "no",
		[CONF_DIAL_START] = "start",
		[CONF_DIAL_KEEP] = "keep",
		NULL,
	};
	int n = word(text, words);

	if (n < 0)
		return "is none of no, start, keep";
	*(enum conf_dial *)where = (enum conf_dial)n;
	return NULL;
}

/* transport:host, transport:host:port, [v6]:port and so on. */
static struct conf_proxy *one_proxy(const char *text)
{
	static const char *const names[] = {
		[AGENT_UDP] = "udp",
		[AGENT_TCP] = "tcp",
		[AGENT_TLS] = "tls",
		NULL,
	};
	struct conf_proxy p = {.transport = AGENT_UDP};
	const char *colon = strchr(text, ':');
	char *head = colon ? g_strndup(text, (gsize)(colon - text)) : NULL;
	int named = head ? word(head, names) : -1;
	const char *host = named >= 0 ? colon + 1 : text;
	const char *end = host + strcspn(host, ":");
	bool ok = true;

	g_free(head);
	if (named >= 0)
		p.transport = (enum agent_transport)named;
	if (host[0] == '[') {
		end = strchr(host++, ']');
		ok = end && (end[1] == '\0' || end[1] == ':');
	}
	if (!ok)
		return NULL;
	p.host = g_strndup(host, (gsize)(end - host));
	if (end[0] == ']')
		end++;
	ok = made_of(p.host, HOST_CHARS) &&
	     (end[0] == '\0' || !conf_port(&p.port, end + 1));
	if (!ok) {
		g_free(p.host);
		return NULL;
	}
	return g_memdup2(&p, sizeof(p));
}

const char *conf_proxies(void *where, const char *text)
{
	GPtrArray *out = *(GPtrArray **)where;
	char **all = g_strsplit(text, ",", -1);
	const char *why = NULL;

	for (char **one = all; *one && !why; one++) {
		struct conf_proxy *p = one_proxy(g_strstrip(*one));

		if (p)
			g_ptr_array_add(out, p);
		else
			why = "is not a list of [udp:|tcp:|tls:]HOST[:PORT]";
	}
	g_strfreev(all);
	return why;
}
