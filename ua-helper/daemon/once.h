/*
 * once.h - the thesis's command line: one account; one call, or waiting.
 */
#ifndef SIPVPN_ONCE_H
#define SIPVPN_ONCE_H

#include "daemon/log.h"
#include "daemon/options.h"

/*
 * Register, then wait for calls or make the one; returns when it is over or a
 * signal has ended it, with everything taken down. began: monotonic time (us)
 * at which the program started.
 */
enum exit_code once_run(
	const struct options *options, struct log *log, gint64 began);

#endif
