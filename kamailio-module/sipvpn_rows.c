/*
 * sipvpn_rows.c - rows that cannot be used: remembered, then logged in one
 * line.
 */
#include "sipvpn_rows.h"

#include <stdio.h>

#include "core/dprint.h"

#define MAX_ROW_TEXT 96   /* bytes of one row in that line */
#define MAX_WHERE_TEXT 40 /* bytes of a table's name there */

bool sipvpn_rows_note(struct sipvpn_load *load, struct slice where, int64_t id,
	enum sipvpn_row result)
{
	struct sipvpn_bad_rows *bad = &load->bad;

	if (result == SIPVPN_ROW_OK)
		return true;
	if (result == SIPVPN_ROW_NO_MEMORY) {
		LM_ERR("out of shared memory: start Kamailio with a larger "
		       "-m\n");
		return false;
	}
	if (bad->n < SIPVPN_MAX_NAMED) {
		bad->named[bad->n].where = where;
		bad->named[bad->n].id = id;
		bad->named[bad->n].why = result;
	}
	bad->n++;
	return true;
}

void sipvpn_rows_log(const struct sipvpn_bad_rows *bad, const char *consequence)
{
	char text[SIPVPN_MAX_NAMED * MAX_ROW_TEXT];
	size_t len = 0;

	text[0] = '\0';
	for (uint32_t i = 0; i < bad->n && i < SIPVPN_MAX_NAMED; i++) {
		struct slice where = bad->named[i].where;
		int n;

		if (where.len > MAX_WHERE_TEXT)
			where.len = MAX_WHERE_TEXT;
		n = snprintf(text + len, sizeof(text) - len, "%s%.*s %lld: %s",
			i ? ", " : "", SLICE_ARG(where),
			(long long)bad->named[i].id,
			sipvpn_row_text(bad->named[i].why));
		if (n < 0 || (size_t)n >= sizeof(text) - len)
			break;
		len += (size_t)n;
	}
	LM_ERR("%u bad rows, %s (%s%s)\n", bad->n, consequence, text,
		bad->n > SIPVPN_MAX_NAMED ? ", ..." : "");
}
