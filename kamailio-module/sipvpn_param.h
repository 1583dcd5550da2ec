/*
 * sipvpn_param.h - a parameter in the Record-Route of a request.
 *
 * rr's own way takes an edit of the message, and memory, for each address that
 * it writes, and the server copies and goes through them all. Here a text of
 * rr's becomes longer: in the script once record_route() has been there, or
 * else in the copy of the edits that a branch has before it is forwarded.
 */
#ifndef SIPVPN_PARAM_H
#define SIPVPN_PARAM_H

#include <stdbool.h>

#include "core/parser/msg_parser.h"
#include "vpnsdp/slice.h"

/*
 * In request_route, or in tm's callback of a request that is forwarded. param:
 * with its ";". False when the request has no Record-Route yet, or parameters
 * that are too long; it is as before then.
 */
bool sipvpn_param_add(struct sip_msg *msg, struct slice param);

#endif
