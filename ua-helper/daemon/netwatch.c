/*
 * netwatch.c - tells when this machine's addresses or routes have changed.
 *
 * The kernel is asked, not GNetworkMonitor: that one looks for a
 * NetworkManager on D-Bus first, which takes time at the start of a call, and
 * keeps silent about a second address in a network.
 *
 * Devices of our own tunnels do not count. Which these are shows when one gets
 * its address; what came just before (the device is up, IPv6 has its route)
 * waits for that, and what comes when it is gone names its number alone.
 */
#include "daemon/netwatch.h"

#include <errno.h>
#include <glib-unix.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SETTLE_MS 500 /* an address comes with a handful of messages */
#define WAITING_MAX 64
#define OWN_MAX 1024 /* remembered; no helper has more tunnels at a time */

struct netwatch {
	struct netwatch_env env;
	int fd;
	guint source;
	guint timer;
	bool foreign; /* a device that is none of ours, or who knows which */
	unsigned waiting[WAITING_MAX]; /* numbers of devices */
	size_t n_waiting;
	unsigned own[OWN_MAX]; /* a ring */
	size_t n_own;
};

static bool is_own(const struct netwatch *w, unsigned device)
{
	size_t n = w->n_own < OWN_MAX ? w->n_own : OWN_MAX;

	for (size_t i = 0; i < n; i++)
		if (w->own[i] == device)
			return true;
	return false;
}

static void add_own(struct netwatch *w, unsigned device)
{
	if (!is_own(w, device))
		w->own[w->n_own++ % OWN_MAX] = device;
}

static void wait_for(struct netwatch *w, unsigned device)
{
	for (size_t i = 0; i < w->n_waiting; i++)
		if (w->waiting[i] == device)
			return;
	if (device == 0 || w->n_waiting == WAITING_MAX)
		w->foreign = true;
	else
		w->waiting[w->n_waiting++] = device;
}

static gboolean settled(gpointer arg)
{
	struct netwatch *w = arg;
	bool foreign = w->foreign;

	w->timer = 0;
	for (size_t i = 0; i < w->n_waiting; i++)
		foreign = foreign || !is_own(w, w->waiting[i]);
	w->n_waiting = 0;
	w->foreign = false;
	if (foreign)
		w->env.changed(w->env.arg);
	return G_SOURCE_REMOVE;
}

/* The data of the first attribute of this type; NULL. */
static const void *attribute(
	const struct rtattr *a, size_t len, unsigned short type, size_t want)
{
	for (; RTA_OK(a, len); a = RTA_NEXT(a, len))
		if (a->rta_type == type && RTA_PAYLOAD(a) == want)
			return RTA_DATA(a);
	return NULL;
}

static void on_address(struct netwatch *w, const struct nlmsghdr *msg)
{
	const struct ifaddrmsg *m = NLMSG_DATA(msg);
	const bool v4 = m->ifa_family == AF_INET;
	struct vpnsdp_addr addr = {.family = v4 ? 4 : 6};
	const size_t len = v4 ? 4 : sizeof(addr.b);
	const struct rtattr *first = IFA_RTA(m);
	/* where there is a peer, IFA_ADDRESS is the peer's */
	const void *data = attribute(first, IFA_PAYLOAD(msg), IFA_LOCAL, len);

	if (!data)
		data = attribute(first, IFA_PAYLOAD(msg), IFA_ADDRESS, len);
	if (data)
		memcpy(addr.b, data, len);
	if (data && msg->nlmsg_type == RTM_NEWADDR &&
		w->env.ours(w->env.arg, &addr))
		add_own(w, m->ifa_index);
	wait_for(w, m->ifa_index);
}

static void on_route(struct netwatch *w, const struct nlmsghdr *msg)
{
	const struct rtmsg *m = NLMSG_DATA(msg);
	const void *out = attribute(
		RTM_RTA(m), RTM_PAYLOAD(msg), RTA_OIF, sizeof(unsigned));
	unsigned device = 0;

	if (out)
		memcpy(&device, out, sizeof(device));
	wait_for(w, device);
}

static void on_message(struct netwatch *w, const struct nlmsghdr *msg)
{
	switch (msg->nlmsg_type) {
	case RTM_NEWADDR:
	case RTM_DELADDR:
		if (msg->nlmsg_len >= NLMSG_LENGTH(sizeof(struct ifaddrmsg)))
			on_address(w, msg);
		break;
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		if (msg->nlmsg_len >= NLMSG_LENGTH(sizeof(struct rtmsg)))
			on_route(w, msg);
		break;
	default:
		w->foreign = true;
		break;
	}
}

static gboolean readable(gint fd, GIOCondition condition, gpointer arg)
{
	struct netwatch *w = arg;
	_Alignas(struct nlmsghdr) char buf[16384];
	ssize_t n;

	(void)condition;
	while ((n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT | MSG_TRUNC)) > 0) {
		const struct nlmsghdr *msg = (const struct nlmsghdr *)buf;
		size_t left = (size_t)n < sizeof(buf) ? (size_t)n : sizeof(buf);

		for (; NLMSG_OK(msg, left); msg = NLMSG_NEXT(msg, left))
			on_message(w, msg);
		if ((size_t)n > sizeof(buf))
			w->foreign = true;
	}
	if (n < 0 && errno != EAGAIN)
		w->foreign = true; /* some of it was lost */
	if (w->timer == 0)
		w->timer = g_timeout_add(SETTLE_MS, settled, w);
	return G_SOURCE_CONTINUE;
}

struct netwatch *netwatch_new(const struct netwatch_env *env)
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
	w->env = *env;
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
