/*
 * tunnel_plan.h - what offer and answer agreed on: everything a tunnel needs.
 *
 * PURE. Made by media.c, read by openvpn_conf.c and by tunnel/.
 */
#ifndef SIPVPN_TUNNEL_PLAN_H
#define SIPVPN_TUNNEL_PLAN_H

#include "vpnsdp.h"

enum tunnel_role {
	TUNNEL_SERVER, /* setup:passive: binds and waits */
	TUNNEL_CLIENT, /* setup:active: connects */
};

struct tunnel_plan {
	enum tunnel_role role;
	/* own UDP endpoint; a client only uses the address to bind to */
	struct vpnsdp_addr bind;
	uint16_t port;
	/* the peer's UDP endpoint; not known yet (family 0) while a late
	 * offer is out */
	struct vpnsdp_addr peer;
	uint16_t peer_port;
	/* tunnel addresses: own and the peer's, of one family */
	struct vpnsdp_addr local, remote;
	/* a=VPN_ID of the two, as the peer or our user wrote it; may be
	 * empty. For people and programs, never for OpenVPN */
	char group[VPNSDP_MAX_VPN_ID + 1];
	/* SHA-256 of the one certificate to accept (RFC 8122) */
	uint8_t peer_fingerprint[VPNSDP_FINGERPRINT_LEN];
};

/* Why a tunnel ended or did not come up. */
enum tunnel_end {
	TUNNEL_END_STOPPED,     /* we asked for it */
	TUNNEL_END_PEER_LEFT,   /* the peer's OpenVPN said goodbye */
	TUNNEL_END_PEER_SILENT, /* nothing heard for the ping limit */
	TUNNEL_END_WRONG_CERT,  /* peer's certificate is not the one in its SDP
				 */
	TUNNEL_END_NO_PROGRAM,  /* cannot be executed */
	TUNNEL_END_NO_DEVICE,   /* tun device refused */
	TUNNEL_END_PORT_TAKEN,  /* UDP port cannot be bound */
	TUNNEL_END_KILLED,      /* by a signal that was not ours */
	TUNNEL_END_FAILED,      /* ended by itself, for another reason */
};

/* A few plain words: "the peer's certificate is not the one it announced". */
const char *tunnel_end_text(enum tunnel_end end);

#endif
