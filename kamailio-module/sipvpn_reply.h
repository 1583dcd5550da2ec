/*
 * sipvpn_reply.h - a reply, judged as it passes.
 *
 * Rule: a 2xx cannot be refused, so what may not pass is closed in it
 * (sipvpn_strip.h). Runs in tm's callbacks, under the lock of the replies:
 * no database, no waiting.
 */
#ifndef SIPVPN_REPLY_H
#define SIPVPN_REPLY_H

#include "core/parser/msg_parser.h"

/*
 * A section that may not pass is closed, the judgement reported, and the call
 * begins, changes or ends as the reply says. param: where the transaction has
 * its struct sipvpn_watched; one of its own may take the place of a common one.
 */
void sipvpn_reply_judge(struct sip_msg *reply, void **param);

#endif
