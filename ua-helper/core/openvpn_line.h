/*
 * openvpn_line.h - one line of OpenVPN's management interface -> an event.
 *
 * PURE. The lines are those of OpenVPN 2.6, given without their line end.
 * Strangers have a say in what is logged: whatever does not fit exactly is
 * OPENVPN_OTHER.
 */
#ifndef SIPVPN_OPENVPN_LINE_H
#define SIPVPN_OPENVPN_LINE_H

#include "vpnsdp.h"

enum openvpn_event {
	OPENVPN_OTHER = 0,
	OPENVPN_HOLD,      /* waits for "hold release" */
	OPENVPN_DEVICE,    /* text: the device's name */
	OPENVPN_BOUND,     /* the UDP port is bound */
	OPENVPN_CONNECTED, /* server: port bound; else tunnel up; from, port */
	OPENVPN_PEER_UP,   /* server: the peer is through */
	OPENVPN_PEER_AT,   /* where it sends from: from, port, or both */
	OPENVPN_BYTES,     /* rx, tx */
	OPENVPN_PEER_LEFT, /* the peer said goodbye */
	OPENVPN_PEER_SILENT, /* not heard for ping-exit seconds */
	OPENVPN_PEER_LOST,   /* server: for another reason; text */
	OPENVPN_MISFIT,     /* static key: a packet was made with another one */
	OPENVPN_WRONG_CERT, /* server: from; client: from.family is 0 */
	OPENVPN_NO_DEVICE,  /* fatal; text */
	OPENVPN_PORT_TAKEN, /* fatal; text */
	OPENVPN_FATAL,      /* fatal for another reason; text */
	OPENVPN_SIGNALLED,  /* exiting: somebody sent it a signal */
	OPENVPN_EXITING,    /* exiting for another reason; text */
};

struct openvpn_line {
	enum openvpn_event event;
	struct slice text; /* points into the line */
	struct vpnsdp_addr from;
	uint16_t port;
	/* bytes of the UDP packets' payload, since this peer came through */
	uint64_t rx, tx;
};

struct openvpn_line openvpn_line_parse(struct slice line);

/*
 * Is this line of standard output worth showing as the program's last words?
 * Not "Exiting due to fatal error" and its like, which only close.
 */
bool openvpn_line_telling(struct slice line);

#endif
