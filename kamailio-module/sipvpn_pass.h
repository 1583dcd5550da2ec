/*
 * sipvpn_pass.h - how a request within a dialog shows whose dialog it is.
 *
 * The request that begins a dialog gets a Record-Route parameter, a keyed
 * hash of Call-ID, caller and callee. Both ends send it back in the Route of
 * all that follows, so nothing is kept here, and no one is asked for a
 * password in the middle of a call. It says who began the call and who was
 * called, not what they may do: that is judged anew each time.
 */
#ifndef SIPVPN_PASS_H
#define SIPVPN_PASS_H

#include "sipvpn_identity.h"

/*
 * Before the first fork. secret: the key is made of it, so that a restarted
 * server and its neighbours know the passes; empty: a random one. 0 or -1.
 * Without the module rr there are no passes.
 */
int sipvpn_pass_init(const str *secret);

#define SIPVPN_PASS 8 /* characters of 6 bits: each guess costs a request */

/* Of the dialog that msg begins, between the pair. False: it has none. */
bool sipvpn_pass_make(struct sip_msg *msg, const struct sipvpn_pair *pair,
	char pass[static SIPVPN_PASS]);

/* Where and when, and what is returned: see sipvpn_param.h. */
bool sipvpn_pass_give(struct sip_msg *msg, const char pass[static SIPVPN_PASS]);

/*
 * Of a request within a dialog, behind loose_route(): whose dialog it is.
 * False when it has no pass, or one of another dialog.
 */
bool sipvpn_pass_read(struct sip_msg *msg, struct sipvpn_pair *out);

#endif
