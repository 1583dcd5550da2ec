/*
 * conf_check.h - what a configuration says as a whole: what is missing, what
 * does not go together, and the secrets it names. For conf_read.c.
 */
#ifndef SIPVPN_CONF_CHECK_H
#define SIPVPN_CONF_CHECK_H

#include "daemon/conf.h"

struct conf_errors {
	const char *file;
	GPtrArray *all; /* char * */
};

/* "FILE:LINE: what" */
void conf_wrong(const struct conf_errors *errors, unsigned line,
	const char *format, ...) G_GNUC_PRINTF(3, 4);

/* Fill in what follows from the rest, read passwords, join peers with their
 * accounts. */
void conf_check(const struct conf_errors *errors, struct conf *conf);

#endif
