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
 * 0 or -1.
 */
int sipvpn_keep_init(const str *protect);

/*
 * Before the script: can there be protected media in the transaction of this
 * request? An answer has the media of its offer (RFC 3264 section 6). True:
 * sipvpn_keep_restore() has to be called on the request and on each reply,
 * before they are forwarded. *late: an INVITE that asks for an offer.
 */
bool sipvpn_keep_concerns(struct sip_msg *msg, bool *late);

/*
 * Put back now, in msg as it stands. Counts, and logs what went wrong; then
 * the body leaves as others have edited it.
 */
enum sipvpn_keep sipvpn_keep_restore(struct sip_msg *msg);

#endif
