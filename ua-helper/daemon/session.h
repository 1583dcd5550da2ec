/*
 * session.h - one call at work: core/call decides, this carries it out with
 * the SIP agent, OpenVPN and the clock.
 */
#ifndef SIPVPN_SESSION_H
#define SIPVPN_SESSION_H

#include "core/call.h"
#include "daemon/log.h"
#include "daemon/options.h"
#include "sip/agent.h"

struct session;

struct session_env {
	const struct options *options;
	struct log *log;
	struct agent *agent;
	/* the session is over; free it, but not from inside */
	void (*over)(void *arg, struct session *s);
	void *arg;
};

/*
 * A session for sip, which it owns from now on. began: monotonic time (us) of
 * the command or the INVITE. NULL: this machine lacks something; *why says
 * what, and sip is still the caller's.
 */
struct session *session_new(const struct session_env *env,
	struct agent_call *sip, gint64 began, const char **why);
/* Make the call. */
void session_dial(struct session *s);
/* An event of the agent's for this call. */
void session_event(struct session *s, const struct agent_event *ev);
/* End it; over() follows within seconds. */
void session_hangup(struct session *s);
/* Our user wants no tunnel for now, or wants it again. */
void session_hold(struct session *s, bool hold);
/* The agent's address is another one: the tunnel starts again from there. */
void session_moved(struct session *s);
bool session_has(const struct session *s, const struct agent_call *call);
/* Once it is over. */
enum exit_code session_result(const struct session *s);
/* Before it is over, this kills the tunnel and tells nobody. */
void session_free(struct session *s);

#endif
