/*
 * agent.h - a SIP user agent for one account: registers, calls, is called.
 *
 * This is all that the rest of the program sees of SIP; libosip2 stays
 * behind it. Every request goes to the server in use, one of those configured,
 * as to an outbound proxy, and calls are taken from these only. Digest is
 * answered here, and a server that fails is replaced by the next one.
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
	AGENT_REG_REFUSED,     /* status, phrase, retry_after */
	AGENT_REG_AUTH_FAILED, /* status, phrase */
	AGENT_REG_NO_ANSWER,   /* phrase; all servers have been tried */
	/* about the way to the server */
	AGENT_REG_LOST,  /* phrase; the connection broke: register, not at once
			  */
	AGENT_REG_AGAIN, /* phrase; another server or network: register now */
	AGENT_SERVER,    /* the server in use has changed; phrase: its text */
	AGENT_MOVED,     /* agent_address() has changed; calls must be told */
	/* about a call */
	AGENT_INVITED,     /* a new call; peer, body. Answer or refuse it */
	AGENT_REINVITED,   /* body; also an UPDATE with an offer */
	AGENT_PROVISIONAL, /* status */
	AGENT_ACCEPTED,    /* status, body */
	AGENT_REFUSED,     /* status, phrase, warning, detail */
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
	uint32_t retry_after; /* s, 0: not said */
	struct slice phrase;
	struct slice detail; /* the text of the Warning */
	struct slice body;   /* the SDP, empty without */
	struct slice peer;   /* AGENT_INVITED: the caller's URI */
};

/* Slices in the event are valid during the call only. */
typedef void agent_event_fn(void *arg, const struct agent_event *ev);
/* A message as it went over the wire, credentials left out. */
typedef void agent_trace_fn(
	void *arg, const char *direction, const char *peer, struct slice text);
/* One line about something odd; level as in log.h. */
typedef void agent_log_fn(void *arg, int level, const char *line);

enum agent_transport { AGENT_UDP, AGENT_TCP, AGENT_TLS };

struct agent_proxy {
	enum agent_transport transport;
	const char *host; /* a name or an address, without brackets */
	uint16_t port;    /* 0: by SRV (RFC 3263), else the default port */
};

struct agent_conf {
	const struct agent_proxy *proxies; /* in order of preference */
	size_t n_proxies;
	const char *domain; /* of the addresses-of-record */
	const char *user;
	const char *password; /* may be NULL */
	/* for TLS, PEM files; NULL: the system's CAs, no client certificate */
	const char *ca_file, *cert_file, *key_file;
	/*
	 * Name calls' Contact by the GRUU that the server has given (RFC 5627).
	 * Only for a server that routes it within a dialog, too: Kamailio gives
	 * one by default, but its usual scripts do not look it up there.
	 */
	bool gruu;
	/* Own UDP port. A connection has a port of its own each time. */
	uint16_t port;
	bool port_fixed; /* else the next free one will do */
	agent_event_fn *event;
	agent_trace_fn *trace; /* may be NULL */
	agent_log_fn *log;
	void *arg;
};

/*
 * conf is copied. NULL and *error when the port is not to be had or a
 * certificate file is no good. Nothing is looked up before agent_register().
 */
struct agent *agent_new(const struct agent_conf *conf, GError **error);
void agent_free(struct agent *agent);

/* The address of the server in use; family 0 while there is none. */
struct vpnsdp_addr agent_server(const struct agent *agent);
/* The server in use: "tls 203.0.113.1:5061", "" while there is none. */
const char *agent_server_text(const struct agent *agent);
/* Our own address on the way to the server; family 0 without one. */
struct vpnsdp_addr agent_address(const struct agent *agent);
/*
 * Address and port that the server sees us at, "198.51.100.7:5060": others
 * than our own behind a NAT. "" while it has not said.
 */
const char *agent_public_text(const struct agent *agent);
/* "sip:2500@example.org" */
const char *agent_aor(const struct agent *agent);

/*
 * Register for expires seconds; 0 removes the binding. Tries the servers one
 * after the other; one AGENT_REG_* event tells the result, later than this
 * returns.
 */
void agent_register(struct agent *agent, uint32_t expires);
/*
 * The network has changed (a link, an address, awake again): look for our
 * address again. Reports AGENT_REG_AGAIN where that is of use, and AGENT_MOVED
 * once the server knows the new address.
 */
void agent_moved(struct agent *agent);

/*
 * Call user (or user@domain); body is the offer, or empty. Also used again with
 * the same call after a refusal, for another try. NULL when user is no SIP
 * user.
 */
struct agent_call *agent_call(struct agent *agent, const char *user);
void agent_invite(struct agent_call *call, struct slice body);
void agent_ack(struct agent_call *call);
void agent_cancel(struct agent_call *call);
void agent_ring(struct agent_call *call);
/* 101, which RFC 3261 does not know: for peers of the thesis's kind. */
void agent_progress(struct agent_call *call);
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
/* The same of one fork of our call, which goes on: another fork's 2xx is
 * AGENT_ACCEPTED again. */
void agent_drop_fork(
	struct agent_call *call, uint16_t status, const char *text);
/*
 * The peer knows no session timers (RFC 4028), nor anything that would refresh
 * a session: none is asked for or agreed to.
 */
void agent_call_untimed(struct agent_call *call);
/* Forget the call; what is still on the wire is finished in the background. */
void agent_call_free(struct agent_call *call);
/* Callee of agent_call(), or the caller: an address-of-record. */
const char *agent_call_peer(const struct agent_call *call);
/* Made by agent_call(), not by the peer. */
bool agent_call_outgoing(const struct agent_call *call);

#endif
