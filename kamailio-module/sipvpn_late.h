/*
 * sipvpn_late.h - what replies to an INVITE have said of the VPN, for whom it
 * counts later: a late offer that may pass, for the ACK or the PRACK that
 * brings the answer; and no to one, for the 2xx of the same branch.
 *
 * Rule: made under the lock of the replies, read by anybody.
 */
#ifndef SIPVPN_LATE_H
#define SIPVPN_LATE_H

#include "sipvpn_answer.h"

struct sipvpn_late {
	struct sipvpn_late *next;
	struct slice to_tag;       /* whose reply it was */
	uint32_t rseq;             /* 0: a 2xx */
	struct sipvpn_admitted in; /* what was offered, if anything */
	bool no;                   /* declined there, or closed by us */
	bool alone;                /* closed, and there were no other media */
};

/*
 * Remember what the record of a reply says; rseq: of one that is reliable. Of
 * several 2xx the first one counts: tm finds the transaction of no other's
 * ACK. False: no memory, no record, or too many replies.
 */
bool sipvpn_late_set(
	struct sipvpn_late **late, struct sip_msg *reply, uint32_t rseq);
/* Remember that a reliable reply has said no. False as above. */
bool sipvpn_late_no(struct sipvpn_late **late, struct sip_msg *reply,
	uint32_t rseq, bool alone);
/* NULL is nothing. */
void sipvpn_late_free(struct sipvpn_late *late);

/* What the ACK answers; NULL: nothing was offered by whom it is for. */
const struct sipvpn_admitted *sipvpn_late_for(
	struct sipvpn_late *const *late, struct sip_msg *ack);
/* The same of a PRACK of this reply. */
struct sipvpn_late *sipvpn_late_early(
	struct sipvpn_late *const *late, struct sip_msg *prack, uint32_t rseq);

/* What was said first in the branch of a 2xx; NULL: nothing that is kept. */
const struct sipvpn_late *sipvpn_late_first(
	struct sipvpn_late *const *late, struct sip_msg *reply);
/* Has any branch said no? */
bool sipvpn_late_any_no(struct sipvpn_late *const *late);

#endif
