/*
 * openvpn_advice.h - what a person can do about a tunnel that did not start.
 *
 * PURE.
 */
#ifndef SIPVPN_OPENVPN_ADVICE_H
#define SIPVPN_OPENVPN_ADVICE_H

#include "core/tunnel_plan.h"

/*
 * One sentence, or NULL where there is nothing to advise. text: OpenVPN's own
 * words about the end, ending in "(errno=13)" where it was the kernel's.
 */
const char *openvpn_advice(enum tunnel_end end, struct slice text);

#endif
