/*
 * sipvpn_strip.h - close the VPN sections of a message that goes on.
 *
 * It must be the last to edit the body: what others edited before is in the
 * result, what they edit afterwards would meet a body that is not there.
 */
#ifndef SIPVPN_STRIP_H
#define SIPVPN_STRIP_H

#include <stdbool.h>

#include "core/parser/msg_parser.h"

#include "vpnsdp/slice.h"

enum sipvpn_strip {
	SIPVPN_STRIP_DONE = 1,
	SIPVPN_STRIP_NOTHING = -1, /* no VPN section, or all closed already */
	SIPVPN_STRIP_FAILED = -10, /* the message must not leave the server */
};

/*
 * vpnsdp_strip() on all that stands behind the headers, with the edits that
 * others made so far. Content-Length becomes right when the message is sent.
 */
enum sipvpn_strip sipvpn_strip(struct sip_msg *msg);

/*
 * Has sdp one VPN section, closed, with nothing left to build a tunnel from?
 * What was closed or declined stays so in every later offer and answer, since
 * no media line is ever taken out (RFC 3264 section 8).
 */
bool sipvpn_strip_left(struct slice sdp);

#endif
