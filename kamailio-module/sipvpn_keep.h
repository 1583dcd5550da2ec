/*
 * sipvpn_keep.h - protected media sections leave the server as they came,
 * whatever a media relay or NAT helper made of the body.
 *
 * The last edit of a body: nothing may change it after this.
 */
#ifndef SIPVPN_KEEP_H
#define SIPVPN_KEEP_H

#include <stdbool.h>

#include "core/parser/msg_parser.h"

/* What the script function returns; add, do not renumber. */
enum sipvpn_keep {
	SIPVPN_KEPT = 1,           /* also when there was nothing to do */
	SIPVPN_KEEP_CHANGED = -1,  /* sections were added, taken away, hidden */
	SIPVPN_KEEP_NOT_HERE = -2, /* failure_route: nothing can be edited */
	SIPVPN_KEEP_INTERNAL = -3,
};

/*
 * In mod_init. protect: the parameter, see sipvpn_media_parse(); must stay.
 * watch: every transaction of the tm module, if that is loaded. 0 or -1.
 */
int sipvpn_keep_init(const str *protect, int watch);

/*
 * Who has the transaction of msg watched anyway does it for both. True: there
 * may be something to keep, so sipvpn_keep_restore() has to be called on the
 * request and on each reply, before they are forwarded. has_vpn: msg has a VPN
 * section.
 */
bool sipvpn_keep_leave(struct sip_msg *msg, bool has_vpn);

/*
 * Put back now, in msg as it stands. Counts, and logs what went wrong; then
 * the body leaves as others have edited it.
 */
enum sipvpn_keep sipvpn_keep_restore(struct sip_msg *msg);

#endif
