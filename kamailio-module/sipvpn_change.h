/*
 * sipvpn_change.h - a change of the membership in the database: all of it,
 * together with the number that tells the nodes of it, or nothing.
 */
#ifndef SIPVPN_CHANGE_H
#define SIPVPN_CHANGE_H

#include "sipvpn_db.h"

/* In mod_init. conf must stay. */
void sipvpn_change_init(const struct sipvpn_db_conf *conf);

/*
 * From begin to commit or rollback nobody else changes anything. False:
 * nothing has been begun, or nothing has been done; that is known then
 * (sipvpn_fault.h).
 */
bool sipvpn_change_begin(db1_con_t *con);
bool sipvpn_change_commit(db1_con_t *con);
void sipvpn_change_rollback(db1_con_t *con);

/* Whether changes are possible, without one. */
bool sipvpn_change_try(db1_con_t *con);

#endif
