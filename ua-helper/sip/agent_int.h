/*
 * agent_int.h - what the parts of the agent share; for agent*.c only.
 *
 * agent.c       account, sending, REGISTER
 * agent_receive.c  from a datagram to the transaction or call it is for
 * agent_call.c  a call as we make or take it: the functions of agent.h
 * agent_dialog.c   our requests inside a dialog, and what comes of them
 * agent_timer.c    session timers
 * agent_uac.c   responses to the requests that make and end a call
 * agent_uas.c   requests from the peer
 */
#ifndef SIPVPN_AGENT_INT_H
#define SIPVPN_AGENT_INT_H

#include "sip/agent.h"
#include "sip/auth.h"
#include "sip/dialog.h"
#include "sip/msg.h"
#include "sip/stack.h"
#include "sip/transport.h"

struct agent {
	struct agent_conf conf; /* strings are ours */
	struct vpnsdp_addr address;
	char *host;    /* address as in a URI */
	char *aor;     /* sip:user@domain */
	char *contact; /* a whole Contact value, for REGISTER */
	struct transport *transport;
	struct stack *stack;
	GPtrArray *calls; /* struct agent_call, all there are */
	char *reg_call_id;
	char *reg_from; /* with tag */
	unsigned reg_cseq;
};

struct agent_call {
	struct agent *agent;
	bool caller;
	char *peer; /* sip:user@domain */
	char *call_id;
	char *local_tag;
	unsigned cseq;        /* of our last request */
	unsigned invite_cseq; /* of the INVITE that made the call */
	/* the INVITE that is open: ours, or the peer's */
	osip_transaction_t *invite;
	osip_transaction_t *reinvite; /* from the peer, not answered yet */
	/* callee: how the first INVITE is known again */
	char *branch;
	char *from_tag;
	unsigned remote_cseq; /* of the peer's last request; 0: none yet */
	osip_dialog_t *dialog;
	struct dialog_ok ok; /* callee: our 200 */
	char *ack;           /* for a 200 that comes again */
	size_t ack_len;
	unsigned ack_cseq;
	GPtrArray *ended_forks; /* To tags of 200s that we do not take */
	bool offering;          /* our re-INVITE is out, or waits its turn */
	bool updating;          /* so is our UPDATE */
	bool updates;           /* the peer takes UPDATE */
	guint retry;            /* source: when the other may go again */
	struct session_timer timer;
	struct session_expires said; /* what our next 2xx says */
	guint timer_source;
};

#define AGENT_LOG_NOTICE 5 /* syslog's numbers */
#define AGENT_LOG_DEBUG 7

void agent_say(struct agent *a, int level, const char *format, ...)
	G_GNUC_PRINTF(3, 4);
/* "203.0.113.5:5060"; g_free() it. */
char *agent_address_text(GSocketAddress *addr);
void agent_trace(struct agent *a, const char *direction, GSocketAddress *peer,
	struct slice text);
void agent_on_datagram(
	void *agent, struct slice datagram, GSocketAddress *from);
/* Send it and say so to the trace. */
bool agent_send_text(
	struct agent *a, const char *text, size_t len, GSocketAddress *to);
void agent_report(struct agent *a, const struct agent_event *ev);
/* Send request again with credentials. False and *why when that is no use. */
bool agent_authenticate(struct agent *a, osip_transaction_t *tr,
	osip_message_t *challenge, const char **why);

struct agent_call *agent_call_new(struct agent *a);
/* A request inside a dialog; NULL when it cannot be built. */
osip_message_t *agent_in_dialog(struct agent *a, osip_dialog_t *dialog,
	const char *method, unsigned cseq, const char *extra,
	struct slice body);
/* ACK a 2xx; returns what was sent, to be g_free()d, or NULL. */
char *agent_send_ack(
	struct agent *a, osip_dialog_t *dialog, unsigned cseq, size_t *len);
/* The call whose dialog a request of the peer's belongs to; NULL: none. */
struct agent_call *agent_find_dialog(struct agent *a, osip_message_t *request);

/* agent_dialog.c */
/* Header lines that an INVITE of ours carries; g_free() it. */
char *agent_invite_headers(struct agent_call *call);
/* A response to our re-INVITE or UPDATE. */
void agent_dialog_response(
	struct agent *a, osip_transaction_t *tr, osip_message_t *msg);
/* The peer does not know the call any more, or says nothing at all. */
void agent_lost(struct agent_call *call, const char *why);
/* Refresh the session by UPDATE, or have a re-INVITE sent. */
void agent_refresh(struct agent_call *call);
/* What a request or a 2xx of the peer's says about the peer. */
void agent_learn(struct agent_call *call, osip_message_t *msg);

/* agent_timer.c */
/* Our request is answered; what the 2xx says about the session's life. */
void agent_timer_answered(struct agent_call *call, osip_message_t *msg);
/* Judge a request; false: it has been refused (422). */
bool agent_timer_asked(struct agent_call *call, osip_message_t *msg);
/* Put what was judged into our 2xx, and live by it. */
void agent_timer_agree(struct agent_call *call, osip_message_t *response);
void agent_timer_stop(struct agent_call *call);

/* agent_uac.c: a response within a call (INVITE, CANCEL, BYE) */
void agent_uac_response(
	struct agent *a, osip_transaction_t *tr, osip_message_t *msg);
void agent_uac_timeout(
	struct agent *a, osip_transaction_t *tr, const char *why);
/* A 2xx to an INVITE that belongs to no transaction any more. */
void agent_uac_repeated_ok(struct agent *a, osip_message_t *msg);

/* agent_uas.c: a new request, in its transaction */
void agent_uas_request(
	struct agent *a, osip_transaction_t *tr, osip_message_t *msg);
void agent_uas_ack(struct agent *a, osip_message_t *msg);
/* An INVITE we have answered already. True when it has been dealt with. */
bool agent_uas_repeated(struct agent *a, osip_message_t *msg);
/* The same request came by another way before (section 8.2.2.2). */
bool agent_uas_merged(struct agent *a, osip_message_t *msg);

#endif
