/*
 * sipvpn_list.h - sipvpn.groups and sipvpn.members: what is in force, a page
 * at a time.
 */
#ifndef SIPVPN_LIST_H
#define SIPVPN_LIST_H

#include "core/rpc.h"

#include "sipvpn_snapshot.h"

extern const char *sipvpn_list_groups_doc[];
extern const char *sipvpn_list_members_doc[];
void sipvpn_list_rpc_groups(rpc_t *rpc, void *ctx);
void sipvpn_list_rpc_members(rpc_t *rpc, void *ctx);

/* An address, or somebody's, into a structure of a reply; none is left out. */
void sipvpn_list_addr(
	rpc_t *rpc, void *into, char *name, const struct vpnsdp_addr *addr);
void sipvpn_list_aor(
	rpc_t *rpc, void *into, char *name, const struct sipvpn_aor *who);

/* One member into a structure of a reply. */
void sipvpn_list_member(rpc_t *rpc, void *into, const struct sipvpn_aor *who,
	const struct sipvpn_end *end);

#endif
