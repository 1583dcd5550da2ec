/*
 * sipvpn_name.h - which names of groups and members can stand in a message.
 */
#ifndef SIPVPN_NAME_H
#define SIPVPN_NAME_H

#include <stdbool.h>

#include "vpnsdp/slice.h"

/* What VPN_ID can hold, so that the group can be named in an offer. */
bool sipvpn_name_is_group(struct slice s);
/* What may stand before the '@' of a SIP URI; of any length. */
bool sipvpn_name_is_user(struct slice s);
/* A host's name or address, IPv6 in brackets; no port, of any length. */
bool sipvpn_name_is_host(struct slice s);

#endif
