/*
 * daemon.h - accounts and calls at work; what a user or a program may ask of
 * them, and what it is told. once.h and standing.h drive it.
 */
#ifndef SIPVPN_DAEMON_H
#define SIPVPN_DAEMON_H

#include "daemon/account.h"
#include "daemon/calls.h"
#include "daemon/conf.h"
#include "daemon/log.h"

struct daemon;

enum daemon_event_type {
	DAEMON_ACCOUNT_CHANGED, /* account */
	DAEMON_ACCOUNT_READY,   /* account: calls can be made and taken */
	DAEMON_ACCOUNT_FAILED,  /* account, code: will not be tried again */
	DAEMON_CALL_NEW,        /* call */
	DAEMON_CALL_CHANGED,    /* call */
	DAEMON_CALL_OVER,       /* call, code: how it went, as an exit code */
	DAEMON_CALL_GONE,       /* nothing of some call is left */
	DAEMON_RELOADED,        /* accounts and peers may be others now */
	DAEMON_STOPPED,         /* daemon_stop() is through; last event */
};

/* Texts live during the call of the observer only. */
struct daemon_event {
	enum daemon_event_type type;
	const struct account_status *account; /* or NULL */
	const struct session_status *call;    /* or NULL */
	enum exit_code code;
};

/* May ask for status and watch or unwatch, but change nothing: no call, no
 * hangup from inside. */
typedef void daemon_observer_fn(void *arg, const struct daemon_event *ev);

enum daemon_kind {
	DAEMON_STANDING,   /* tries again where the others give up */
	DAEMON_ONCE_WAITS, /* the one account of a command line */
	DAEMON_ONCE_CALLS, /* and its one call: takes none */
};

/* conf: a reference is taken. */
struct daemon *daemon_new(
	const struct conf *conf, struct log *log, enum daemon_kind kind);
/* Kills what still runs, and tells nobody. */
void daemon_free(struct daemon *d);

/* Start all accounts. Not OK (never when STANDING): said why, and final. */
enum exit_code daemon_start(struct daemon *d);
/* End all calls, unregister; DAEMON_STOPPED follows, within seconds unless a
 * peer owes us an ACK. Asked again, it does not wait for that any longer. */
void daemon_stop(struct daemon *d);
/* Go by another configuration from now on: changed accounts register anew,
 * calls live on. */
void daemon_reload(struct daemon *d, const struct conf *conf);

/* 0 is no number. */
unsigned daemon_watch(struct daemon *d, daemon_observer_fn *fn, void *arg);
void daemon_unwatch(struct daemon *d, unsigned watch);

struct daemon_dial {
	const char *account; /* name; NULL: the peer's, else the first */
	const char *peer;    /* a peer section's name, or user[@domain] */
	const char *group;   /* NULL: what the configuration says */
	gint64 began;        /* monotonic, us; 0: now */
};

/*
 * Call somebody, as soon as the account is registered; the number of the
 * call. 0: it cannot be; *code and *why (g_free() it) say why.
 */
unsigned daemon_call(struct daemon *d, const struct daemon_dial *dial,
	enum exit_code *code, char **why);
/* End the call of this number, or all with this peer (a section's name, a
 * user or an address-of-record), or all ("all"); how many that were. */
unsigned daemon_hangup(struct daemon *d, const char *which);
/*
 * No tunnel for now (hold), or the tunnel again, in the calls that which names
 * as above; how many that were. *able: how many of them can do it; the peers
 * of the others know no hold.
 */
unsigned daemon_hold(
	struct daemon *d, const char *which, bool hold, unsigned *able);
/* Register now: one account by its name, or all (NULL); how many. */
unsigned daemon_register(struct daemon *d, const char *account);

/* false: there is none. */
bool daemon_account_at(
	const struct daemon *d, unsigned i, struct account_status *out);
bool daemon_call_at(
	const struct daemon *d, unsigned i, struct session_status *out);
bool daemon_call_by_id(
	const struct daemon *d, unsigned id, struct session_status *out);

#endif
