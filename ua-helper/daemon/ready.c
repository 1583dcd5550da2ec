/* ready.c - telling the service manager; a datagram, so no library for it. */
#include "daemon/ready.h"

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <stdlib.h>
#include <string.h>

void ready_tell(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	GSocketAddress *to = NULL;
	GSocket *socket = NULL;

	if (!path || (path[0] != '/' && path[0] != '@'))
		return;
	to = path[0] == '@' ? g_unix_socket_address_new_with_type(path + 1,
				      (gint)strlen(path + 1),
				      G_UNIX_SOCKET_ADDRESS_ABSTRACT)
			    : g_unix_socket_address_new(path);
	socket = g_socket_new(G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_DATAGRAM,
		G_SOCKET_PROTOCOL_DEFAULT, NULL);
	if (socket) {
		g_socket_set_blocking(socket, FALSE);
		(void)g_socket_send_to(
			socket, to, state, strlen(state), NULL, NULL);
		g_object_unref(socket);
	}
	g_object_unref(to);
}
