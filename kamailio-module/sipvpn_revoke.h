/*
 * sipvpn_revoke.h - sipvpn.calls and sipvpn.revoke: who is in a VPN call, and
 * how to end it.
 */
#ifndef SIPVPN_REVOKE_H
#define SIPVPN_REVOKE_H

#include "core/rpc.h"

#include "vpnsdp/slice.h"

/* In mod_init. domain: of members who are named without one. */
void sipvpn_revoke_init(struct slice domain);

extern const char *sipvpn_revoke_calls_doc[];
extern const char *sipvpn_revoke_doc[];
void sipvpn_revoke_rpc_calls(rpc_t *rpc, void *ctx);
void sipvpn_revoke_rpc(rpc_t *rpc, void *ctx);

#endif
