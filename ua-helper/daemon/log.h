/*
 * log.h - what the program says: events for people, faults, details for -d.
 *
 * Events go to standard output, faults to standard error; with a log file
 * (-f) both are written there too, with the time. Details go to the file, or
 * to standard error without one, and only with -d.
 */
#ifndef SIPVPN_LOG_H
#define SIPVPN_LOG_H

#include <glib.h>
#include <stdbool.h>

#include "slice.h"

struct log;

/* file may be NULL. NULL with *error when it cannot be opened for appending. */
struct log *log_open(const char *file, bool details, GError **error);
void log_close(struct log *log);

void log_event(struct log *log, const char *format, ...) G_GNUC_PRINTF(2, 3);
void log_fault(struct log *log, const char *format, ...) G_GNUC_PRINTF(2, 3);
void log_detail(struct log *log, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* A SIP message; header lines with credentials are left out. */
void log_message(struct log *log, const char *direction, const char *peer,
	struct slice text);

#endif
