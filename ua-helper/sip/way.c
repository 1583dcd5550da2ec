/* way.c - a server, and how we are seen from there. */
#include "sip/way.h"

#include <string.h>

#include "sip/reg_answer.h"

struct vpnsdp_addr way_address_of(GInetAddress *addr)
{
	struct vpnsdp_addr out = {.family = 4};

	if (g_inet_address_get_family(addr) == G_SOCKET_FAMILY_IPV6)
		out.family = 6;
	memcpy(out.b, g_inet_address_to_bytes(addr),
		g_inet_address_get_native_size(addr));
	return out;
}

struct way *way_new(
	struct transport *transport, GSocketAddress *peer, GError **error)
{
	GInetSocketAddress *local = transport_local(transport, peer, error);
	GInetAddress *addr;
	struct way *w;

	if (!local)
		return NULL;
	w = g_new0(struct way, 1);
	addr = g_inet_socket_address_get_address(local);
	w->peer = g_object_ref(peer);
	w->address = way_address_of(addr);
	w->host = g_inet_address_to_string(addr);
	w->port = g_inet_socket_address_get_port(local);
	w->public_host = g_strdup(w->host);
	w->public_port = w->port;
	g_object_unref(local);
	return w;
}

void way_free(struct way *w)
{
	if (!w)
		return;
	g_object_unref(w->peer);
	g_free(w->host);
	g_free(w->public_host);
	g_free(w);
}

char *way_text(const struct way *w)
{
	char *address =
		g_socket_connectable_to_string(G_SOCKET_CONNECTABLE(w->peer));
	char *kind = g_ascii_strdown(
		transport_kind_name(transport_kind(w->peer)), -1);
	char *text = g_strdup_printf("%s %s", kind, address);

	g_free(kind);
	g_free(address);
	return text;
}

char *way_uri_host(const char *host)
{
	return strchr(host, ':') ? g_strdup_printf("[%s]", host)
				 : g_strdup(host);
}

char *way_contact_uri(const struct way *w, const char *user)
{
	static const char *const params[] = {
		[TRANSPORT_UDP] = "",
		[TRANSPORT_TCP] = ";transport=tcp",
		[TRANSPORT_TLS] = ";transport=tls",
	};
	char *host = way_uri_host(w->public_host);
	char *uri = g_strdup_printf("sip:%s@%s:%u%s", user, host,
		(unsigned)w->public_port, params[transport_kind(w->peer)]);

	g_free(host);
	return uri;
}

void way_stamp(const struct way *w, osip_message_t *msg)
{
	osip_via_t *via = osip_list_get(&msg->vias, 0);
	char port[8];

	g_snprintf(port, sizeof(port), "%u", (unsigned)w->port);
	osip_free(via->protocol);
	osip_free(via->host);
	osip_free(via->port);
	via->protocol =
		osip_strdup(transport_kind_name(transport_kind(w->peer)));
	via->host = osip_strdup(w->host);
	via->port = osip_strdup(port);
	osip_message_force_update(msg);
}

bool way_learn(struct way *w, osip_message_t *response)
{
	const char *host;
	uint16_t port;
	char *copy;

	reg_answer_seen(response, &host, &port);
	if (!host ||
		(strcmp(host, w->public_host) == 0 && port == w->public_port))
		return false;
	copy = g_strdup(host);
	g_free(w->public_host);
	w->public_host = copy;
	w->public_port = port;
	return true;
}
