/*
 * sipvpn_edit.c - change the membership in the database.
 *
 * What others wrote goes through the values of Kamailio's API, never into a
 * query's text.
 */
#include "sipvpn_edit.h"

#include "core/dprint.h"

#include "kam_slice.h"
#include "sipvpn_allot.h"
#include "sipvpn_change.h"
#include "sipvpn_fault.h"
#include "sipvpn_name.h"
#include "sipvpn_table.h"

#define MAX_VALUES 6 /* of a row */
#define MAX_ADDR 46  /* bytes, of IPv6 as text */

static const struct sipvpn_db_conf *conf;

/* Columns and their values. */
struct row {
	db_key_t keys[MAX_VALUES];
	db_val_t values[MAX_VALUES];
	int n;
};

/* A group as the database has it now. */
struct found {
	struct sipvpn_allot_group group;
	struct sipvpn_subnet net4, net6;
};

void sipvpn_edit_init(const struct sipvpn_db_conf *c)
{
	conf = c;
}

static void put_text(struct row *row, const str *column, struct slice text)
{
	db_val_t *v = &row->values[row->n];

	row->keys[row->n++] = (db_key_t)column;
	memset(v, 0, sizeof(*v));
	VAL_TYPE(v) = DB1_STR;
	VAL_NULL(v) = text.len == 0;
	VAL_STR(v) = str_of_slice(text);
}

static void put_id(struct row *row, const str *column, int64_t id)
{
	db_val_t *v = &row->values[row->n];

	row->keys[row->n++] = (db_key_t)column;
	memset(v, 0, sizeof(*v));
	VAL_TYPE(v) = DB1_BIGINT;
	VAL_BIGINT(v) = id;
}

static bool insert(db1_con_t *con, const str *table, const struct row *row)
{
	const db_func_t *db = sipvpn_db_func();

	if (db->use_table(con, table) >= 0 &&
		db->insert(con, row->keys, row->values, row->n) >= 0)
		return true;
	sipvpn_fault_begin(
		SIPVPN_FAULT_WRITE, "cannot insert into the table ", table);
	return false;
}

static bool remove_rows(
	db1_con_t *con, const str *table, const struct row *where)
{
	const db_func_t *db = sipvpn_db_func();

	if (db->use_table(con, table) >= 0 &&
		db->delete (con, where->keys, NULL, where->values, where->n) >=
			0)
		return true;
	sipvpn_fault_begin(
		SIPVPN_FAULT_WRITE, "cannot delete from the table ", table);
	return false;
}

/* How many rows; the first one's id and texts are taken. -1: failed. */
static int find(db1_con_t *con, const str *table, const struct row *where,
	struct row *wanted, db1_res_t **res)
{
	const db_func_t *db = sipvpn_db_func();

	*res = NULL;
	if (db->use_table(con, table) < 0 ||
		db->query(con, where->keys, NULL, where->values, wanted->keys,
			where->n, wanted->n, NULL, res) < 0 ||
		!*res) {
		sipvpn_fault_begin(
			SIPVPN_FAULT_READ, "cannot read the table ", table);
		return -1;
	}
	return RES_ROW_N(*res);
}

static struct sipvpn_subnet subnet_of(const db_val_t *v)
{
	struct sipvpn_subnet net = {.bits = 0};

	(void)sipvpn_subnet_parse(sipvpn_db_text(v), &net);
	return net;
}

static enum sipvpn_edit find_group(
	db1_con_t *con, struct slice name, struct found *out)
{
	struct row where = {.n = 0};
	struct row wanted = {.keys = {(db_key_t)&conf->group_id_col,
				     (db_key_t)&conf->group_subnet4_col,
				     (db_key_t)&conf->group_subnet6_col,
				     (db_key_t)&conf->group_name_col},
		.n = 4};
	enum sipvpn_edit result = SIPVPN_EDIT_FAILED;
	db1_res_t *res;
	int n;

	if (name.len == 0)
		return SIPVPN_EDIT_NO_GROUP;
	put_text(&where, &conf->group_name_col, name);
	n = find(con, &conf->group_table, &where, &wanted, &res);
	if (n == 0)
		result = SIPVPN_EDIT_NO_GROUP;
	if (n > 0) {
		db_val_t *row = ROW_VALUES(RES_ROWS(res));

		out->net4 = subnet_of(&row[1]);
		out->net6 = subnet_of(&row[2]);
		out->group.name = name;
		/* To MySQL it is the same with a blank more at its end. */
		if (!slice_eq(sipvpn_db_text(&row[3]), name))
			result = SIPVPN_EDIT_NO_GROUP;
		else if (sipvpn_db_int(&row[0], &out->group.id))
			result = SIPVPN_EDITED;
	}
	if (res)
		sipvpn_db_func()->free_result(con, res);
	return result;
}

/* The row of a member; folded has room for the domain in lower case. */
static struct row member_row(const struct found *group,
	const struct sipvpn_aor *who, char folded[static SIPVPN_MAX_NAME])
{
	struct row row = {.n = 0};

	for (size_t i = 0; i < who->domain.len; i++)
		folded[i] = slice_lower(who->domain.p[i]);
	put_id(&row, &conf->member_group_col, group->group.id);
	put_text(&row, &conf->member_user_col, who->user);
	put_text(&row, &conf->member_domain_col,
		(struct slice){folded, who->domain.len});
	return row;
}

/* How many members the rows are; -1: failed. */
static int count_members(db1_con_t *con, const struct row *where)
{
	struct row wanted = {.keys = {(db_key_t)&conf->member_id_col}, .n = 1};
	db1_res_t *res;
	int n = find(con, &conf->member_table, where, &wanted, &res);

	if (res)
		sipvpn_db_func()->free_result(con, res);
	return n;
}

static enum sipvpn_edit find_member(db1_con_t *con, const struct row *where)
{
	int n = count_members(con, where);

	if (n < 0)
		return SIPVPN_EDIT_FAILED;
	return n == 0 ? SIPVPN_EDIT_NO_MEMBER : SIPVPN_EDITED;
}

/* One group more, and no server could load the tables. */
static enum sipvpn_edit check_room(db1_con_t *con, const struct row *member)
{
	struct row who = {.n = 0};
	int n;

	put_text(&who, &conf->member_user_col,
		slice_of_str(&VAL_STR(&member->values[1])));
	put_text(&who, &conf->member_domain_col,
		slice_of_str(&VAL_STR(&member->values[2])));
	n = count_members(con, &who);
	if (n < 0)
		return SIPVPN_EDIT_FAILED;
	return n < SIPVPN_MAX_MEMBERSHIPS ? SIPVPN_EDITED : SIPVPN_EDIT_MANY;
}

static enum sipvpn_edit allot(db1_con_t *con,
	const struct sipvpn_allot_group *group, const struct sipvpn_subnet *net,
	struct vpnsdp_addr *out)
{
	switch (sipvpn_allot(con, conf, group, net, out)) {
	case SIPVPN_ALLOTTED:
		return SIPVPN_EDITED;
	case SIPVPN_ALLOT_FULL:
		return SIPVPN_EDIT_FULL;
	case SIPVPN_ALLOT_FAILED:
		break;
	}
	return SIPVPN_EDIT_FAILED;
}

static enum sipvpn_edit insert_member(db1_con_t *con, const struct found *group,
	struct row row, struct sipvpn_end *end)
{
	char text4[MAX_ADDR], text6[MAX_ADDR];
	struct sbuf addr4 = sbuf_over(text4, sizeof(text4));
	struct sbuf addr6 = sbuf_over(text6, sizeof(text6));
	enum sipvpn_edit result;

	result = allot(con, &group->group, &group->net4, &end->addr4);
	if (result == SIPVPN_EDITED)
		result = allot(con, &group->group, &group->net6, &end->addr6);
	if (result != SIPVPN_EDITED)
		return result;
	vpnsdp_addr_write(&end->addr4, &addr4);
	vpnsdp_addr_write(&end->addr6, &addr6);
	put_text(&row, &conf->member_role_col,
		end->hub ? SLICE("hub") : SLICE("member"));
	put_text(&row, &conf->member_addr4_col, sbuf_slice(&addr4));
	put_text(&row, &conf->member_addr6_col, sbuf_slice(&addr6));
	return insert(con, &conf->member_table, &row) ? SIPVPN_EDITED
						      : SIPVPN_EDIT_FAILED;
}

/* *group and *row are set, too, where the group has no such member. */
static enum sipvpn_edit find_in(db1_con_t *con, struct slice name,
	const struct sipvpn_aor *who, char folded[static SIPVPN_MAX_NAME],
	struct found *group, struct row *row)
{
	enum sipvpn_edit result = find_group(con, name, group);

	if (result != SIPVPN_EDITED)
		return result;
	*row = member_row(group, who, folded);
	return find_member(con, row);
}

static enum sipvpn_edit add_member(db1_con_t *con, struct slice name,
	const struct sipvpn_aor *who, struct sipvpn_end *end)
{
	char folded[SIPVPN_MAX_NAME];
	enum sipvpn_edit result;
	struct found group;
	struct row row;

	result = find_in(con, name, who, folded, &group, &row);
	if (result == SIPVPN_EDITED)
		return SIPVPN_EDIT_EXISTS;
	if (result == SIPVPN_EDIT_NO_MEMBER)
		result = check_room(con, &row);
	if (result == SIPVPN_EDITED)
		result = insert_member(con, &group, row, end);
	return result;
}

static enum sipvpn_edit add_group(
	db1_con_t *con, const struct sipvpn_group_row *group)
{
	struct row row = {.n = 0};
	enum sipvpn_edit result;
	struct found found;

	result = find_group(con, group->name, &found);
	if (result != SIPVPN_EDIT_NO_GROUP)
		return result == SIPVPN_EDITED ? SIPVPN_EDIT_EXISTS : result;
	put_text(&row, &conf->group_name_col, group->name);
	put_text(&row, &conf->group_policy_col,
		group->policy.len > 0 ? group->policy : SLICE("open"));
	put_text(&row, &conf->group_subnet4_col, group->subnet4);
	put_text(&row, &conf->group_subnet6_col, group->subnet6);
	return insert(con, &conf->group_table, &row) ? SIPVPN_EDITED
						     : SIPVPN_EDIT_FAILED;
}

static enum sipvpn_edit rm_group(db1_con_t *con, struct slice name)
{
	struct row members = {.n = 0}, group = {.n = 0};
	enum sipvpn_edit result;
	struct found found;

	result = find_group(con, name, &found);
	if (result != SIPVPN_EDITED)
		return result;
	put_id(&members, &conf->member_group_col, found.group.id);
	put_id(&group, &conf->group_id_col, found.group.id);
	if (!remove_rows(con, &conf->member_table, &members) ||
		!remove_rows(con, &conf->group_table, &group))
		return SIPVPN_EDIT_FAILED;
	return SIPVPN_EDITED;
}

static enum sipvpn_edit rm_member(
	db1_con_t *con, struct slice name, const struct sipvpn_aor *who)
{
	char folded[SIPVPN_MAX_NAME];
	enum sipvpn_edit result;
	struct found group;
	struct row row;

	result = find_in(con, name, who, folded, &group, &row);
	if (result == SIPVPN_EDITED &&
		!remove_rows(con, &conf->member_table, &row))
		return SIPVPN_EDIT_FAILED;
	return result;
}

static enum sipvpn_edit begin(db1_con_t **con)
{
	if (!conf || conf->url.len == 0)
		return SIPVPN_EDIT_NO_DB;
	if (!DB_CAPABILITY((*sipvpn_db_func()),
		    DB_CAP_QUERY | DB_CAP_INSERT | DB_CAP_DELETE)) {
		LM_ERR("the database module of db_url cannot change rows\n");
		return SIPVPN_EDIT_FAILED;
	}
	*con = sipvpn_db_open();
	if (!*con)
		return SIPVPN_EDIT_FAILED;
	if (sipvpn_change_begin(*con))
		return SIPVPN_EDITED;
	sipvpn_db_close(*con);
	return SIPVPN_EDIT_FAILED;
}

static enum sipvpn_edit end(db1_con_t *con, enum sipvpn_edit result)
{
	if (result != SIPVPN_EDITED)
		sipvpn_change_rollback(con);
	else if (sipvpn_change_commit(con))
		sipvpn_table_hurry();
	else
		result = SIPVPN_EDIT_FAILED;
	sipvpn_db_close(con);
	return result;
}

/* Whether others can call such a member. */
static enum sipvpn_row check_member(const struct sipvpn_aor *who)
{
	if (who->user.len > SIPVPN_MAX_NAME || !sipvpn_name_is_user(who->user))
		return SIPVPN_ROW_BAD_USER;
	if (who->domain.len > SIPVPN_MAX_NAME ||
		!sipvpn_name_is_host(who->domain))
		return SIPVPN_ROW_BAD_DOMAIN;
	return SIPVPN_ROW_OK;
}

enum sipvpn_edit sipvpn_edit_add_group(
	const struct sipvpn_group_row *group, enum sipvpn_row *why)
{
	enum sipvpn_edit result;
	db1_con_t *con;

	*why = sipvpn_name_is_group(group->name) ? sipvpn_group_row_check(group)
						 : SIPVPN_ROW_BAD_NAME;
	if (*why != SIPVPN_ROW_OK)
		return SIPVPN_EDIT_BAD;
	result = begin(&con);
	return result == SIPVPN_EDITED ? end(con, add_group(con, group))
				       : result;
}

enum sipvpn_edit sipvpn_edit_rm_group(struct slice name)
{
	db1_con_t *con;
	enum sipvpn_edit result = begin(&con);

	return result == SIPVPN_EDITED ? end(con, rm_group(con, name)) : result;
}

enum sipvpn_edit sipvpn_edit_add_member(struct slice group,
	const struct sipvpn_aor *who, bool hub, struct sipvpn_end *out,
	enum sipvpn_row *why)
{
	struct sipvpn_end found = {.hub = hub};
	enum sipvpn_edit result;
	db1_con_t *con;

	*why = check_member(who);
	if (*why != SIPVPN_ROW_OK)
		return SIPVPN_EDIT_BAD;
	result = begin(&con);
	if (result != SIPVPN_EDITED)
		return result;
	result = end(con, add_member(con, group, who, &found));
	if (result == SIPVPN_EDITED)
		*out = found;
	return result;
}

enum sipvpn_edit sipvpn_edit_rm_member(
	struct slice group, const struct sipvpn_aor *who)
{
	enum sipvpn_edit result;
	db1_con_t *con;

	if (check_member(who) != SIPVPN_ROW_OK)
		return SIPVPN_EDIT_NO_MEMBER;
	result = begin(&con);
	return result == SIPVPN_EDITED ? end(con, rm_member(con, group, who))
				       : result;
}
