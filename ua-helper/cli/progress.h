/* progress.h - what becomes of a call, step by step, on standard output. */
#ifndef SIPVPN_CLI_PROGRESS_H
#define SIPVPN_CLI_PROGRESS_H

#include <jansson.h>
#include <stdbool.h>

#include "core/exit_code.h"

struct progress {
	char step[16]; /* the last one, not to be told twice */
	bool up;
	bool over;
	enum exit_code code; /* once it is over */
};

/* One event; *p says where the call is then. */
void progress_show(struct progress *p, const json_t *event);

#endif
