/*
 * sipvpn_db.h - load the membership through Kamailio's database API.
 *
 * All or nothing: a load that fails, or finds a row it cannot use, leaves the
 * membership that is in force alone.
 */
#ifndef SIPVPN_DB_H
#define SIPVPN_DB_H

#include "core/str.h"

#include "sipvpn_table.h"

/* Rows of the table `version` must say this. */
#define SIPVPN_GROUP_VERSION 1
#define SIPVPN_MEMBER_VERSION 1

struct sipvpn_db_conf {
	str url;
	str group_table, group_id_col, group_name_col;
	str member_table, member_id_col, member_group_col, member_user_col,
		member_domain_col;
	int reload_delta; /* seconds from one reload to the next, at least */
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
 * In mod_init: check the configuration and the tables' versions, and load for
 * the first time. Then there is nothing older to keep, so rows that cannot be
 * used are left out. conf must stay. 0 or -1.
 */
int sipvpn_db_init(const struct sipvpn_db_conf *conf);

/* Load again. From any process. */
enum sipvpn_reload sipvpn_db_reload(struct sipvpn_report *report);

#endif
