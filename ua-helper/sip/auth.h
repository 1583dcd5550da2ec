/*
 * auth.h - digest authentication of our requests (RFC 7616, RFC 8760).
 */
#ifndef SIPVPN_AUTH_H
#define SIPVPN_AUTH_H

#include "sip/msg.h"

enum auth_verdict {
	AUTH_READY,       /* the request carries credentials now */
	AUTH_REJECTED,    /* they were sent before and not taken */
	AUTH_NO_PASSWORD, /* we have none */
	AUTH_UNSUPPORTED, /* no challenge that we can answer */
};

struct auth_account {
	const char *user;
	const char *password; /* may be NULL */
};

/*
 * Put the answer to a 401 or 407 into request (a copy of the one that was
 * sent, credentials included). Of several challenges for us the topmost that
 * we can compute is taken (RFC 8760 section 2.4): MD5 or SHA-256, qop=auth
 * or none.
 */
enum auth_verdict auth_answer(const struct auth_account *account,
	osip_message_t *request, osip_message_t *challenge);

/* Words for a verdict that is not AUTH_READY. */
const char *auth_text(enum auth_verdict verdict);

#endif
