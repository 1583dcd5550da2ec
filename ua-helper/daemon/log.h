/*
 * log.h - what the program says: events for people, faults, details for -d.
 *
 * Events go to standard output, faults to standard error; with a log file
 * (-f) both are written there too, with the time. Details go to the file, or
 * to standard error without one, and only with -d.
 *
 * Where standard error is the journal's (a systemd service), the journal gets
 * all that would have gone to the two, each line with its priority and what
 * it is about in fields: SIPVPN_CALL, SIPVPN_PEER, SIPVPN_REASON.
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

/* From now on the terminal gets details only; somebody else tells the rest. */
void log_quiet(struct log *log);

void log_event(struct log *log, const char *format, ...) G_GNUC_PRINTF(2, 3);
void log_fault(struct log *log, const char *format, ...) G_GNUC_PRINTF(2, 3);
void log_detail(struct log *log, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* What a line is about; NULL or empty: nothing. */
struct log_about {
	unsigned call; /* its number, which the line begins with; 0: none */
	const char *peer;
	const char *reason; /* why it has come to that */
};
void log_event_about(struct log *log, const struct log_about *about,
	const char *format, ...) G_GNUC_PRINTF(3, 4);
void log_fault_about(struct log *log, const struct log_about *about,
	const char *format, ...) G_GNUC_PRINTF(3, 4);
void log_detail_about(struct log *log, const struct log_about *about,
	const char *format, ...) G_GNUC_PRINTF(3, 4);
/* A SIP message; header lines with credentials are left out. */
void log_message(struct log *log, const char *direction, const char *peer,
	struct slice text);

#endif
