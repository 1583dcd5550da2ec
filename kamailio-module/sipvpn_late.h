/*
 * sipvpn_late.h - the VPN section that the 2xx to an INVITE has offered, and
 * that may pass: the ACK brings the answer.
 *
 * Rule: made under the lock of the replies, read by anybody.
 */
#ifndef SIPVPN_LATE_H
#define SIPVPN_LATE_H

#include "sipvpn_answer.h"

struct sipvpn_late;

/*
 * Remember what the record of a 2xx says. Of a call that forks the first one
 * counts: tm finds the transaction of no other's ACK. False: no memory, or no
 * record.
 */
bool sipvpn_late_set(struct sipvpn_late **late, struct sip_msg *reply);
/* NULL is nothing. */
void sipvpn_late_free(struct sipvpn_late *late);

/* What the ACK answers; NULL: nothing was offered by whom it is for. */
const struct sipvpn_admitted *sipvpn_late_for(
	struct sipvpn_late *const *late, struct sip_msg *ack);

#endif
