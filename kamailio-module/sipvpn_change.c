/*
 * sipvpn_change.c - changes of the membership are transactions.
 */
#include "sipvpn_change.h"

#include <stdio.h>

#include "core/dprint.h"
#include "core/sr_module.h"

#include "kam_slice.h"
#include "sipvpn_fault.h"

#define MAX_QUERY 256 /* bytes; a name of a table fits */

static const struct sipvpn_db_conf *conf;

/*
 * What a lost connection has left open, Kamailio's module for MySQL says again
 * on a new one, where there is no transaction: the change would be half done,
 * or none and pass for one. So it does not while one is under way. It has one
 * variable for that, in each process its own; NULL: it is not loaded.
 */
static int *says_again;
static int said_again; /* as the script has set it */

void sipvpn_change_init(const struct sipvpn_db_conf *c)
{
	struct sr_module *mysql = find_module_by_name((char *)"db_mysql");
	modparam_t type;

	conf = c;
	if (mysql)
		says_again = find_param_export(
			mysql, (char *)"auto_reconnect", PARAM_INT, &type);
	if (says_again)
		said_again = *says_again;
}

static void say_once(bool once)
{
	if (says_again)
		*says_again = once ? 0 : said_again;
}

static bool add_to_generation(db1_con_t *con, int n)
{
	char query[MAX_QUERY];

	(void)snprintf(query, sizeof(query),
		"update %.*s set generation = generation + %d",
		STR_FMT(&conf->meta_table), n);
	if (sipvpn_db_tell(con, query))
		return true;
	sipvpn_fault_begin(SIPVPN_FAULT_WRITE, "cannot change the table ",
		&conf->meta_table);
	return false;
}

/*
 * Kamailio's module for SQLite has no transactions, SQLite has: "immediate"
 * takes the place of the writer before anything is read.
 */
static bool begin_work(db1_con_t *con)
{
	const db_func_t *db = sipvpn_db_func();

	if (db->start_transaction)
		return db->start_transaction(con, DB_LOCKING_NONE) >= 0;
	if (!sipvpn_db_is_sqlite())
		return true;
	return sipvpn_db_tell(con, "begin immediate");
}

static bool end_work(db1_con_t *con)
{
	const db_func_t *db = sipvpn_db_func();

	if (db->start_transaction)
		return db->end_transaction(con) >= 0;
	if (sipvpn_db_is_sqlite())
		return sipvpn_db_tell(con, "commit");
	/* Whoever looked in between has seen the number without the change. */
	return add_to_generation(con, 1);
}

/*
 * The second time a connection that had been cut is a new one. The number is
 * asked for, since a table without a row takes what is added to it as well.
 */
static bool begin(db1_con_t *con, int n)
{
	int64_t generation;

	if (!begin_work(con) && !begin_work(con)) {
		sipvpn_fault_begin(SIPVPN_FAULT_WRITE,
			"cannot begin to change the database", NULL);
		return false;
	}
	say_once(true);
	if (add_to_generation(con, n) && sipvpn_db_generation(con, &generation))
		return true;
	sipvpn_change_rollback(con);
	return false;
}

bool sipvpn_change_begin(db1_con_t *con)
{
	return begin(con, 1);
}

bool sipvpn_change_commit(db1_con_t *con)
{
	if (!end_work(con)) {
		sipvpn_fault_begin(SIPVPN_FAULT_WRITE,
			"cannot commit a change of the database", NULL);
		sipvpn_change_rollback(con);
		return false;
	}
	say_once(false);
	sipvpn_fault_end(SIPVPN_FAULT_WRITE);
	return true;
}

void sipvpn_change_rollback(db1_con_t *con)
{
	const db_func_t *db = sipvpn_db_func();

	if (db->start_transaction)
		(void)db->abort_transaction(con);
	else if (sipvpn_db_is_sqlite())
		(void)sipvpn_db_tell(con, "rollback");
	say_once(false);
}

/*
 * The last member is written anew, as it is, with all that leads to it: on a
 * disk that is all but full the number alone may still fit where a member
 * does not. In MySQL a table that is changed may be asked only so.
 */
static bool touch(db1_con_t *con)
{
	const str *id = &conf->member_id_col, *table = &conf->member_table;
	const str *user = &conf->member_user_col;
	const str *domain = &conf->member_domain_col;
	const str *addr4 = &conf->member_addr4_col;
	const str *addr6 = &conf->member_addr6_col;
	char query[MAX_QUERY];

	(void)snprintf(query, sizeof(query),
		"update %.*s set %.*s = %.*s, %.*s = %.*s, %.*s = %.*s, "
		"%.*s = %.*s where %.*s = "
		"(select n from (select max(%.*s) as n from %.*s) as last)",
		STR_FMT(table), STR_FMT(user), STR_FMT(user), STR_FMT(domain),
		STR_FMT(domain), STR_FMT(addr4), STR_FMT(addr4), STR_FMT(addr6),
		STR_FMT(addr6), STR_FMT(id), STR_FMT(id), STR_FMT(table));
	return sipvpn_db_tell(con, query);
}

bool sipvpn_change_try(db1_con_t *con)
{
	if (!begin(con, 0))
		return false;
	if (touch(con))
		return sipvpn_change_commit(con);
	sipvpn_change_rollback(con);
	return false;
}
