/*
 * sipvpn_manage.h - sipvpn_manage(): all that a script has to do for VPN
 * calls, on requests that begin a call and on those within one.
 */
#ifndef SIPVPN_MANAGE_H
#define SIPVPN_MANAGE_H

#include <stdbool.h>

#include "core/parser/msg_parser.h"

/*
 * Beside the numbers of enum sipvpn_verdict, what lets the script go on. Add,
 * do not renumber.
 */
enum sipvpn_managed {
	/* SIPVPN_ALLOWED = 1: a VPN section, and it may pass */
	SIPVPN_NO_SECTION = 2, /* no VPN section; the replies are watched */
	/* an INVITE without SDP between two who share a group */
	SIPVPN_MAY_COME = 3,
	SIPVPN_CLOSED = 4, /* an ACK, whose section was closed */
};

/*
 * In mod_init: the reply functions of sl are looked for. upgrade: a call that
 * begins with other media may have a VPN later.
 */
void sipvpn_manage_init(bool upgrade);

/* Are the modules there that it cannot do without? Logged when not. */
bool sipvpn_manage_can(void);

/*
 * answer: a refusal is answered here. The number is negative then, and the
 * script has to end.
 */
int sipvpn_manage(struct sip_msg *msg, bool answer);

#endif
