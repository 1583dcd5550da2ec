/*
 * sipvpn_snapshot.h - who is in which group, built once and then only read.
 *
 * PURE: memory comes from the caller's functions, and nothing is allocated,
 * written or locked by a look-up. Add all groups, then all members, seal.
 * A million members cost about 35 bytes each beside the text of their names.
 */
#ifndef SIPVPN_SNAPSHOT_H
#define SIPVPN_SNAPSHOT_H

#include "sipvpn_policy.h"
#include "sipvpn_siphash.h"
#include "sipvpn_vec.h"

#define SIPVPN_MAX_NAME 255         /* bytes of a user or a domain; RFC 1035 */
#define SIPVPN_MAX_MEMBERSHIPS 4096 /* groups one member is in */

/* What became of a row of the tables. */
enum sipvpn_row {
	SIPVPN_ROW_OK = 0,
	SIPVPN_ROW_NO_MEMORY,
	SIPVPN_ROW_BAD_ID,     /* not above 0, or not above the one before */
	SIPVPN_ROW_BAD_NAME,   /* a group's: empty or too long */
	SIPVPN_ROW_BAD_USER,   /* empty or too long */
	SIPVPN_ROW_BAD_DOMAIN, /* empty or too long */
	SIPVPN_ROW_NO_GROUP,   /* a member of a group that does not exist */
	SIPVPN_ROW_TWICE,      /* the name, or the member in the group */
	SIPVPN_ROW_TOO_MANY,   /* SIPVPN_MAX_MEMBERSHIPS */
};

struct sipvpn_snapshot;

/* NULL when memory is short. mem must outlive the snapshot. */
struct sipvpn_snapshot *sipvpn_snapshot_new(
	const struct sipvpn_mem *mem, const struct sipvpn_hash_key *key);
void sipvpn_snapshot_free(struct sipvpn_snapshot *s);

/* Building: a row that is not SIPVPN_ROW_OK has changed nothing. */
enum sipvpn_row sipvpn_snapshot_add_group(
	struct sipvpn_snapshot *s, uint32_t id, struct slice name);
enum sipvpn_row sipvpn_snapshot_add_member(struct sipvpn_snapshot *s,
	uint32_t group_id, const struct sipvpn_aor *who);
/* After the last row. False when memory is short. */
bool sipvpn_snapshot_seal(struct sipvpn_snapshot *s);

/*
 * Reading. A group's number here is not its id in the database. Somebody
 * unknown is in no group. What is returned points into the snapshot.
 */
struct sipvpn_party sipvpn_snapshot_party(
	const struct sipvpn_snapshot *s, const struct sipvpn_aor *who);
bool sipvpn_snapshot_group(
	const struct sipvpn_snapshot *s, struct slice name, uint32_t *group);
struct slice sipvpn_snapshot_group_name(
	const struct sipvpn_snapshot *s, uint32_t group);
uint32_t sipvpn_snapshot_groups(const struct sipvpn_snapshot *s);
/* Rows of the member table, that is, somebody in two groups counts twice. */
uint32_t sipvpn_snapshot_members(const struct sipvpn_snapshot *s);

const char *sipvpn_row_text(enum sipvpn_row row);

#endif
