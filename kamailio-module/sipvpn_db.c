/*
 * sipvpn_db.c - read the membership through Kamailio's database API.
 *
 * Rows come in pages of limited size, since Kamailio builds a whole result in
 * private memory, and no private heap may grow by a million members.
 */
#include "sipvpn_db.h"

#include <stdio.h>
#include <string.h>

#include "core/dprint.h"

#include "kam_slice.h"
#include "sipvpn_fault.h"

#define PAGE 2000      /* rows; about 1 MB of the 8 MB Kamailio starts with */
#define MAX_QUERY 1024 /* bytes; ten names of MAX_IDENTIFIER fit */
#define MAX_IDENTIFIER 63 /* PostgreSQL's limit, the lowest */
#define MAX_COLUMNS 7

/* One table: how to page through it and what to do with a row. */
struct source {
	const str *table;
	const str *columns[MAX_COLUMNS]; /* the first is the key */
	int n_columns;
	enum sipvpn_row (*add)(struct sipvpn_snapshot *s, db_val_t *row);
};

static const struct sipvpn_db_conf *conf;
static db_func_t db;

/* Names go into SQL as they are, so they must be nothing but names. */
static bool is_identifier(const str *name)
{
	struct slice s = slice_of_str(name);

	if (s.len == 0 || s.len > MAX_IDENTIFIER)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = slice_lower(s.p[i]);

		if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_')
			return false;
	}
	return true;
}

bool sipvpn_db_int(const db_val_t *v, int64_t *out)
{
	if (VAL_NULL(v))
		return false;
	switch (VAL_TYPE(v)) {
	case DB1_INT:
		*out = VAL_INT(v);
		return true;
	case DB1_UINT:
		*out = VAL_UINT(v);
		return true;
	case DB1_BIGINT:
		*out = VAL_BIGINT(v);
		return true;
	default:
		return false;
	}
}

struct slice sipvpn_db_text(const db_val_t *v)
{
	if (VAL_NULL(v))
		return SLICE("");
	switch (VAL_TYPE(v)) {
	case DB1_STRING:
		return (struct slice){VAL_STRING(v), strlen(VAL_STRING(v))};
	case DB1_STR:
	case DB1_BLOB: /* a pointer and a length, as DB1_STR is */
		return slice_of_str(&VAL_STR(v));
	default:
		return SLICE("");
	}
}

static enum sipvpn_row add_group(struct sipvpn_snapshot *s, db_val_t *row)
{
	struct sipvpn_group_row group = {.name = sipvpn_db_text(&row[1]),
		.policy = sipvpn_db_text(&row[2]),
		.subnet4 = sipvpn_db_text(&row[3]),
		.subnet6 = sipvpn_db_text(&row[4])};
	int64_t id;

	if (!sipvpn_db_int(&row[0], &id) || id <= 0 || id > UINT32_MAX)
		return SIPVPN_ROW_BAD_ID;
	group.id = (uint32_t)id;
	return sipvpn_snapshot_add_group(s, &group);
}

static enum sipvpn_row add_member(struct sipvpn_snapshot *s, db_val_t *row)
{
	struct sipvpn_member_row member = {
		.who = {sipvpn_db_text(&row[2]), sipvpn_db_text(&row[3])},
		.role = sipvpn_db_text(&row[4]),
		.addr4 = sipvpn_db_text(&row[5]),
		.addr6 = sipvpn_db_text(&row[6])};
	int64_t group;

	if (!sipvpn_db_int(&row[1], &group) || group <= 0 || group > UINT32_MAX)
		return SIPVPN_ROW_NO_GROUP;
	member.group_id = (uint32_t)group;
	return sipvpn_snapshot_add_member(s, &member);
}

static bool write_query(
	const struct source *src, int64_t after, char out[static MAX_QUERY])
{
	size_t len = 0;
	int n = snprintf(out, MAX_QUERY, "select ");

	for (int i = 0; i < src->n_columns; i++) {
		len += (size_t)n;
		n = snprintf(out + len, MAX_QUERY - len, "%s%.*s",
			i ? ", " : "", STR_FMT(src->columns[i]));
	}
	len += (size_t)n;
	n = snprintf(out + len, MAX_QUERY - len,
		" from %.*s where %.*s > %lld order by %.*s limit %d",
		STR_FMT(src->table), STR_FMT(src->columns[0]), (long long)after,
		STR_FMT(src->columns[0]), PAGE);
	return n > 0 && (size_t)n < MAX_QUERY - len;
}

/* False when the load cannot go on. *last becomes the highest key seen. */
static bool load_rows(struct sipvpn_load *load, const struct source *src,
	db1_res_t *res, int64_t *last)
{
	for (int i = 0; i < RES_ROW_N(res); i++) {
		db_val_t *row = ROW_VALUES(&RES_ROWS(res)[i]);
		enum sipvpn_row result;
		int64_t id;

		/* Without a key that rises there is no next page. */
		if (!sipvpn_db_int(&row[0], &id) || id <= *last) {
			sipvpn_fault_begin(SIPVPN_FAULT_READ,
				"the first column is not a rising number in "
				"the table ",
				src->table);
			return false;
		}
		*last = id;
		result = src->add(load->snapshot, row);
		if (!sipvpn_rows_note(
			    load, slice_of_str(src->table), id, result))
			return false;
	}
	return true;
}

static bool load_page(db1_con_t *con, struct sipvpn_load *load,
	const struct source *src, int64_t *last, int *rows)
{
	char text[MAX_QUERY];
	db1_res_t *res = NULL;
	bool ok = false;
	str query;

	if (!write_query(src, *last, text))
		return false;
	query = (str){text, (int)strlen(text)};
	if (db.raw_query(con, &query, &res) < 0 || !res) {
		sipvpn_fault_begin(SIPVPN_FAULT_READ, "cannot read the table ",
			src->table);
		return false;
	}
	*rows = RES_ROW_N(res);
	if (*rows == 0 || RES_COL_N(res) == src->n_columns)
		ok = load_rows(load, src, res, last);
	db.free_result(con, res);
	return ok;
}

static bool load_source(
	db1_con_t *con, struct sipvpn_load *load, const struct source *src)
{
	int64_t last = 0;
	int rows;

	do {
		if (!load_page(con, load, src, &last, &rows))
			return false;
	} while (rows == PAGE);
	return true;
}

bool sipvpn_db_load(db1_con_t *con, struct sipvpn_load *load)
{
	const struct source groups = {&conf->group_table,
		{&conf->group_id_col, &conf->group_name_col,
			&conf->group_policy_col, &conf->group_subnet4_col,
			&conf->group_subnet6_col},
		5, add_group};
	const struct source members = {&conf->member_table,
		{&conf->member_id_col, &conf->member_group_col,
			&conf->member_user_col, &conf->member_domain_col,
			&conf->member_role_col, &conf->member_addr4_col,
			&conf->member_addr6_col},
		7, add_member};

	return load_source(con, load, &groups) &&
	       load_source(con, load, &members);
}

bool sipvpn_db_ask(db1_con_t *con, const char *query, db1_res_t **res)
{
	str text = {(char *)query, (int)strlen(query)};

	*res = NULL;
	return db.raw_query(con, &text, res) >= 0;
}

bool sipvpn_db_tell(db1_con_t *con, const char *query)
{
	db1_res_t *res;
	bool ok = sipvpn_db_ask(con, query, &res);

	if (res)
		db.free_result(con, res);
	return ok;
}

bool sipvpn_db_generation(db1_con_t *con, int64_t *generation)
{
	char query[MAX_QUERY];
	db1_res_t *res;
	bool ok = false;

	(void)snprintf(query, sizeof(query), "select generation from %.*s",
		STR_FMT(&conf->meta_table));
	if (!sipvpn_db_ask(con, query, &res) || !res) {
		sipvpn_fault_begin(SIPVPN_FAULT_READ, "cannot read the table ",
			&conf->meta_table);
		return false;
	}
	if (RES_ROW_N(res) == 1 && RES_COL_N(res) == 1)
		ok = sipvpn_db_int(ROW_VALUES(RES_ROWS(res)), generation);
	if (!ok)
		sipvpn_fault_begin(SIPVPN_FAULT_READ,
			"there is not one row with a number in the table ",
			&conf->meta_table);
	db.free_result(con, res);
	return ok;
}

static int check_names(void)
{
	const str *names[] = {&conf->group_table, &conf->group_id_col,
		&conf->group_name_col, &conf->group_policy_col,
		&conf->group_subnet4_col, &conf->group_subnet6_col,
		&conf->member_table, &conf->member_id_col,
		&conf->member_group_col, &conf->member_user_col,
		&conf->member_domain_col, &conf->member_role_col,
		&conf->member_addr4_col, &conf->member_addr6_col,
		&conf->meta_table};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (is_identifier(names[i]))
			continue;
		LM_ERR("'%.*s' is no name of a table or a column\n",
			STR_FMT(names[i]));
		return -1;
	}
	return 0;
}

/* The rest of the URL may have a password in it. */
static int bind_db(void)
{
	if (db_bind_mod(&conf->url, &db) < 0) {
		LM_ERR("no database module for a db_url that begins with "
		       "'%.*s' is loaded before sipvpn\n",
			(int)strcspn(conf->url.s, ":"), conf->url.s);
		return -1;
	}
	if (!DB_CAPABILITY(db, DB_CAP_RAW_QUERY)) {
		LM_ERR("the database module of db_url has no raw queries\n");
		return -1;
	}
	return 0;
}

bool sipvpn_db_is_sqlite(void)
{
	return slice_starts(slice_of_str(&conf->url), SLICE("sqlite:"));
}

/*
 * SQLite does not wait for anybody unless it is told to: for who writes, nor
 * for who was the last to close it and puts it in order.
 */
db1_con_t *sipvpn_db_open(void)
{
	db1_con_t *con = db.init(&conf->url);

	if (!con)
		sipvpn_fault_begin(SIPVPN_FAULT_READ,
			"cannot open the database of db_url", NULL);
	else if (sipvpn_db_is_sqlite())
		(void)sipvpn_db_tell(
			con, "pragma busy_timeout = 2000"); /* ms */
	return con;
}

void sipvpn_db_close(db1_con_t *con)
{
	db.close(con);
}

const db_func_t *sipvpn_db_func(void)
{
	return &db;
}

static int check_tables(db1_con_t *con)
{
	if (db_check_table_version(
		    &db, con, &conf->group_table, SIPVPN_GROUP_VERSION) == 0 &&
		db_check_table_version(&db, con, &conf->member_table,
			SIPVPN_MEMBER_VERSION) == 0 &&
		db_check_table_version(
			&db, con, &conf->meta_table, SIPVPN_META_VERSION) == 0)
		return 0;
	LM_ERR("the database of db_url needs the tables %.*s, %.*s and %.*s, "
	       "with their rows in the table version: see cfg/schema\n",
		STR_FMT(&conf->group_table), STR_FMT(&conf->member_table),
		STR_FMT(&conf->meta_table));
	return -1;
}

int sipvpn_db_init(const struct sipvpn_db_conf *c)
{
	db1_con_t *con;
	int rc;

	conf = c;
	if (check_names() < 0 || bind_db() < 0)
		return -1;
	con = sipvpn_db_open();
	if (!con)
		return -1;
	rc = check_tables(con);
	sipvpn_db_close(con);
	return rc;
}
