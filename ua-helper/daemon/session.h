/*
 * session.h - one call at work: core/call decides, this carries it out with
 * the SIP agent, OpenVPN and the clock.
 */
#ifndef SIPVPN_SESSION_H
#define SIPVPN_SESSION_H

#include "core/call.h"
#include "daemon/conf.h"
#include "daemon/log.h"
#include "sip/agent.h"

struct session;

struct session_env {
	struct log *log;
	struct agent *agent;
	const struct conf *conf; /* a reference is taken */
	struct terms terms;      /* borrowed from conf; group is copied */
	unsigned id;             /* as users see it */
	bool numbered;           /* the log names it: there are several */
	void *owner;             /* whoever made it; see session_owner() */
	/* its state, or what status() tells of it, is another one; also at
	 * the end, before over() */
	void (*changed)(void *arg, struct session *s);
	/* the session is over; free it, but not from inside */
	void (*over)(void *arg, struct session *s);
	void *arg;
};

/* What the call takes of this machine; no other call may have it. */
struct session_place {
	uint16_t port;
	struct conf_pair pair;
	bool device_numbered; /* another call's device has its name */
	bool ahead;           /* OpenVPN may be loaded before the answer */
	GArray *nets; /* struct media_net: where no tunnel address may lie; a
		       * reference is taken */
};

/* What is known about a call. Texts live until the session changes. */
struct session_status {
	unsigned id;
	const char *account, *peer, *name; /* name: of its section, or "" */
	const char *group;                 /* "" without */
	bool outgoing;
	bool waits; /* for the account's registration */
	enum call_state state;
	gint64 began, since, up_since; /* monotonic, us; up_since 0: never */
	const char *device;            /* "" while there is none */
	struct vpnsdp_addr local, remote, endpoint; /* family 0: not yet */
	uint16_t port, endpoint_port;
	/* bytes of UDP payload, and a second; counted is false for a program
	 * and while there is no tunnel */
	bool counted;
	uint64_t rx, tx, rx_rate, tx_rate;
	enum call_outcome outcome;
	uint16_t status;  /* of a refusal */
	const char *text; /* the reason of the end, in words */
};

/*
 * A session for sip, which it owns from now on. began: monotonic time (us) of
 * the command or the INVITE. NULL: OpenSSL makes no certificate, and sip is
 * still the caller's.
 */
struct session *session_new(
	const struct session_env *env, struct agent_call *sip, gint64 began);
/* Before the first of dial and event: what it takes of the machine. */
void session_place(struct session *s, const struct session_place *place);
/* Make the call. */
void session_dial(struct session *s);
/* It cannot even be dialled: type as if the agent had said so. */
void session_fail(
	struct session *s, enum agent_event_type type, const char *why);
/* An event of the agent's for this call. */
void session_event(struct session *s, const struct agent_event *ev);
/* End it; over() follows within seconds. */
void session_hangup(struct session *s);
/* Our user wants no tunnel for now, or wants it again. */
void session_hold(struct session *s, bool hold);
/* The agent's address is another one: the tunnel starts again from there. */
void session_moved(struct session *s);
bool session_has(const struct session *s, const struct agent_call *call);
/* Its tunnel addresses: what was agreed on, or what it would hand out; family
 * 0 before session_place(). */
struct conf_pair session_pair(const struct session *s);
void *session_owner(const struct session *s);
struct agent *session_agent(const struct session *s);
const struct terms *session_terms(const struct session *s);
void session_status(const struct session *s, struct session_status *out);
/* Once it is over. */
enum exit_code session_result(const struct session *s);
/* Before it is over, this kills the tunnel and tells nobody. */
void session_free(struct session *s);

#endif
