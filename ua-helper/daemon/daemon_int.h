/*
 * daemon_int.h - what the parts of the daemon share; for daemon*.c only.
 *
 * daemon.c       accounts, observers, start and end
 * daemon_call.c  calls: may this one be, and the second one with a peer
 * daemon_conf.c  going by another configuration
 * daemon_keep.c  calls that are made by themselves, and kept up
 */
#ifndef SIPVPN_DAEMON_INT_H
#define SIPVPN_DAEMON_INT_H

#include "daemon/daemon.h"
#include "daemon/netwatch.h"

struct watch {
	unsigned id;
	daemon_observer_fn *fn;
	void *arg;
};

struct daemon {
	const struct conf *conf; /* a reference */
	struct log *log;
	bool once;
	bool deaf;           /* takes no calls: it makes its one */
	bool stopping;       /* end what there is, then leave */
	GPtrArray *accounts; /* struct account, in the order of the conf */
	GPtrArray *retired;  /* no longer configured, but with calls */
	GPtrArray *gone;     /* to be freed from the main loop */
	guint free_gone;
	struct calls *calls;
	struct netwatch *watch;
	GArray *watches;
	unsigned last_watch;
	GPtrArray *keeps; /* struct keep, a peer section with call = */
};

void daemon_tell(struct daemon *d, enum daemon_event_type type);
void daemon_tell_new(struct daemon *d, const struct session *s);
struct account *daemon_add_account(struct daemon *d, const struct conf *conf,
	const struct account_conf *own);
/* serves: the account takes calls; one that is on its way out does not. */
void daemon_invited(struct daemon *d, struct account *a,
	const struct agent_event *ev, bool serves);

/* The peers' sections are others now. */
void daemon_keep_reload(struct daemon *d);
/* An account is ready; a call is over. */
void daemon_keep_ready(struct daemon *d, const struct account *a);
void daemon_keep_over(struct daemon *d, const struct session *s);
/* The user hung up, or called: by the name of the peer's section. */
void daemon_keep_down(struct daemon *d, const char *name, bool down);

#endif
