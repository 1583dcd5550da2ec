/*
 * calls.h - all calls of the program: their numbers, and what of this machine
 * each of them takes (port, tunnel addresses).
 */
#ifndef SIPVPN_CALLS_H
#define SIPVPN_CALLS_H

#include "daemon/session.h"

struct calls;

struct calls_env {
	struct log *log;
	bool numbered; /* there may be several: the log numbers them */
	/* as in session.h; do nothing to the session from inside */
	void (*changed)(void *arg, struct session *s);
	void (*over)(void *arg, struct session *s);
	/* the main loop again: the session of this owner is gone */
	void (*buried)(void *arg, void *owner);
	void *arg;
};

struct calls *calls_new(const struct calls_env *env);
void calls_free(struct calls *calls);

/* Whose a new session is, and what it goes by. */
struct calls_for {
	struct agent *agent;
	const struct conf *conf;
	const struct account_conf *account;
	const struct peer_conf *peer; /* may be NULL */
	void *owner;
	const char *group; /* instead of the configured one; or NULL */
};

/*
 * A session for sip, which it owns from now on. NULL: this machine lacks
 * something, which has been logged; sip is still the caller's.
 */
struct session *calls_add(struct calls *calls, const struct calls_for *whose,
	struct agent_call *sip, gint64 began);

/*
 * Give it what it needs and start it: dial, or with ev take the call that
 * came. false: this machine lacks something, which has been logged; the
 * session is over with that reason, or for a call that came still to be
 * dropped.
 */
bool calls_dial(struct calls *calls, struct session *s);
bool calls_take(
	struct calls *calls, struct session *s, const struct agent_event *ev);
/* Forget it at once, whatever it is at. */
void calls_drop(struct calls *calls, struct session *s);

struct session *calls_by_sip(
	const struct calls *calls, const struct agent_call *sip);
struct session *calls_by_id(const struct calls *calls, unsigned id);
/* All that are not over, in the order of their numbers. NULL past the end. */
struct session *calls_at(const struct calls *calls, guint i);
/* Of one owner, or of all (NULL); ending: also those that are about to be. */
guint calls_count(const struct calls *calls, const void *owner, bool ending);
/* Is it our own end of a tunnel? */
bool calls_have(const struct calls *calls, const struct vpnsdp_addr *address);
/* The owner's agent has another address: the tunnels start again from there. */
void calls_moved(struct calls *calls, const void *owner);
/* End them all, or those of one owner. */
void calls_hangup(struct calls *calls, const void *owner);

#endif
