/*
 * ua_media.h - descriptions to offer and to answer, and who we are in them;
 * shared by the tests of media.c and of the call machine.
 */
#ifndef SIPVPN_TEST_UA_MEDIA_H
#define SIPVPN_TEST_UA_MEDIA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "core/media.h"

#define TEXT(literal)                                                          \
	{                                                                      \
		literal, sizeof(literal) - 1                                   \
	}
#define V4(a, b, c, d)                                                         \
	{                                                                      \
		4,                                                             \
		{                                                              \
			a, b, c, d                                             \
		}                                                              \
	}

/* --- what a peer at 198.51.100.7 writes ----------------------------------- */
#define HEAD_V(version)                                                        \
	"v=0\r\no=- 7 " version " IN IP4 198.51.100.7\r\ns=-\r\n"              \
	"c=IN IP4 198.51.100.7\r\nt=0 0\r\n"
#define HEAD HEAD_V("1")
#define THESIS(port) "m=application/vpn " port " OpenVPN 0\r\n"
#define UDP(port) "m=application " port " udp openvpn\r\n"
#define AUDIO "m=audio 49170 RTP/AVP 0\r\n"
#define ADDRS(own, other)                                                      \
	"a=VPN_LOCAL_ADDR:" own "\r\na=VPN_REMOTE_ADDR:" other "\r\n"
#define MIRROR ADDRS("192.168.234.2", "192.168.234.1")
#define FP                                                                     \
	"a=fingerprint:SHA-256 "                                               \
	"22:22:22:22:22:22:22:22:22:22:22:22:22:22:22:22:"                     \
	"22:22:22:22:22:22:22:22:22:22:22:22:22:22:22:22\r\n"
#define SETUP(role) "a=setup:" role "\r\n"
#define KEYS(role) SETUP(role) "a=tls-id:0123456789abcdefghij\r\n" FP

#define OFFER(role) HEAD THESIS("8000") KEYS(role)
#define ANSWER(role) HEAD THESIS("8000") MIRROR KEYS(role)
#define UDP_ANSWER(role) HEAD UDP("8000") MIRROR KEYS(role)

/* --- us, at 192.0.2.10 ---------------------------------------------------- */
#define US_AT(where) .addr = where, .port = 41822, .sess_id = TEXT("3989")
#define TUNNEL(own, other) .tun_local = own, .tun_remote = other
#define US                                                                     \
	US_AT(V4(192, 0, 2, 10)),                                              \
		TUNNEL(V4(192, 168, 234, 1), V4(192, 168, 234, 2))
#define OUR_KEYS                                                               \
	.keys = true, .fingerprint = {0x11, 0x11},                             \
	.tls_id = TEXT("Zk3q0uJm8w2R7bVx5NcT")

static const struct media_local endpoint = {US, OUR_KEYS};
static const struct media_local fixed = {US, OUR_KEYS, .tun_fixed = true};
static const struct media_local program = {US};

#endif
