/* status_json.h - accounts, calls and events as the control socket has them. */
#ifndef SIPVPN_STATUS_JSON_H
#define SIPVPN_STATUS_JSON_H

#include <jansson.h>

#include "daemon/daemon.h"

/* Everything there is. */
json_t *status_json(const struct daemon *d);
/* NULL: nothing that anybody outside waits for. */
json_t *event_json(const struct daemon *d, const struct daemon_event *ev);
/* The end of a call that could not begin. */
json_t *event_json_failed(enum exit_code code, const char *why);

#endif
