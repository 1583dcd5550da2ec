/*
 * sipvpn_rpc.h - the remote procedures sipvpn.*.
 */
#ifndef SIPVPN_RPC_H
#define SIPVPN_RPC_H

#include "core/str.h"

/* In mod_init. domain: of users given without one; must stay. 0 or -1. */
int sipvpn_rpc_init(const str *domain);

#endif
