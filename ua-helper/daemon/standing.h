/*
 * standing.h - `sipvpn-ua daemon`: what the configuration file says, until
 * somebody ends it.
 */
#ifndef SIPVPN_STANDING_H
#define SIPVPN_STANDING_H

#include "daemon/options.h"

/*
 * Works in the foreground. SIGHUP: read the file again; a bad one is logged
 * and changes nothing. SIGTERM, SIGINT: end all calls, unregister and return;
 * the second one does not wait.
 */
enum exit_code standing_run(const char *config);

/* Say on standard output that the file is good, or on standard error all
 * that is wrong with it. */
enum exit_code standing_check(const char *config);

#endif
