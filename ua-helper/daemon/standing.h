/*
 * standing.h - `sipvpn-ua daemon`: what the configuration file says, until
 * somebody ends it.
 */
#ifndef SIPVPN_STANDING_H
#define SIPVPN_STANDING_H

#include "daemon/conf.h"

/* What the command line says goes before what the file says; NULL, false:
 * it says nothing. */
struct standing_wants {
	const char *config; /* the file */
	const char *control;
	const char *log_file;
	bool debug;
};

/*
 * Works in the foreground. SIGHUP: read the file again; a bad one is logged
 * and changes nothing. SIGTERM, SIGINT: end all calls, unregister and return;
 * the second one does not wait.
 */
enum exit_code standing_run(const struct standing_wants *wants);

/* Read the file. NULL: said on standard error what is wrong with it. */
struct conf *standing_conf(const char *config);

/* Say on standard output that the file is good, or on standard error all
 * that is wrong with it. */
enum exit_code standing_check(const char *config);

#endif
