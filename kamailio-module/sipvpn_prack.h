/*
 * sipvpn_prack.h - reliable provisional replies (RFC 3262): what they say of
 * the VPN, and the PRACK that answers what one of them has offered.
 *
 * Its INVITE's transaction knows what that was. tm finds it by Call-ID and the
 * CSeq that RAck names; while it does not, a PRACK brings an offer as any
 * other request.
 */
#ifndef SIPVPN_PRACK_H
#define SIPVPN_PRACK_H

#include "sipvpn_calls.h"
#include "sipvpn_watched.h"

struct tm_binds;

/* In mod_init. NULL: there is no tm. tm must stay. */
void sipvpn_prack_init(const struct tm_binds *tm);

/* The number of a reliable provisional reply; 0: it is none. */
uint32_t sipvpn_prack_rseq(struct sip_msg *reply);

/*
 * A provisional reply says no to the VPN: when it is reliable, that ends the
 * VPN of the call. sdp: what the reply has.
 */
void sipvpn_prack_no(struct sip_msg *reply, struct sipvpn_invite *invite,
	enum sipvpn_why why, struct slice sdp);

/*
 * A 2xx without a body has begun the call: of branches that have said yes and
 * no, its own counts.
 */
void sipvpn_prack_settle(struct sip_msg *reply, struct sipvpn_watched *w);

/*
 * Judge the VPN section of a PRACK by one of pair. False: it answers nothing
 * that is known, so it is an offer. Reports what it refuses.
 */
bool sipvpn_prack_judge(struct sip_msg *prack, const struct sipvpn_pair *pair,
	struct slice sdp, enum sipvpn_verdict *verdict);

/* A PRACK with other media alone: it may decline what has been offered. */
void sipvpn_prack_other(struct sip_msg *prack, const struct sipvpn_pair *pair);

#endif
