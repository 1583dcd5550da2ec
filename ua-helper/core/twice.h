/*
 * twice.h - a second call with a peer that there is a call with already:
 * never two tunnels to one peer in one group.
 *
 * PURE.
 */
#ifndef SIPVPN_TWICE_H
#define SIPVPN_TWICE_H

#include <stdbool.h>
#include <stdint.h>

/* RFC 3261 section 17: an INVITE is repeated for 64*T1; so long after ours
 * was answered, theirs may still be one that crossed it. */
#define TWICE_CROSSING_MS 32000

enum twice {
	TWICE_TAKE,    /* nothing stands against it */
	TWICE_REPLACE, /* end the old one, take the new one */
	TWICE_REFUSE,  /* keep the old one */
};

/* The call that there is. */
struct twice_call {
	bool outgoing;
	bool sent;            /* outgoing: the INVITE has left */
	bool ending;          /* or over */
	bool answered;        /* the dialog stands */
	uint32_t answered_ms; /* for so long */
};

/*
 * The peer calls. order: our address-of-record compared with the peer's, as
 * aor_compare() does. Of two calls that cross each other the one of the lower
 * address-of-record wins, so both ends decide alike; in all other cases the
 * peer would not call if the old call still stood for it.
 */
enum twice twice_incoming(const struct twice_call *old, int order);

/* Our user calls. */
enum twice twice_outgoing(const struct twice_call *old);

#endif
