/*
 * agent.h - a SIP user agent for one account: registers, calls, is called.
 *
 * This is all that the rest of the program sees of SIP; libosip2 stays
 * behind it. Every request goes to the configured server, as to an outbound
 * proxy, and calls are taken from there only. Digest is answered here.
 */
#ifndef SIPVPN_AGENT_H
#define SIPVPN_AGENT_H

#include <gio/gio.h>
#include <stdint.h>

#include "vpnsdp.h"

struct agent;
struct agent_call; /* one INVITE dialog, in either direction */

enum agent_event_type {
	/* about the REGISTER that is out */
	AGENT_REG_OK,          /* expires */
	AGENT_REG_TOO_BRIEF,   /* expires: Min-Expires of a 423 */
	AGENT_REG_REFUSED,     /* status, phrase */
	AGENT_REG_AUTH_FAILED, /* status, phrase */
	AGENT_REG_NO_ANSWER,   /* phrase */
	/* about a call */
	AGENT_INVITED,     /* a new call; peer, body. Answer or refuse it */
	AGENT_REINVITED,   /* body; also an UPDATE with an offer */
	AGENT_PROVISIONAL, /* status */
	AGENT_ACCEPTED,    /* status, body */
	AGENT_REFUSED,     /* status, phrase, warning */
	AGENT_AUTH_FAILED, /* status, phrase */
	AGENT_NO_RESPONSE, /* phrase */
	AGENT_ACKED,       /* body */
	AGENT_NO_ACK,
	AGENT_CANCELLED,
	AGENT_BYE, /* phrase: text of the Reason header */
	AGENT_BYE_DONE,
	/* about our re-INVITE; LOST also comes without one */
	AGENT_REACCEPTED, /* body; acknowledged already */
	AGENT_REREFUSED,  /* status, phrase */
	AGENT_RETRY,      /* it met a request of the peer's; now is the time */
	AGENT_LOST,       /* phrase: 481, 408, silence, session expired */
	AGENT_REFRESH,    /* send the last offer once more */
};

struct agent_event {
	enum agent_event_type type;
	struct agent_call *call;
	uint16_t status;
	uint16_t warning;
	uint32_t expires;
	struct slice phrase;
	struct slice body; /* the SDP, empty without */
	struct slice peer; /* AGENT_INVITED: the caller's URI */
};

/* Slices in the event are valid during the call only. */
typedef void agent_event_fn(void *arg, const struct agent_event *ev);
/* A message as it went over the wire, credentials left out. */
typedef void agent_trace_fn(
	void *arg, const char *direction, const char *peer, struct slice text);
/* One line about something odd; level as in log.h. */
typedef void agent_log_fn(void *arg, int level, const char *line);

struct agent_conf {
	GSocketAddress *server; /* where requests go */
	const char *domain;     /* of the addresses-of-record */
	const char *user;
	const char *password; /* may be NULL */
	uint16_t port;        /* own UDP port */
	bool port_fixed;      /* else the next free one will do */
	agent_event_fn *event;
	agent_trace_fn *trace; /* may be NULL */
	agent_log_fn *log;
	void *arg;
};

/* conf's strings are copied. NULL and *error when the port is not to be had. */
struct agent *agent_new(const struct agent_conf *conf, GError **error);
void agent_free(struct agent *agent);

/* The server's address. */
struct vpnsdp_addr agent_server(const struct agent *agent);
/* Our own address on the way to the server. */
struct vpnsdp_addr agent_address(const struct agent *agent);
/* "sip:2500@example.org" */
const char *agent_aor(const struct agent *agent);

/* Register for expires seconds; 0 removes the binding. */
void agent_register(struct agent *agent, uint32_t expires);

/*
 * Call user (or user@domain); body is the offer. Also used again with the
 * same call after a refusal, for another try. NULL when user is no SIP user.
 */
struct agent_call *agent_call(struct agent *agent, const char *user);
void agent_invite(struct agent_call *call, struct slice body);
void agent_ack(struct agent_call *call);
void agent_cancel(struct agent_call *call);
void agent_ring(struct agent_call *call);
/* 200 with body to the INVITE, or to the re-INVITE if one is open. */
void agent_answer(struct agent_call *call, struct slice body);
/* Final refusal of the INVITE, or of the re-INVITE if one is open. */
void agent_refuse(struct agent_call *call, uint16_t status, uint16_t warning,
	const char *text);
/*
 * Offer something else inside the dialog. One of REACCEPTED, REREFUSED, RETRY
 * and LOST follows, never from inside this call.
 */
void agent_reinvite(struct agent_call *call, struct slice body);
/* status and text go into a Reason header (RFC 3326) */
void agent_bye(struct agent_call *call, uint16_t status, const char *text);
/* Forget the call; what is still on the wire is finished in the background. */
void agent_call_free(struct agent_call *call);
/* Callee of agent_call(), or the caller: an address-of-record. */
const char *agent_call_peer(const struct agent_call *call);

#endif
