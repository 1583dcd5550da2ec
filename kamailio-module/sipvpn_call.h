/*
 * sipvpn_call.h - which dialogs are VPN calls.
 *
 * With the module dialog loaded, an admitted INVITE gets a dialog, and what
 * is known of the call goes into the store and into dialog variables
 * (sipvpn_group, _caller, _callee, _local, _remote), so that a dialog module
 * with a database brings it back after a restart. A phone call gets neither.
 * No pointer to a dialog is kept: its callbacks know the call's number.
 */
#ifndef SIPVPN_CALL_H
#define SIPVPN_CALL_H

#include "sipvpn_identity.h"

/* In mod_init. 0 or -1. Without dialog or tm there are no calls to follow. */
int sipvpn_call_init(void);

/*
 * msg begins a call. admitted: its VPN section may pass, which its record
 * tells of; else it has no body, and its 200 may bring one.
 */
void sipvpn_call_begin(
	struct sip_msg *msg, const struct sipvpn_pair *pair, bool admitted);

/* The 2xx brings the first VPN section, and that may pass. */
void sipvpn_call_late(struct sip_msg *reply, const struct sipvpn_pair *pair);

/* The 2xx begins a call that has nothing left: both sides are to get a BYE. */
void sipvpn_call_refuse(struct sip_msg *reply);

#endif
