/*
 * reg.h - keeping one registration (RFC 3261 section 10): when to send what.
 *
 * PURE. Digest is answered below; only its failure is seen here.
 */
#ifndef SIPVPN_REG_H
#define SIPVPN_REG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REG_MAX_ACTIONS 3

/* What we ask for: a dead endpoint is forgotten in five minutes. */
#define REG_EXPIRES_S 300
/* RFC 5626 section 4.5: base 30 s, doubled a failure, at most half an hour;
 * the wait is 50 to 100 % of it, so never under 10 s with a base of 20. */
#define REG_BACKOFF_BASE_S 20
#define REG_BACKOFF_MAX_S 1800
/* How long we wait for the server to confirm that we are gone. */
#define REG_LEAVE_MS 2000

enum reg_state {
	REG_IDLE,
	REG_TRYING,
	REG_REGISTERED, /* also while a refresh is out */
	REG_WAITING,    /* failed, will try again */
	REG_LEAVING,
	REG_GONE,
};

enum reg_event_type {
	REG_EV_START,
	REG_EV_OK,          /* expires: what the server granted, s */
	REG_EV_TOO_BRIEF,   /* 423; expires: its Min-Expires, s */
	REG_EV_REFUSED,     /* another final answer; status */
	REG_EV_AUTH_FAILED, /* our credentials were sent and not taken */
	REG_EV_NO_ANSWER,   /* timeout, or the datagram could not be sent */
	REG_EV_LOST,  /* the connection that the binding hangs on has broken */
	REG_EV_AGAIN, /* another server or address: register at once */
	REG_EV_DEADLINE,
	REG_EV_LEAVE,
};

struct reg_event {
	enum reg_event_type type;
	uint16_t status;
	uint32_t expires;
	uint32_t retry_after; /* s, of a refusal; 0: none */
	uint16_t random;      /* any number, for jitter */
};

enum reg_action_type {
	REG_SEND,          /* a REGISTER with expires (s; 0: remove) */
	REG_SET_DEADLINE,  /* ms from now; 0 clears */
	REG_REPORT_OK,     /* first time, or back again; expires (s) */
	REG_REPORT_RETRY,  /* lost or not got; ms until the next try */
	REG_REPORT_FAILED, /* will not be tried again; status, 0: no answer */
	REG_REPORT_GONE,   /* last action; status 200: the server confirmed */
};

struct reg_action {
	enum reg_action_type type;
	uint16_t status;
	uint32_t expires;
	uint32_t ms;
};

struct reg {
	enum reg_state state;
	bool once;   /* a single command: the first failure is final */
	bool bound;  /* the server holds a binding of ours, for all we know */
	bool unsure; /* a REGISTER got no answer, but may have arrived */
	uint32_t expires;
	unsigned failures; /* in a row */
};

void reg_init(struct reg *r, bool once);

/* One fact; returns the number of actions in out, in order. */
size_t reg_step(struct reg *r, const struct reg_event *ev,
	struct reg_action out[static REG_MAX_ACTIONS]);

#endif
