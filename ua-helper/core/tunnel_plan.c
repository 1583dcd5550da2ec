/* tunnel_plan.c - why a tunnel ended, in words. PURE. */
#include "core/tunnel_plan.h"

const char *tunnel_end_text(enum tunnel_end end)
{
	switch (end) {
	case TUNNEL_END_STOPPED:
		return "stopped";
	case TUNNEL_END_PEER_LEFT:
		return "the peer's VPN program ended";
	case TUNNEL_END_PEER_SILENT:
		return "nothing more is heard from the peer";
	case TUNNEL_END_WRONG_CERT:
		return "the peer's certificate is not the one it announced";
	case TUNNEL_END_NO_PROGRAM:
		return "the VPN program cannot be executed";
	case TUNNEL_END_NO_DEVICE:
		return "the tun device is refused to us";
	case TUNNEL_END_PORT_TAKEN:
		return "the UDP port is in use";
	case TUNNEL_END_KILLED:
		return "somebody else ended the VPN program";
	case TUNNEL_END_FAILED:
		return "the VPN program failed";
	}
	return "unknown";
}
