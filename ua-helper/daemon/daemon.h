/*
 * daemon.h - one account at work: carries out what the core decides.
 */
#ifndef SIPVPN_DAEMON_H
#define SIPVPN_DAEMON_H

#include <gio/gio.h>

#include "daemon/log.h"
#include "daemon/options.h"

/*
 * Register, then wait for calls or make the one; returns when it is over or a
 * signal has ended it, with everything taken down. began: monotonic time (us)
 * at which the program started.
 */
enum exit_code daemon_run(
	const struct options *options, struct log *log, gint64 began);

#endif
