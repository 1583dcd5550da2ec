/*
 * keepalive.h - keeping the way to the server open (RFC 5626 section 4.4):
 * when to ping, and when no answer means that the connection is dead.
 *
 * PURE.
 */
#ifndef SIPVPN_KEEPALIVE_H
#define SIPVPN_KEEPALIVE_H

#include <stdbool.h>
#include <stdint.h>

/* Sections 4.4.1 and 4.4.2: 80 to 100 % of these. */
#define KEEPALIVE_STREAM_MS 120000
#define KEEPALIVE_DATAGRAM_MS 29000
#define KEEPALIVE_PONG_MS 10000
/* A Flow-Timer under this would be a ping a second: not taken at its word. */
#define KEEPALIVE_MIN_MS 10000

struct keepalive {
	bool stream;
	bool pong;    /* the server knows RFC 5626: it answers pings */
	bool waiting; /* for that answer */
	uint32_t flow_timer_s;
};

enum keepalive_action {
	KEEPALIVE_PING, /* send one, come again after *wait_ms */
	KEEPALIVE_DEAD, /* no answer came: the connection is of no use */
};

/* A new connection (or none: a datagram socket). */
void keepalive_init(struct keepalive *k, bool stream);
/*
 * What the 200 to REGISTER says: the server supports outbound, and its
 * Flow-Timer (s; 0: none).
 */
void keepalive_learn(struct keepalive *k, bool outbound, uint32_t flow_timer_s);
/* ms until the next ping; random: any number, for jitter. */
uint32_t keepalive_wait(const struct keepalive *k, uint16_t random);
/* The time has come. */
enum keepalive_action keepalive_due(
	struct keepalive *k, uint16_t random, uint32_t *wait_ms);
/* An answer came. True when one was awaited: then wait keepalive_wait(). */
bool keepalive_pong(struct keepalive *k);

#endif
