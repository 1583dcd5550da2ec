/*
 * sipvpn_db.h - read the membership through Kamailio's database API.
 *
 * A connection lives no longer than what it is opened for.
 */
#ifndef SIPVPN_DB_H
#define SIPVPN_DB_H

#include "core/str.h"
#include "lib/srdb1/db.h"

#include "sipvpn_rows.h"

/* Rows of the table `version` must say this. */
#define SIPVPN_GROUP_VERSION 2
#define SIPVPN_MEMBER_VERSION 2
#define SIPVPN_META_VERSION 1

struct sipvpn_db_conf {
	str url;
	str group_table, group_id_col, group_name_col, group_policy_col,
		group_subnet4_col, group_subnet6_col;
	str member_table, member_id_col, member_group_col, member_user_col,
		member_domain_col, member_role_col, member_addr4_col,
		member_addr6_col;
	str meta_table;
};

/* In mod_init: check names and the tables' versions. conf must stay. 0, -1 */
int sipvpn_db_init(const struct sipvpn_db_conf *conf);

/* NULL when it cannot be had; that is known, as are all failures here. */
db1_con_t *sipvpn_db_open(void);
void sipvpn_db_close(db1_con_t *con);
bool sipvpn_db_is_sqlite(void);
/* Of the module that db_url names. */
const db_func_t *sipvpn_db_func(void);

/*
 * All groups, then all members, into load. False when it cannot go on; that
 * is logged.
 */
bool sipvpn_db_load(db1_con_t *con, struct sipvpn_load *load);

/* The number that says whether anything has changed. */
bool sipvpn_db_generation(db1_con_t *con, int64_t *generation);

/* A query without anybody else's text in it. *res may be NULL. */
bool sipvpn_db_ask(db1_con_t *con, const char *query, db1_res_t **res);
/* The same where nobody wants the rows. */
bool sipvpn_db_tell(db1_con_t *con, const char *query);
/* A whole number; false for NULL and all else. */
bool sipvpn_db_int(const db_val_t *v, int64_t *out);
/* NULL and what is no text are empty. */
struct slice sipvpn_db_text(const db_val_t *v);

#endif
