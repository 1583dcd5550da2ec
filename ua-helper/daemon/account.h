/*
 * account.h - one account at work: its SIP agent and its registration.
 */
#ifndef SIPVPN_ACCOUNT_H
#define SIPVPN_ACCOUNT_H

#include "daemon/conf.h"
#include "daemon/log.h"
#include "sip/agent.h"

struct account;

enum account_state {
	ACCOUNT_STARTING,   /* REGISTER is out, nothing heard */
	ACCOUNT_REGISTERED, /* or ready, where nothing is registered */
	ACCOUNT_WAITING,    /* failed, will try again */
	ACCOUNT_FAILED,     /* refused for good; until: the next try, if any */
	ACCOUNT_LEAVING,
	ACCOUNT_GONE,
};

struct account_env {
	struct log *log;
	bool once;  /* the one call of a command: the first failure is final */
	bool named; /* the log names it: there may be several */
	/* status() tells something else */
	void (*changed)(void *arg, struct account *a);
	/* registered for the first time, or again after a failure */
	void (*ready)(void *arg, struct account *a);
	/* refused for good; code says why */
	void (*failed)(void *arg, struct account *a, enum exit_code code);
	/* left; free it, but not from inside */
	void (*gone)(void *arg, struct account *a);
	/* agent_address() is another one */
	void (*moved)(void *arg, struct account *a);
	/* an event with a call in it */
	void (*call)(
		void *arg, struct account *a, const struct agent_event *ev);
	void *arg;
};

struct account_status {
	const char *name, *aor;
	enum account_state state;
	const char *server; /* in use: "udp 192.0.2.1:5060"; "": none */
	gint64 since;       /* of the state; monotonic, us */
	gint64 until;       /* REGISTERED: the binding's end; WAITING: of the
			     * next try; 0: unknown; monotonic, us */
	const char *error;  /* the last one, "" when all is well */
};

/* conf's account; a reference to conf is taken. */
struct account *account_new(const struct account_env *env,
	const struct conf *conf, const struct account_conf *own);
void account_free(struct account *a);

/*
 * Find the server and register. Not OK: said why; once: all is over, else
 * it is tried again in a while.
 */
enum exit_code account_start(struct account *a);
/* Take the registration back; gone() follows, within seconds. Harmless
 * twice. */
void account_leave(struct account *a);
/* Register now, whatever it is waiting for. */
void account_refresh(struct account *a);
/* The same account with other settings: only a new call goes by them. */
void account_reconfigure(struct account *a, const struct conf *conf,
	const struct account_conf *own);

/* The network has changed: look where we are. */
void account_moved(struct account *a);

/* NULL while its port could not be had. */
struct agent *account_agent(const struct account *a);
bool account_ready(const struct account *a);
const struct conf *account_whole_conf(const struct account *a);
const struct account_conf *account_conf(const struct account *a);
void account_status(const struct account *a, struct account_status *out);
/* "registered", ... */
const char *account_state_name(enum account_state state);

#endif
