/*
 * sipvpn_snapshot.h - who is in which group, built once and then only read.
 *
 * PURE: memory comes from the caller's functions, and nothing is allocated,
 * written or locked by a look-up. Add all groups, then all members, seal.
 * A million members in 100,000 groups, all with an IPv4 address, cost about 48
 * bytes each beside the text of their names; an IPv6 address 16 more.
 */
#ifndef SIPVPN_SNAPSHOT_H
#define SIPVPN_SNAPSHOT_H

#include "sipvpn_net.h"
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
	SIPVPN_ROW_BAD_POLICY, /* a group's: not open, hub or off */
	SIPVPN_ROW_BAD_SUBNET, /* a group's */
	SIPVPN_ROW_BAD_ROLE,   /* a member's: not member or hub */
	SIPVPN_ROW_BAD_ADDR,   /* a member's: none of the group's subnet */
	SIPVPN_ROW_ADDR_TWICE, /* in the group */
	SIPVPN_ROW_BAD_LINE,   /* of a file: not understood */
};

/* A group as it is written down. What is empty has its default: open, none. */
struct sipvpn_group_row {
	uint32_t id;
	struct slice name, policy, subnet4, subnet6;
};

/* A member as it is written down. What is empty: a plain member, none. */
struct sipvpn_member_row {
	uint32_t group_id;
	struct sipvpn_aor who;
	struct slice role, addr4, addr6;
};

/* Policy and subnets alone: what can be judged without the other groups. */
enum sipvpn_row sipvpn_group_row_check(const struct sipvpn_group_row *row);

struct sipvpn_snapshot;

/* NULL when memory is short. mem must outlive the snapshot. */
struct sipvpn_snapshot *sipvpn_snapshot_new(
	const struct sipvpn_mem *mem, const struct sipvpn_hash_key *key);
void sipvpn_snapshot_free(struct sipvpn_snapshot *s);

/* Building: a row that is not SIPVPN_ROW_OK has changed nothing. */
enum sipvpn_row sipvpn_snapshot_add_group(
	struct sipvpn_snapshot *s, const struct sipvpn_group_row *row);
enum sipvpn_row sipvpn_snapshot_add_member(
	struct sipvpn_snapshot *s, const struct sipvpn_member_row *row);
/* After the last row. False when memory is short. */
bool sipvpn_snapshot_seal(struct sipvpn_snapshot *s);

/*
 * Reading. A group's number here is not its id in the database. Somebody
 * unknown is in no group. What is returned points into the snapshot.
 */
struct sipvpn_party sipvpn_snapshot_party(
	const struct sipvpn_snapshot *s, const struct sipvpn_aor *who);
/* The same of two, who mostly have one domain. */
void sipvpn_snapshot_parties(const struct sipvpn_snapshot *s,
	const struct sipvpn_aor *one, const struct sipvpn_aor *two,
	struct sipvpn_party *first, struct sipvpn_party *second);
bool sipvpn_snapshot_group(
	const struct sipvpn_snapshot *s, struct slice name, uint32_t *group);
/* The same, sooner when it is one of the party's, which it mostly is. */
bool sipvpn_snapshot_group_of(const struct sipvpn_snapshot *s,
	const struct sipvpn_party *party, struct slice name, uint32_t *group);
struct slice sipvpn_snapshot_group_name(
	const struct sipvpn_snapshot *s, uint32_t group);
uint32_t sipvpn_snapshot_group_id(
	const struct sipvpn_snapshot *s, uint32_t group);
/* What the group says about two of its members; the seats are theirs. */
void sipvpn_snapshot_shared(const struct sipvpn_snapshot *s,
	const struct sipvpn_seat *caller, const struct sipvpn_seat *callee,
	struct sipvpn_shared *out);

struct sipvpn_group_info {
	struct slice name;
	enum sipvpn_group_policy policy;
	struct sipvpn_subnet subnet4, subnet6;
	uint32_t members;
};

struct sipvpn_member_info {
	struct sipvpn_aor who;
	struct sipvpn_end end;
};

/* group is below sipvpn_snapshot_groups(). */
void sipvpn_snapshot_group_info(const struct sipvpn_snapshot *s, uint32_t group,
	struct sipvpn_group_info *out);
/*
 * The first member of a group at or behind *from, which moves behind it;
 * begin with 0. False when there is none. Walks over everybody.
 */
bool sipvpn_snapshot_next_member(const struct sipvpn_snapshot *s,
	uint32_t group, uint32_t *from, struct sipvpn_member_info *out);

/* All the memory it has taken. */
size_t sipvpn_snapshot_bytes(const struct sipvpn_snapshot *s);
uint32_t sipvpn_snapshot_groups(const struct sipvpn_snapshot *s);
/* Rows of the member table, that is, somebody in two groups counts twice. */
uint32_t sipvpn_snapshot_members(const struct sipvpn_snapshot *s);

const char *sipvpn_row_text(enum sipvpn_row row);

#endif
