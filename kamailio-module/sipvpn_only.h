/*
 * sipvpn_only.h - is a call for nothing but a VPN?
 *
 * PURE: slice in, verdict out.
 */
#ifndef SIPVPN_ONLY_H
#define SIPVPN_ONLY_H

#include "vpnsdp/vpnsdp.h"

/*
 * A media relay has nothing to do for this SDP: it has a VPN section, and
 * every other one has port 0 (RFC 3264 section 6). A VPN section that is
 * refused counts too: its offer was not relayed, so its answer is not. Reads
 * lines as vpnsdp_mentions() does and judges nothing else.
 */
bool sipvpn_only(struct slice sdp);

#endif
