/*
 * sipvpn_db.c - load the membership through Kamailio's database API.
 *
 * All or nothing. Rows come in pages of limited size, since Kamailio builds a
 * whole result in private memory, and no private heap may grow by a million
 * members. The connection lives no longer than the load.
 */
#include "sipvpn_db.h"

#include <stdio.h>

#include "core/dprint.h"
#include "core/timer.h"
#include "lib/srdb1/db.h"

#include "kam_slice.h"

#define PAGE 2000      /* rows; about 1 MB of the 8 MB Kamailio starts with */
#define MAX_QUERY 1024 /* bytes; eight names of MAX_IDENTIFIER fit */
#define MAX_IDENTIFIER 63 /* PostgreSQL's limit, the lowest */
#define MAX_COLUMNS 4
#define MAX_NAMED 8 /* bad rows named in the log; the rest is counted */

struct bad_rows {
	uint32_t n;
	struct {
		char table; /* 'g' or 'm' */
		int64_t id;
		enum sipvpn_row why;
	} named[MAX_NAMED];
};

struct load {
	struct sipvpn_snapshot *snapshot;
	struct bad_rows bad;
};

/* One table: how to page through it and what to do with a row. */
struct source {
	char kind;
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

static bool value_int(const db_val_t *v, int64_t *out)
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

/* NULL and what is no text are empty. */
static struct slice value_text(const db_val_t *v)
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
	int64_t id;

	if (!value_int(&row[0], &id) || id <= 0 || id > UINT32_MAX)
		return SIPVPN_ROW_BAD_ID;
	return sipvpn_snapshot_add_group(s, (uint32_t)id, value_text(&row[1]));
}

static enum sipvpn_row add_member(struct sipvpn_snapshot *s, db_val_t *row)
{
	struct sipvpn_aor who = {value_text(&row[2]), value_text(&row[3])};
	int64_t group;

	if (!value_int(&row[1], &group) || group <= 0 || group > UINT32_MAX)
		return SIPVPN_ROW_NO_GROUP;
	return sipvpn_snapshot_add_member(s, (uint32_t)group, &who);
}

static void note_bad(
	struct bad_rows *bad, char table, int64_t id, enum sipvpn_row why)
{
	if (bad->n < MAX_NAMED) {
		bad->named[bad->n].table = table;
		bad->named[bad->n].id = id;
		bad->named[bad->n].why = why;
	}
	bad->n++;
}

/* One line for all of them. */
static void log_bad(const struct bad_rows *bad, const char *consequence)
{
	char text[MAX_NAMED * 96];
	size_t len = 0;

	text[0] = '\0';
	for (uint32_t i = 0; i < bad->n && i < MAX_NAMED; i++) {
		const str *table = bad->named[i].table == 'g'
					   ? &conf->group_table
					   : &conf->member_table;
		int n = snprintf(text + len, sizeof(text) - len,
			"%s%.*s %lld: %s", i ? ", " : "",
			table->len > 40 ? 40 : table->len, table->s,
			(long long)bad->named[i].id,
			sipvpn_row_text(bad->named[i].why));

		if (n < 0 || (size_t)n >= sizeof(text) - len)
			break;
		len += (size_t)n;
	}
	LM_ERR("%u bad rows, %s (%s%s)\n", bad->n, consequence, text,
		bad->n > MAX_NAMED ? ", ..." : "");
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
static bool load_rows(struct load *load, const struct source *src,
	db1_res_t *res, int64_t *last)
{
	for (int i = 0; i < RES_ROW_N(res); i++) {
		db_val_t *row = ROW_VALUES(&RES_ROWS(res)[i]);
		enum sipvpn_row result;
		int64_t id;

		/* Without a key that rises there is no next page. */
		if (!value_int(&row[0], &id) || id <= *last) {
			LM_ERR("column %.*s of %.*s is not a rising number\n",
				STR_FMT(src->columns[0]), STR_FMT(src->table));
			return false;
		}
		*last = id;
		result = src->add(load->snapshot, row);
		if (result == SIPVPN_ROW_NO_MEMORY) {
			LM_ERR("out of shared memory: start Kamailio with a "
			       "larger -m\n");
			return false;
		}
		if (result != SIPVPN_ROW_OK)
			note_bad(&load->bad, src->kind, id, result);
	}
	return true;
}

static bool load_page(db1_con_t *con, struct load *load,
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
		LM_ERR("cannot read the table %.*s\n", STR_FMT(src->table));
		return false;
	}
	*rows = RES_ROW_N(res);
	if (*rows == 0 || RES_COL_N(res) == src->n_columns)
		ok = load_rows(load, src, res, last);
	db.free_result(con, res);
	return ok;
}

static bool load_source(
	db1_con_t *con, struct load *load, const struct source *src)
{
	int64_t last = 0;
	int rows;

	do {
		if (!load_page(con, load, src, &last, &rows))
			return false;
	} while (rows == PAGE);
	return true;
}

static bool load_tables(db1_con_t *con, struct load *load)
{
	const struct source groups = {'g', &conf->group_table,
		{&conf->group_id_col, &conf->group_name_col}, 2, add_group};
	const struct source members = {'m', &conf->member_table,
		{&conf->member_id_col, &conf->member_group_col,
			&conf->member_user_col, &conf->member_domain_col},
		4, add_member};

	return load_source(con, load, &groups) &&
	       load_source(con, load, &members) &&
	       sipvpn_snapshot_seal(load->snapshot);
}

/* The writer's lock is ours. first: there is no membership in force yet. */
static bool load_and_publish(
	db1_con_t *con, bool first, struct sipvpn_report *report)
{
	struct load load = {.snapshot = sipvpn_table_new_snapshot()};

	if (!load.snapshot)
		return false;
	if (!load_tables(con, &load))
		goto drop;
	if (load.bad.n > 0) {
		log_bad(&load.bad,
			first ? "left out" : "the old membership stays");
		if (!first)
			goto drop;
	}
	report->groups = sipvpn_snapshot_groups(load.snapshot);
	report->members = sipvpn_snapshot_members(load.snapshot);
	report->bad_rows = load.bad.n;
	if (!sipvpn_table_publish(load.snapshot))
		goto drop;
	LM_INFO("%u groups, %u members loaded\n", report->groups,
		report->members);
	return true;
drop:
	sipvpn_snapshot_free(load.snapshot);
	return false;
}

static int check_conf(void)
{
	const str *names[] = {&conf->group_table, &conf->group_id_col,
		&conf->group_name_col, &conf->member_table,
		&conf->member_id_col, &conf->member_group_col,
		&conf->member_user_col, &conf->member_domain_col};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (is_identifier(names[i]))
			continue;
		LM_ERR("'%.*s' is no name of a table or a column\n",
			STR_FMT(names[i]));
		return -1;
	}
	if (conf->url.len == 0) {
		LM_ERR("the parameter db_url is not set\n");
		return -1;
	}
	return 0;
}

static int bind_db(void)
{
	if (db_bind_mod(&conf->url, &db) < 0) {
		LM_ERR("no database module for db_url is loaded\n");
		return -1;
	}
	if (!DB_CAPABILITY(db, DB_CAP_RAW_QUERY)) {
		LM_ERR("the database module of db_url has no raw queries\n");
		return -1;
	}
	return 0;
}

int sipvpn_db_init(const struct sipvpn_db_conf *c)
{
	struct sipvpn_report report;
	db1_con_t *con;
	int rc = -1;

	conf = c;
	if (check_conf() < 0 || bind_db() < 0)
		return -1;
	con = db.init(&conf->url);
	if (!con) {
		LM_ERR("cannot open the database of db_url\n");
		return -1;
	}
	if (db_check_table_version(
		    &db, con, &conf->group_table, SIPVPN_GROUP_VERSION) < 0 ||
		db_check_table_version(&db, con, &conf->member_table,
			SIPVPN_MEMBER_VERSION) < 0)
		goto out;
	if (load_and_publish(con, true, &report))
		rc = 0;
out:
	db.close(con);
	return rc;
}

/* 0 when a reload may begin; else the seconds to wait. */
static unsigned int too_early(void)
{
	unsigned int last = *sipvpn_table_last_reload();
	unsigned int delta = (unsigned int)conf->reload_delta;
	unsigned int since = get_ticks() - last;

	if (conf->reload_delta <= 0 || last == 0 || since >= delta)
		return 0;
	return delta - since;
}

enum sipvpn_reload sipvpn_db_reload(struct sipvpn_report *report)
{
	enum sipvpn_reload result = SIPVPN_RELOAD_FAILED;
	db1_con_t *con = NULL;

	*report = (struct sipvpn_report){0};
	if (!sipvpn_table_begin())
		return SIPVPN_RELOAD_BUSY;
	report->wait = too_early();
	if (report->wait > 0) {
		result = SIPVPN_RELOAD_EARLY;
		goto out;
	}
	/* 0 means "never", and a second more does not matter. */
	*sipvpn_table_last_reload() = get_ticks() ? get_ticks() : 1;
	con = db.init(&conf->url);
	if (!con) {
		LM_ERR("cannot open the database of db_url\n");
		goto out;
	}
	if (load_and_publish(con, !sipvpn_table_ready(), report))
		result = SIPVPN_RELOADED;
out:
	if (con)
		db.close(con);
	sipvpn_table_end();
	return result;
}
