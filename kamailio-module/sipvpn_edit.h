/*
 * sipvpn_edit.h - change the membership in the database.
 *
 * A change counts the generation up, so that every node loads it; this one
 * does so within a second or two.
 */
#ifndef SIPVPN_EDIT_H
#define SIPVPN_EDIT_H

#include "sipvpn_db.h"

enum sipvpn_edit {
	SIPVPN_EDITED,
	SIPVPN_EDIT_NO_DB,  /* the membership comes from a file */
	SIPVPN_EDIT_FAILED, /* the database; the log says why */
	SIPVPN_EDIT_NO_GROUP,
	SIPVPN_EDIT_NO_MEMBER,
	SIPVPN_EDIT_EXISTS,
	SIPVPN_EDIT_FULL, /* the subnet has no free address left */
	SIPVPN_EDIT_MANY, /* the member is in SIPVPN_MAX_MEMBERSHIPS groups */
	SIPVPN_EDIT_BAD,  /* *why says what */
};

/* In mod_init. conf must stay. */
void sipvpn_edit_init(const struct sipvpn_db_conf *conf);

/* Subnets may be empty, and so may the policy. The id is not used. */
enum sipvpn_edit sipvpn_edit_add_group(
	const struct sipvpn_group_row *group, enum sipvpn_row *why);
/* With all its members. */
enum sipvpn_edit sipvpn_edit_rm_group(struct slice name);

/*
 * The member gets the lowest free address of each subnet that the group has.
 * *end, set on success, says which.
 */
enum sipvpn_edit sipvpn_edit_add_member(struct slice group,
	const struct sipvpn_aor *who, bool hub, struct sipvpn_end *end,
	enum sipvpn_row *why);
enum sipvpn_edit sipvpn_edit_rm_member(
	struct slice group, const struct sipvpn_aor *who);

#endif
