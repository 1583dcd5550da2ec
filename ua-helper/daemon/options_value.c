/* options_value.c - what may stand behind an option. */
#include "daemon/options_int.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tunnel/secret.h"

bool options_wrong(const char *format, ...)
{
	va_list ap;
	char *line;

	va_start(ap, format);
	line = g_strdup_vprintf(format, ap);
	va_end(ap);
	(void)fprintf(stderr,
		"sipvpn-ua: %s\nTry 'sipvpn-ua --help' for more.\n", line);
	g_free(line);
	return false;
}

static bool made_of(const char *s, const char *chars)
{
	return s[0] != '\0' && s[strspn(s, chars)] == '\0';
}

bool options_take_port(char option, const char *text, uint16_t *out)
{
	uint32_t n;

	if (!slice_u32(slice_cstr(text), 65535, &n) || n == 0)
		return options_wrong(
			"-%c: '%s' is not a port (1 to 65535)", option, text);
	*out = (uint16_t)n;
	return true;
}

bool options_take_address(
	char option, const char *text, struct vpnsdp_addr *out)
{
	struct vpnsdp_addr a;

	if (!vpnsdp_addr_parse(slice_cstr(text), &a) ||
		!vpnsdp_addr_unicast(&a))
		return options_wrong(
			"-%c: '%s' is not an IP address to use", option, text);
	*out = a;
	return true;
}

void options_replace(char **where, const char *text)
{
	g_free(*where);
	*where = g_strdup(text);
}

bool options_take_name(
	const char *option, const char *text, const char *chars, char **out)
{
	if (!made_of(text, chars) || strlen(text) > VPNSDP_MAX_VPN_ID)
		return options_wrong(
			"%s: '%s' has characters that are not allowed, or "
			"is longer than %d",
			option, text, VPNSDP_MAX_VPN_ID);
	options_replace(out, text);
	return true;
}

/* host, host:port, [v6] or [v6]:port; *out's port is 0 when not given */
static bool parse_server(const char *text, struct options_proxy *out)
{
	const char *port = NULL;
	char *host;
	bool ok = true;

	if (text[0] == '[') {
		const char *end = strchr(text, ']');

		if (!end || (end[1] != '\0' && end[1] != ':'))
			return options_wrong(
				"-s: '%s' has no closing bracket", text);
		host = g_strndup(text + 1, (gsize)(end - text - 1));
		port = end[1] == ':' ? end + 2 : NULL;
	} else {
		const char *colon = strchr(text, ':');

		host = colon ? g_strndup(text, (gsize)(colon - text))
			     : g_strdup(text);
		port = colon ? colon + 1 : NULL;
	}
	if (!made_of(host, HOST_CHARS))
		ok = options_wrong(
			"-s: '%s' is not a host name or address", text);
	out->port = 0;
	if (ok && port)
		ok = options_take_port('s', port, &out->port);
	out->host = host;
	return ok;
}

bool options_take_server(const char *text, struct options *o)
{
	struct options_proxy p = {0};
	bool ok = parse_server(text, &p);

	if (ok && o->server_host) {
		if (o->n_more < OPTIONS_MAX_PROXIES) {
			o->more[o->n_more++] = p;
			return true;
		}
		ok = options_wrong(
			"-s: more than %d servers", OPTIONS_MAX_PROXIES + 1);
	}
	if (!ok) {
		g_free(p.host);
		return false;
	}
	o->server_host = p.host;
	o->server_port = p.port;
	o->server_port_given = p.port != 0;
	return true;
}

bool options_take_transport(const char *text, struct options *o)
{
	static const char *const names[] = {
		[OPTIONS_UDP] = "udp",
		[OPTIONS_TCP] = "tcp",
		[OPTIONS_TLS] = "tls",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (strcmp(text, names[i]) == 0) {
			o->transport = (enum options_transport)i;
			return true;
		}
	return options_wrong("--transport: '%s' is not udp, tcp or tls", text);
}

bool options_take_peer(const char *text, struct options *o)
{
	const char *at = strchr(text, '@');
	char *user = at ? g_strndup(text, (gsize)(at - text)) : g_strdup(text);
	bool ok = made_of(user, USER_CHARS) &&
		  (!at || made_of(at + 1, HOST_CHARS "[]"));

	g_free(user);
	if (!ok)
		return options_wrong("-t: '%s' is not a SIP user", text);
	options_replace(&o->peer, text);
	return true;
}

bool options_take_secret(const char *path, struct options *o)
{
	uint8_t key[STATIC_KEY_LEN];
	const char *why = "";
	bool ok = secret_read(path, key, &why);

	explicit_bzero(key, sizeof(key));
	if (!ok)
		return options_wrong("--secret: %s: %s", path, why);
	options_replace(&o->secret_file, path);
	return true;
}
