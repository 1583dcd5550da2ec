/* openvpn_advice.c - what a person can do about it. PURE. */
#include "core/openvpn_advice.h"

struct advice {
	enum tunnel_end end;
	struct slice starts, ends; /* of OpenVPN's words; empty: any */
	const char *text;
};

#define ANY                                                                    \
	{                                                                      \
		"", 0                                                          \
	}
#define TEXT(literal)                                                          \
	{                                                                      \
		literal, sizeof(literal) - 1                                   \
	}
#define OPEN TEXT("Cannot open TUN/TAP dev")
#define MAKE TEXT("Cannot ioctl TUNSETIFF")
#define NO_NODE                                                                \
	"/dev/net/tun is not there: load it (modprobe tun), or give it to "    \
	"the container (--device /dev/net/tun)"

/* The numbers are Linux's, as OpenVPN prints them. */
static const struct advice all[] = {
	{TUNNEL_END_NO_DEVICE, OPEN, TEXT("(errno=2)"), NO_NODE},  /* ENOENT */
	{TUNNEL_END_NO_DEVICE, OPEN, TEXT("(errno=19)"), NO_NODE}, /* ENODEV */
	{TUNNEL_END_NO_DEVICE, OPEN, TEXT("(errno=13)"),           /* EACCES */
		"this user may not open /dev/net/tun: chmod 0666 it (tun asks "
		"for CAP_NET_ADMIN anyway), or run as its owner"},
	{TUNNEL_END_NO_DEVICE, OPEN, TEXT("(errno=1)"), /* EPERM */
		"a device rule forbids /dev/net/tun: DeviceAllow=/dev/net/tun "
		"rw in the unit, --device /dev/net/tun for a container"},
	{TUNNEL_END_NO_DEVICE, MAKE, TEXT("(errno=1)"), /* EPERM */
		"the capability CAP_NET_ADMIN is missing: run as root, with "
		"AmbientCapabilities=CAP_NET_ADMIN in the unit, or with "
		"--cap-add NET_ADMIN in a container"},
	{TUNNEL_END_NO_DEVICE, MAKE, TEXT("(errno=16)"), /* EBUSY */
		"the device's name was taken meanwhile: call again"},
	{TUNNEL_END_NO_PROGRAM, ANY, ANY,
		"install OpenVPN 2.6, or name the program with --openvpn"},
	{TUNNEL_END_PORT_TAKEN, ANY, ANY,
		"another program was faster; choose a port of our own with -v"},
};

static bool ends_so(struct slice text, struct slice end)
{
	return text.len >= end.len &&
	       slice_eq(slice_skip(text, text.len - end.len), end);
}

const char *openvpn_advice(enum tunnel_end end, struct slice text)
{
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].end == end && slice_starts(text, all[i].starts) &&
			ends_so(text, all[i].ends))
			return all[i].text;
	return NULL;
}
