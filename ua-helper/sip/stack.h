/*
 * stack.h - libosip2's transaction layer in GLib's main loop.
 *
 * Facts about libosip2 5.3 that shape this file: an INVITE server transaction
 * ends at its first 2xx and does not repeat it (see dialog.c); a transaction
 * must not be freed inside its kill callback; the parser accepts messages
 * without mandatory headers (see msg.c); after a field was edited in place
 * osip_message_force_update() is needed.
 */
#ifndef SIPVPN_STACK_H
#define SIPVPN_STACK_H

/* osip's headers use these types without including them */
#include <sys/time.h>
#include <time.h>

#include <osip2/osip.h>
#include <osip2/osip_dialog.h>

#include <gio/gio.h>
#include <stdbool.h>

struct stack;

/* What a transaction belongs to; freed with it. */
struct txn {
	enum txn_kind {
		TXN_SERVER, /* we answer */
		TXN_REGISTER,
		TXN_INVITE,
		TXN_CANCEL,
		TXN_BYE,
		TXN_REINVITE,
		TXN_UPDATE,
	} kind;
	struct agent_call *call;  /* NULL: none, or forgotten */
	GSocketAddress *reply_to; /* TXN_SERVER: where the request came from */
	GSocketAddress *to;       /* else: where the request goes */
	unsigned auth_tries;
	unsigned servers; /* TXN_INVITE: that have not taken it before */
};

struct stack_ops {
	/*
	 * A request of ours is about to begin: puts the way it goes into its
	 * Via (before libosip2 takes the timers from there) and returns whom
	 * it goes to, borrowed; NULL: there is nobody.
	 */
	GSocketAddress *(*prepare)(void *arg, osip_message_t *msg,
		enum txn_kind kind, struct agent_call *call);
	/* A request that starts a transaction; answer with stack_respond(). */
	void (*request)(void *arg, osip_transaction_t *tr, osip_message_t *msg);
	/* A response to one of our requests. */
	void (*response)(
		void *arg, osip_transaction_t *tr, osip_message_t *msg);
	/* No response came, or the request could not be sent. */
	void (*timeout)(void *arg, osip_transaction_t *tr, const char *why);
	/* The text goes out; returns false when that failed. */
	bool (*send)(void *arg, osip_transaction_t *tr, osip_message_t *msg);
};

/* NULL: out of memory inside libosip2. */
struct stack *stack_new(const struct stack_ops *ops, void *arg);
void stack_free(struct stack *s);

/*
 * Start a client transaction; takes msg. NULL when it could not be sent or
 * libosip2 refuses it, then msg is freed.
 */
osip_transaction_t *stack_request(struct stack *s, osip_message_t *msg,
	enum txn_kind kind, struct agent_call *call);
/* Answer a server transaction; takes msg. */
void stack_respond(
	struct stack *s, osip_transaction_t *tr, osip_message_t *msg);

/*
 * A message that came in, to the transaction it belongs to; takes the event.
 * False when there is none: then the event is still the caller's.
 */
bool stack_deliver(struct stack *s, osip_event_t *ev);
/* Does an INVITE of ours wait for this response? */
bool stack_awaits(struct stack *s, osip_message_t *response);
/*
 * Is a server transaction of the same request open that came by another way
 * (RFC 3261 section 8.2.2.2)?
 */
bool stack_merged(struct stack *s, osip_message_t *request);
/* A new request (not ACK): opens a server transaction; takes the event on true.
 */
bool stack_accept(struct stack *s, osip_event_t *ev, GSocketAddress *from);

/* No client transaction that waits for its first answer from peer goes on. */
void stack_abort_waiting(
	struct stack *s, GSocketAddress *peer, const char *why);
/* Transactions of the call stay, but no longer know it. */
void stack_forget_call(struct stack *s, struct agent_call *call);

struct txn *stack_txn(osip_transaction_t *tr);

#endif
