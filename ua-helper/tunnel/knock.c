/* knock.c - make a peer's kernel answer; see knock.h. */
#include "tunnel/knock.h"

#include <glib.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define DISCARD 9 /* RFC 863 */
#define EVERY_MS 500

union sock_addr {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

struct knock {
	int fd;
	guint timer;
	union sock_addr to;
	socklen_t len;
};

static socklen_t fill(
	union sock_addr *out, const struct vpnsdp_addr *addr, uint16_t port)
{
	memset(out, 0, sizeof(*out));
	if (addr->family == 6) {
		out->in6.sin6_family = AF_INET6;
		out->in6.sin6_port = htons(port);
		memcpy(&out->in6.sin6_addr, addr->b, 16);
		return sizeof(out->in6);
	}
	out->in.sin_family = AF_INET;
	out->in.sin_port = htons(port);
	memcpy(&out->in.sin_addr, addr->b, 4);
	return sizeof(out->in);
}

static gboolean on_time(gpointer data)
{
	struct knock *k = data;

	/* when it fails, it is tried again */
	(void)!sendto(k->fd, "", 1, MSG_NOSIGNAL, &k->to.any, k->len);
	return G_SOURCE_CONTINUE;
}

struct knock *knock_new(
	const struct vpnsdp_addr *local, const struct vpnsdp_addr *remote)
{
	struct knock *k;
	union sock_addr from;
	socklen_t len = fill(&from, local, 0);
	int fd = socket(from.any.sa_family,
		SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return NULL;
	if (bind(fd, &from.any, len) < 0) {
		(void)close(fd);
		return NULL;
	}
	k = g_new0(struct knock, 1);
	k->fd = fd;
	k->len = fill(&k->to, remote, DISCARD);
	(void)on_time(k);
	k->timer = g_timeout_add(EVERY_MS, on_time, k);
	return k;
}

void knock_free(struct knock *k)
{
	if (!k)
		return;
	g_clear_handle_id(&k->timer, g_source_remove);
	(void)close(k->fd);
	g_free(k);
}
