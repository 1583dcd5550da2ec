/*
 * agent_int.h - what the parts of the agent share; for agent*.c only.
 *
 * agent.c       account, sending, what comes back
 * agent_reg.c   REGISTER and its answers
 * agent_server.c  which server, and how it sees us
 * agent_again.c  a call's INVITE, to the next server
 * agent_receive.c  from a datagram to the transaction or call it is for
 * agent_call.c  a call as we make or take it: the functions of agent.h
 * agent_dialog.c   our requests inside a dialog, and what comes of them
 * agent_timer.c    session timers
 * agent_uac.c   responses to the requests that make and end a call
 * agent_uas.c   requests from the peer
 */
#ifndef SIPVPN_AGENT_INT_H
#define SIPVPN_AGENT_INT_H

#include "core/keepalive.h"
#include "core/nap.h"
#include "core/sip_route.h"
#include "sip/agent.h"
#include "sip/auth.h"
#include "sip/dialog.h"
#include "sip/msg.h"
#include "sip/resolve.h"
#include "sip/stack.h"
#include "sip/transport.h"
#include "sip/way.h"

struct agent {
	struct agent_conf conf; /* strings are ours */
	char *aor;              /* sip:user@domain */
	char *instance;         /* urn:uuid:... */
	struct transport *transport;
	struct stack *stack;
	GPtrArray *calls; /* struct agent_call, all there are */

	/* agent_server.c: the way in use, and what others take from it */
	struct way *way;            /* NULL: no server has answered yet */
	GSocketAddress *server;     /* way's, borrowed; or NULL */
	struct vpnsdp_addr address; /* way's */
	char *host;                 /* way's, as in a URI */
	char *contact;              /* a whole Contact value, for calls */
	char *server_text, *public_text;
	GPtrArray *peers; /* GSocketAddress, what route's numbers mean */
	struct route route;
	struct resolve *resolve; /* NULL: none is under way */
	bool stale;              /* peers are to be looked up again */
	uint64_t resolved_ms;    /* when that was done the last time */
	enum agent_asking {
		ASKING_NOBODY,
		ASKING_OPEN,
		ASKING_REGISTER
	} asking;
	struct way *probe; /* ASKING_REGISTER: through this, not way */
	guint patience;
	struct keepalive keepalive;
	guint ping;
	struct nap_clocks bound_at; /* when the binding was made */
	uint64_t moved_ms;          /* of the last agent_moved(), 0: none */

	/* agent_reg.c */
	char *reg_call_id;
	char *reg_from; /* with tag */
	unsigned reg_cseq;
	uint32_t reg_expires;
	guint begin;      /* source that sends the REGISTER asked for */
	bool reg_bound;   /* the last REGISTER was accepted */
	bool no_outbound; /* the server's first hop lacks it (439) */
	char *gruu;       /* NULL: the server gave none */
	GPtrArray *held;  /* agent_again.c: struct held */
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
	bool secure;            /* sips: was asked for (section 26.2.2) */
	bool untimed;           /* see agent_call_untimed() */
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

/* agent_server.c: find a server and ask it, from the best one on. */
void agent_server_begin(struct agent *a);
/* The one being asked is no good: ev is reported if it was the last. */
void agent_server_failed(struct agent *a, const struct agent_event *ev);
/* The one in use is no good: the next round begins with another one. */
void agent_server_shun(struct agent *a, uint32_t retry_after);
/* The one being asked has answered: it is the one in use now. */
void agent_server_answered(struct agent *a, osip_message_t *msg);
/* It has accepted the registration; outbound, flow_timer: see keepalive.h. */
void agent_server_bound(struct agent *a, bool outbound, uint32_t flow_timer);
/* Contact of the way that is asked or used; g_free() it. */
char *agent_server_contact(struct agent *a, bool for_register);
/* The way in use, into the Via of a request that has no transaction. */
void agent_stamp(struct agent *a, osip_message_t *msg);
GSocketAddress *agent_prepare(void *agent, osip_message_t *msg,
	enum txn_kind kind, struct agent_call *call);
/* Is that the address of one of our servers? */
bool agent_from_server(struct agent *a, GSocketAddress *from);
void agent_on_opened(void *agent, GSocketAddress *peer);
void agent_on_network_error(void *agent, GSocketAddress *peer, const char *why);
void agent_on_line_ends(struct agent *a, GSocketAddress *from);
void agent_server_clear(struct agent *a);

/* agent_reg.c */
void agent_send_register(struct agent *a);
void agent_reg_response(
	struct agent *a, osip_transaction_t *tr, osip_message_t *msg);
void agent_reg_timeout(
	struct agent *a, osip_transaction_t *tr, const char *why);

/*
 * agent_again.c: the server said 503 to an INVITE that begins a call, or
 * nothing. True: it will be sent to another one, and nobody else has to care.
 */
bool agent_again(struct agent *a, osip_transaction_t *tr, uint32_t retry_after);
GPtrArray *agent_again_new(void);
/* A server is in use again, or (false) there is none. */
void agent_again_now(struct agent *a, bool server);
void agent_again_forget(struct agent *a, struct agent_call *call);

struct agent_call *agent_call_new(struct agent *a);
/* Our Contact in this call's messages; g_free() it. */
char *agent_call_contact(const struct agent_call *call);
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
