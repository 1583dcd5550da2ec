/* local.c - facts about this machine. */
#include "daemon/local.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT_TRIES 100

static bool take_bytes(const struct sockaddr *sa, struct vpnsdp_addr *out)
{
	if (!sa)
		return false;
	if (sa->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)sa;

		out->family = 4;
		memcpy(out->b, &in->sin_addr, 4);
		return true;
	}
	if (sa->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in = (const void *)sa;

		out->family = 6;
		memcpy(out->b, &in->sin6_addr, 16);
		return true;
	}
	return false;
}

static uint8_t prefix_of(const struct vpnsdp_addr *mask)
{
	uint8_t n = 0;

	for (size_t i = 0; i < (mask->family == 6 ? 16U : 4U); i++)
		for (uint8_t b = mask->b[i]; b & 0x80; b = (uint8_t)(b << 1))
			n++;
	return n;
}

struct media_net local_host(const struct vpnsdp_addr *a)
{
	return (struct media_net){*a, a->family == 6 ? 128 : 32};
}

void local_networks(GArray *nets, local_skip_fn *skip, void *arg)
{
	struct ifaddrs *all = NULL;

	if (getifaddrs(&all) != 0)
		return;
	for (struct ifaddrs *i = all; i; i = i->ifa_next) {
		struct media_net net = {0};
		struct vpnsdp_addr mask = {0};

		if (!(i->ifa_flags & IFF_UP) ||
			!take_bytes(i->ifa_addr, &net.addr) ||
			!take_bytes(i->ifa_netmask, &mask) ||
			skip(arg, &net.addr))
			continue;
		net.prefix = prefix_of(&mask);
		g_array_append_val(nets, net);
	}
	freeifaddrs(all);
}

/* 0, or why not. */
static int cannot_bind(const struct vpnsdp_addr *addr, uint16_t port)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	bool v6 = addr->family == 6;
	int fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int err = 0;

	if (fd < 0)
		return errno;
	memcpy(&in.sin_addr, addr->b, 4);
	memcpy(&in6.sin6_addr, addr->b, 16);
	in.sin_port = htons(port);
	in6.sin6_port = htons(port);
	if ((v6 ? bind(fd, (struct sockaddr *)&in6, sizeof(in6))
		: bind(fd, (struct sockaddr *)&in, sizeof(in))) < 0)
		err = errno;
	close(fd);
	return err;
}

uint16_t local_free_port(const struct vpnsdp_addr *addr, uint16_t start,
	local_port_fn *may, void *arg)
{
	uint32_t tries = 0;
	int err = EADDRINUSE;

	for (uint32_t p = start; tries < PORT_TRIES && p <= 65535; p++) {
		if (!may(arg, (uint16_t)p))
			continue; /* ours: no sign of a crowded machine */
		err = cannot_bind(addr, (uint16_t)p);
		if (err == 0)
			return (uint16_t)p;
		tries++;
	}
	errno = err;
	return 0;
}
