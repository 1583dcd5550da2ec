/*
 * sipvpn_late.h - VPN sections that replies have offered and that may pass: an
 * INVITE without SDP gets one in its 200, and the ACK brings the answer.
 *
 * Rule: made under the lock of the replies, read by anybody.
 */
#ifndef SIPVPN_LATE_H
#define SIPVPN_LATE_H

#include "sipvpn_answer.h"

struct sipvpn_late;

/*
 * Remember what the record of a 2xx says, once for each To tag: a call that
 * forks may have an offer from each branch, and a 2xx comes again. False: no
 * memory, or no record.
 */
bool sipvpn_late_add(struct sipvpn_late **list, struct sip_msg *reply);
void sipvpn_late_free(struct sipvpn_late *list);

/* What the ACK answers, by its To tag; NULL: nothing was offered. */
const struct sipvpn_admitted *sipvpn_late_find(
	struct sipvpn_late *const *list, struct sip_msg *ack);

#endif
