/*
 * netwatch.c - tells when this machine's addresses or routes have changed.
 *
 * The kernel is asked, not GNetworkMonitor: that one looks for a
 * NetworkManager on D-Bus first, which takes time at the start of a call, and
 * keeps silent about a second address in a network.
 */
#include "daemon/netwatch.h"

#include <glib-unix.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#define SETTLE_MS 500 /* an address comes with a handful of messages */

struct netwatch {
	void (*changed)(void *arg);
	void *arg;
	int fd;
	guint source;
	guint timer;
};

static gboolean settled(gpointer arg)
{
	struct netwatch *w = arg;

	w->timer = 0;
	w->changed(w->arg);
	return G_SOURCE_REMOVE;
}

static gboolean readable(gint fd, GIOCondition condition, gpointer arg)
{
	struct netwatch *w = arg;
	char buf[8192];

	(void)condition;
	/* what it says does not matter, nor whether some of it was lost */
	while (recv(fd, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		;
	if (w->timer == 0)
		w->timer = g_timeout_add(SETTLE_MS, settled, w);
	return G_SOURCE_CONTINUE;
}

struct netwatch *netwatch_new(void (*changed)(void *arg), void *arg)
{
	struct sockaddr_nl all = {
		.nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR |
			     RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE,
	};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	struct netwatch *w;

	if (fd < 0)
		return NULL;
	if (bind(fd, (struct sockaddr *)&all, sizeof(all)) != 0) {
		close(fd);
		return NULL;
	}
	w = g_new0(struct netwatch, 1);
	w->changed = changed;
	w->arg = arg;
	w->fd = fd;
	w->source = g_unix_fd_add(fd, G_IO_IN, readable, w);
	return w;
}

void netwatch_free(struct netwatch *w)
{
	if (!w)
		return;
	g_clear_handle_id(&w->timer, g_source_remove);
	g_source_remove(w->source);
	close(w->fd);
	g_free(w);
}
