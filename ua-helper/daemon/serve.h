/* serve.h - the daemon behind a control socket. */
#ifndef SIPVPN_SERVE_H
#define SIPVPN_SERVE_H

#include "daemon/daemon.h"

struct serve;

/*
 * Take requests at path for d, which must outlive this. NULL with *error:
 * the path cannot be used.
 */
struct serve *serve_new(
	struct daemon *d, struct log *log, const char *path, GError **error);
/* NULL is nothing. */
void serve_free(struct serve *s);

#endif
