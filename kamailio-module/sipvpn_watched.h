/*
 * sipvpn_watched.h - what a transaction remembers, in shared memory.
 *
 * It begins before the script (sipvpn_watch.h), when nothing has been judged
 * yet, and goes with the transaction.
 */
#ifndef SIPVPN_WATCHED_H
#define SIPVPN_WATCHED_H

#include "sipvpn_ack.h"
#include "sipvpn_pass.h"

struct sipvpn_watched {
	struct sipvpn_pair pair;
	struct sipvpn_admitted in; /* where the request's section was */
	bool judged;               /* false: there was no sipvpn_manage() */
	bool admitted;             /* the request's own section */
	bool other;                /* the request offers, and no VPN */
	bool keep;                 /* sipvpn_keep.h, on what is forwarded */
	bool has_pass;             /* to be given to what is forwarded */
	bool reported; /* once a transaction, however often a reply comes */
	bool settled;  /* whether the call has a VPN now: by its first 2xx */
	char pass[SIPVPN_PASS];      /* of the dialog that the request begins */
	struct sipvpn_invite invite; /* a request of another kind has one too */
	char *text; /* of the two ends, where the room behind this is small */
};

/* All zero. NULL: no memory, which is logged. */
struct sipvpn_watched *sipvpn_watched_new(void);

/* Once. Both are copied. False: no memory, which is logged. */
bool sipvpn_watched_remember(struct sipvpn_watched *w,
	const struct sipvpn_pair *pair, const struct sipvpn_admitted *in);

/*
 * Most transactions without a VPN need nothing of their own: this one is
 * common to all. Read only; every process has it at the same place.
 */
const struct sipvpn_watched *sipvpn_watched_other(bool begins);
bool sipvpn_watched_is_common(const struct sipvpn_watched *w);

/* w: a struct sipvpn_watched; one that is common stays. */
void sipvpn_watched_free(void *w);

#endif
