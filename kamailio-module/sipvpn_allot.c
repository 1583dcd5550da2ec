/*
 * sipvpn_allot.c - the lowest free address of a group's subnet.
 */
#include "sipvpn_allot.h"

#include <stdio.h>

#include "core/dprint.h"

#include "kam_slice.h"
#include "sipvpn_fault.h"
#include "sipvpn_store.h"

#define PAGE 2000     /* rows; see sipvpn_db.c */
#define MAX_QUERY 512 /* bytes; six names of a table or a column fit */

/* What is looked through. */
struct look {
	const struct sipvpn_db_conf *conf;
	const struct sipvpn_allot_group *group;
	const struct sipvpn_subnet *net;
	const str *column;
};

/* One page of a group's addresses into the window. -1, or rows seen. */
static int take_page(db1_con_t *con, const struct look *l, int64_t *last,
	struct sipvpn_window *w)
{
	const struct sipvpn_db_conf *conf = l->conf;
	char query[MAX_QUERY];
	db1_res_t *res;
	int rows = -1;

	(void)snprintf(query, sizeof(query),
		"select %.*s, %.*s from %.*s where %.*s = %lld and %.*s > %lld "
		"order by %.*s limit %d",
		STR_FMT(&conf->member_id_col), STR_FMT(l->column),
		STR_FMT(&conf->member_table), STR_FMT(&conf->member_group_col),
		(long long)l->group->id, STR_FMT(&conf->member_id_col),
		(long long)*last, STR_FMT(&conf->member_id_col), PAGE);
	if (!sipvpn_db_ask(con, query, &res) || !res) {
		sipvpn_fault_begin(SIPVPN_FAULT_READ, "cannot read the table ",
			&conf->member_table);
		return -1;
	}
	for (int i = 0; i < RES_ROW_N(res); i++) {
		db_val_t *row = ROW_VALUES(&RES_ROWS(res)[i]);
		struct vpnsdp_addr addr;
		uint32_t n;

		if (!sipvpn_db_int(&row[0], last))
			goto out;
		if (vpnsdp_addr_parse(sipvpn_db_text(&row[1]), &addr) &&
			sipvpn_subnet_number(l->net, &addr, &n))
			sipvpn_window_take(w, n);
	}
	rows = RES_ROW_N(res);
out:
	sipvpn_db_func()->free_result(con, res);
	return rows;
}

static void take_held(const struct look *l, struct sipvpn_window *w)
{
	struct sipvpn_calls *calls = sipvpn_store_take();

	if (!calls)
		return;
	sipvpn_calls_hold(calls, l->group->name, l->net, w);
	sipvpn_store_give();
}

/* False: the database has failed. */
static bool fill(db1_con_t *con, const struct look *l, struct sipvpn_window *w)
{
	int64_t last = 0;
	int rows;

	do {
		rows = take_page(con, l, &last, w);
	} while (rows == PAGE);
	take_held(l, w);
	return rows >= 0;
}

enum sipvpn_allotted sipvpn_allot(db1_con_t *con,
	const struct sipvpn_db_conf *conf,
	const struct sipvpn_allot_group *group, const struct sipvpn_subnet *net,
	struct vpnsdp_addr *out)
{
	static struct sipvpn_window window; /* too large for the stack */
	struct look l = {conf, group, net,
		net->base.family == 4 ? &conf->member_addr4_col
				      : &conf->member_addr6_col};
	uint32_t n = 0;

	*out = (struct vpnsdp_addr){.family = 0};
	if (net->base.family == 0)
		return SIPVPN_ALLOTTED;
	for (uint32_t first = 0;; first += SIPVPN_WINDOW) {
		if (!sipvpn_subnet_nth(net, first, out))
			return SIPVPN_ALLOT_FULL;
		sipvpn_window_begin(&window, first);
		if (!fill(con, &l, &window))
			return SIPVPN_ALLOT_FAILED;
		if (sipvpn_window_lowest(&window, &n))
			break;
	}
	return sipvpn_subnet_nth(net, n, out) ? SIPVPN_ALLOTTED
					      : SIPVPN_ALLOT_FULL;
}
