/*
 * sipvpn_param.h - a parameter in the Record-Route of a request that is about
 * to be forwarded.
 *
 * rr's own way takes an edit of the message, and memory, for each address that
 * it writes, and the server copies and goes through them all. Here, in the
 * copy that a branch has of the edits, a longer text takes the place of one.
 */
#ifndef SIPVPN_PARAM_H
#define SIPVPN_PARAM_H

#include <stdbool.h>

#include "core/parser/msg_parser.h"
#include "vpnsdp/slice.h"

/*
 * In tm's callback of a request that is forwarded, and nowhere else. param:
 * with its ";". False when the request gets no Record-Route, or its parameters
 * are too long; it is as before then.
 */
bool sipvpn_param_add(struct sip_msg *msg, struct slice param);

#endif
