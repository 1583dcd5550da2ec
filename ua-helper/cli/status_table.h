/* status_table.h - the daemon's status as two tables. */
#ifndef SIPVPN_CLI_STATUS_TABLE_H
#define SIPVPN_CLI_STATUS_TABLE_H

#include <jansson.h>
#include <stdbool.h>

/*
 * Accounts, then calls. Rates are those since before, which was ms earlier;
 * without it (NULL) the mean since the tunnel came up.
 */
void status_table_print(
	const json_t *status, const json_t *before, int ms, bool colour);

#endif
