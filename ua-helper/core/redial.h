/*
 * redial.h - when to call again somebody with whom a call is to be kept up.
 *
 * PURE.
 */
#ifndef SIPVPN_REDIAL_H
#define SIPVPN_REDIAL_H

#include <stdint.h>

/* The first wait, doubled a failure, at most five minutes; each is cut to 50
 * to 100 % by chance, so that a thousand endpoints do not call as one. */
#define REDIAL_BASE_MS 5000
#define REDIAL_MAX_MS 300000
/* A tunnel that stood so long was a success: start from the base again. */
#define REDIAL_STOOD_MS 60000

struct redial {
	unsigned failures; /* in a row */
};

/* A call is over whose tunnel stood for up_ms (0: never): the ms to wait.
 * random: any number. */
uint32_t redial_after(struct redial *r, uint32_t up_ms, uint16_t random);

#endif
