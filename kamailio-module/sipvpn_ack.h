/*
 * sipvpn_ack.h - the ACK that answers what the 200 to its INVITE has offered.
 *
 * Its INVITE's transaction knows what that was. Once it has gone (wt_timer of
 * tm), what the dialog module knows of the call counts; without that nobody
 * knows, and the answer does not pass.
 */
#ifndef SIPVPN_ACK_H
#define SIPVPN_ACK_H

#include "sipvpn_late.h"

struct tm_binds;

/* What a transaction remembers for its ACK. */
struct sipvpn_invite {
	struct sipvpn_late *late; /* what its 2xx has offered */
	bool begins;              /* a call */
	bool ended;               /* which is to get a BYE */
	bool reported;            /* a bad answer, once */
};

/* In mod_init. NULL: there is no tm. tm must stay. */
void sipvpn_ack_init(const struct tm_binds *tm);

/*
 * Judge the VPN section of an ACK by one of pair. Reports what it refuses, and
 * has the call ended when it was for that alone; to close the section is left
 * to the caller.
 */
enum sipvpn_verdict sipvpn_ack_judge(
	struct sip_msg *ack, const struct sipvpn_pair *pair, struct slice sdp);

/* An ACK with other media alone: it may decline what the 200 has offered. */
void sipvpn_ack_other(struct sip_msg *ack);

/* In tm's callback, on an ACK that belongs to this INVITE, one by pair. */
void sipvpn_ack_found(struct sip_msg *ack, struct sipvpn_invite *invite,
	const struct sipvpn_pair *pair);

/* Is the VPN section of this body open? */
bool sipvpn_ack_live(struct slice sdp);

/*
 * Has the call nothing left to be for, once the section of this body has been
 * closed? True once a transaction.
 */
bool sipvpn_ack_ends(struct sipvpn_invite *invite, struct slice sdp);

#endif
