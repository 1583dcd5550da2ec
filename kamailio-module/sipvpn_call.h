/*
 * sipvpn_call.h - which dialogs are VPN calls.
 *
 * With the module dialog loaded, an admitted INVITE gets a dialog, which is
 * followed (sipvpn_follow.h). A phone call gets none; a VPN that comes within
 * one is followed when the script has made it a dialog.
 */
#ifndef SIPVPN_CALL_H
#define SIPVPN_CALL_H

#include "sipvpn_calls.h"
#include "sipvpn_identity.h"

/* In mod_init. 0 or -1. Without dialog or tm there are no calls to follow. */
int sipvpn_call_init(void);

/*
 * msg begins a call. admitted: its VPN section may pass, which its record
 * tells of; else it has no body, and its 200 may bring one.
 */
void sipvpn_call_begin(
	struct sip_msg *msg, const struct sipvpn_pair *pair, bool admitted);

/*
 * The reply makes it a VPN call: it brings a section that may pass, which its
 * record tells of. In a call that is one already: which VPN it is now.
 */
void sipvpn_call_on(struct sip_msg *msg, const struct sipvpn_pair *pair);

/* The message ends the VPN in its call; no-op where there is none. */
void sipvpn_call_off(struct sip_msg *msg, enum sipvpn_why why);

/*
 * The group of the VPN call that msg belongs to. False: it is none, or not
 * that of this pair, whatever msg says that it belongs to.
 */
bool sipvpn_call_group(struct sip_msg *msg, const struct sipvpn_pair *pair,
	struct sbuf *group);

/* The call that msg begins has nothing left: both sides are to get a BYE. */
void sipvpn_call_refuse(struct sip_msg *msg);

#endif
