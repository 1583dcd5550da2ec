/*
 * sip_check.h - is the head of a SIP message well-formed, as far as we rely on
 * it (RFC 3261 section 25)? And the refusal of one that is not.
 *
 * PURE. libosip2 takes much that RFC 4475 wants refused, so this looks at the
 * text before it does.
 */
#ifndef SIPVPN_SIP_CHECK_H
#define SIPVPN_SIP_CHECK_H

#include "sbuf.h"
#include "slice.h"

struct sip_verdict {
	bool request;
	struct slice method; /* of a request, as written; may be empty */
	uint16_t status;     /* 0: well-formed; else 400, 416 or 505 */
	const char *why;     /* a constant; "" when well-formed */
};

/* head: start line and headers, as of sip_frame. */
struct sip_verdict sip_check(struct slice head);

/* INVITE and the others that have an RFC, whether served here or not. */
bool sip_check_known_method(struct slice method);

/* What sip_refuse() puts into its answer; slices are borrowed. */
struct sip_refusal {
	uint16_t status;
	struct slice phrase;
	struct slice tag;   /* for a To without one */
	struct slice host;  /* where it came from: goes into the topmost Via, */
	uint16_t port;      /* as received= and rport= (RFC 3581) */
	struct slice extra; /* complete lines */
};

/*
 * Write the answer to a request from its text alone: what is there of Via,
 * From, To, Call-ID and CSeq goes back as it came. False when it has no Via
 * to answer by, or when it does not fit.
 */
bool sip_refuse(
	struct slice head, const struct sip_refusal *how, struct sbuf *out);

#endif
