/*
 * sipvpn_rows.h - rows that cannot be used: remembered, then logged in one
 * line.
 */
#ifndef SIPVPN_ROWS_H
#define SIPVPN_ROWS_H

#include "sipvpn_snapshot.h"

#define SIPVPN_MAX_NAMED 8 /* rows named in the log; the rest is counted */

struct sipvpn_bad_rows {
	uint32_t n;
	struct {
		struct slice where; /* a table, or "line" */
		int64_t id;
		enum sipvpn_row why;
	} named[SIPVPN_MAX_NAMED];
};

/* A membership being loaded. */
struct sipvpn_load {
	struct sipvpn_snapshot *snapshot;
	struct sipvpn_bad_rows bad;
};

/*
 * What became of a row. where must stay until the log. False when the load
 * cannot go on for lack of memory, which is logged.
 */
bool sipvpn_rows_note(struct sipvpn_load *load, struct slice where, int64_t id,
	enum sipvpn_row result);
/* consequence: what is done about them. */
void sipvpn_rows_log(
	const struct sipvpn_bad_rows *bad, const char *consequence);

#endif
