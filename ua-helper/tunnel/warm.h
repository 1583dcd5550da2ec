/*
 * warm.h - an OpenVPN that is loaded and waits for its configuration.
 *
 * To execute it, link it and set up OpenSSL takes several milliseconds, as
 * long as the rest of its start: a caller has that done while it waits for the
 * answer.
 */
#ifndef SIPVPN_WARM_H
#define SIPVPN_WARM_H

#include "tunnel/process.h"

struct warm;

/*
 * Start it; openvpn: path, or name looked up in PATH. NULL when it cannot be:
 * whoever starts it later will be told why. It ends with us, whatever becomes
 * of us: without a configuration it does nothing.
 */
struct warm *warm_new(const char *openvpn);

/*
 * The process, with its input written, and conf's line, ended and arg in place
 * of ours. NULL: it has ended meanwhile, or is another program. Frees w, which
 * may be NULL.
 */
struct process *warm_take(struct warm *w, const struct process_conf *conf);

/* Kills it. NULL is nothing. */
void warm_free(struct warm *w);

#endif
