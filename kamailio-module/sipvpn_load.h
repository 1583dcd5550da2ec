/*
 * sipvpn_load.h - put a membership into force: at the start, when told to,
 * and when the number in the database has changed.
 *
 * All or nothing: a load that fails, or finds a row it cannot use, leaves the
 * membership that is in force alone.
 */
#ifndef SIPVPN_LOAD_H
#define SIPVPN_LOAD_H

#include "sipvpn_db.h"

struct sipvpn_load_conf {
	struct sipvpn_db_conf db; /* url empty: there is none */
	str file;                 /* empty: there is none */
	const str *domain;        /* of members in a file without one */
	int reload_delta;  /* seconds from one reload to the next, at least */
	int poll_interval; /* seconds from one look to the next; 0: none */
};

enum sipvpn_reload {
	SIPVPN_RELOADED,
	SIPVPN_RELOAD_BUSY,   /* another process is at it */
	SIPVPN_RELOAD_EARLY,  /* report.wait says how long */
	SIPVPN_RELOAD_FAILED, /* the log says why; the old membership stays */
};

struct sipvpn_report {
	uint32_t groups, members, bad_rows;
	unsigned int wait; /* seconds */
};

/*
 * In mod_init: check the configuration and load for the first time. Then
 * there is nothing older to keep, so rows that cannot be used are left out.
 * conf must stay. 0 or -1.
 */
int sipvpn_load_init(const struct sipvpn_load_conf *conf);

/* Load again. From any process. */
enum sipvpn_reload sipvpn_load_again(struct sipvpn_report *report);

/* Whether the membership comes from a database. */
bool sipvpn_load_from_db(void);

/* The own process that looks for changes: for mod_init and child_init. */
int sipvpn_load_poll_register(void);
int sipvpn_load_poll_fork(void);

#endif
