/*
 * device_name.h - what a tun device is called.
 *
 * PURE. A name goes into OpenVPN's configuration and, as a directory, into
 * /proc/sys/net: letters, digits, '.', '_' and '-' only.
 */
#ifndef SIPVPN_DEVICE_NAME_H
#define SIPVPN_DEVICE_NAME_H

#include "vpnsdp.h"

#define DEVICE_NAME_SIZE 16 /* IFNAMSIZ of Linux, the NUL included */

/* May a device be called so? */
bool device_name_ok(struct slice name);

/*
 * "vpn-2500" for sip:2500@example.org: the user's name, less the characters a
 * device cannot have, and its beginning if it is too long. "vpn" if nothing
 * is left.
 */
void device_name_of_peer(struct slice uri, char out[static DEVICE_NAME_SIZE]);

/*
 * The pattern by which the kernel numbers devices, for a name that is taken:
 * "vpn-2500-%d". A long name is shortened, so that a number of two digits has
 * room. out may be name.
 */
void device_name_numbered(const char *name, char out[static DEVICE_NAME_SIZE]);

#endif
