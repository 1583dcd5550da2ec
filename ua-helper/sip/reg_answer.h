/*
 * reg_answer.h - what a registrar says in its answer to REGISTER.
 */
#ifndef SIPVPN_REG_ANSWER_H
#define SIPVPN_REG_ANSWER_H

#include "sip/msg.h"

struct reg_answer {
	uint32_t expires;    /* granted to our contact, s; 0: not said */
	struct slice gruu;   /* pub-gruu of it (RFC 5627), or empty */
	bool outbound;       /* it supports RFC 5626 */
	uint32_t flow_timer; /* s, 0: none (RFC 5626 section 4.4) */
};

/*
 * Read a 2xx. Our contact among those listed is the one with this host and
 * port, else the one with our instance. Slices live as long as msg.
 */
void reg_answer_read(osip_message_t *msg, const char *host, uint16_t port,
	const char *instance, struct reg_answer *out);
/* Retry-After in seconds, 0 without (RFC 3261 section 20.33). */
uint32_t reg_answer_retry_after(osip_message_t *msg);
/*
 * Where the server saw our request come from (received and rport of the top
 * Via, RFC 3581), borrowed from msg; *host is NULL where it does not say.
 */
void reg_answer_seen(osip_message_t *msg, const char **host, uint16_t *port);

#endif
