/*
 * sipvpn_watch.h - the replies to a request: a VPN section in one of them is
 * judged as the request's own would be (sipvpn_reply.h).
 */
#ifndef SIPVPN_WATCH_H
#define SIPVPN_WATCH_H

#include "sipvpn_identity.h"

/*
 * In mod_init, behind sipvpn_keep_init(). always: protected media are kept in
 * every transaction. 0 or -1.
 */
int sipvpn_watch_init(bool always);

/* Is the module tm there? Without it nothing can be watched; logged then. */
bool sipvpn_watch_can(void);

/*
 * Watch the replies of the transaction that msg has or will get. admitted:
 * msg's own VPN section may pass, as its record says; its answer is judged as
 * such. begins: msg begins a call, which is ended when it was for a VPN alone,
 * and whose dialog gets a pass (sipvpn_pass.h). Pair is copied. False: the
 * request must not go on, since nobody would look at the replies.
 */
bool sipvpn_watch(struct sip_msg *msg, const struct sipvpn_pair *pair,
	bool begins, bool admitted);

/*
 * The same for a request that offers other media and no VPN: its answer has no
 * VPN section either, or one that is closed, whosever it is. pair: who the
 * dialog that begins is between, when it is to get a pass; else NULL.
 */
bool sipvpn_watch_other(
	struct sip_msg *msg, const struct sipvpn_pair *pair, bool begins);

#endif
