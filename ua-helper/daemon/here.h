/* here.h - one call of a configured account in this process, without a daemon.
 */
#ifndef SIPVPN_HERE_H
#define SIPVPN_HERE_H

#include <jansson.h>

#include "daemon/conf.h"
#include "daemon/log.h"

/* An event as the control socket has it; it stays the caller's. */
typedef void here_event_fn(void *arg, const json_t *event);

struct here {
	const char *account; /* NULL: the peer's, else the first one */
	const char *group;   /* NULL: what the configuration says */
	const char *peer;    /* a section's name, or user[@domain] */
	gint64 began;        /* monotonic, us */
	here_event_fn *event;
	void *arg;
};

/*
 * Register this account alone, make the call, and return when it is over or a
 * signal has ended it. conf: changed, its other accounts are taken out.
 */
enum exit_code here_call(
	struct conf *conf, struct log *log, const struct here *what);

#endif
