/*
 * management.h - OpenVPN's management interface: we listen on a unix socket
 * in a directory of our own, OpenVPN connects. It ends when we close.
 */
#ifndef SIPVPN_MANAGEMENT_H
#define SIPVPN_MANAGEMENT_H

#include "tunnel/lines.h"

struct management;

/* Lines come from the main loop. NULL with errno. */
struct management *management_new(lines_fn *line, void *arg);

/* Where OpenVPN is to connect to. */
const char *management_path(const struct management *m);

/* One command or several, each with its line end. */
void management_send(struct management *m, const char *commands);

/* Deliver what has arrived but was not read yet. */
void management_drain(struct management *m);

/* Closes the connection and removes socket and directory. */
void management_free(struct management *m);

#endif
