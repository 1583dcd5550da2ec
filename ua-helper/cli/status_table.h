/* status_table.h - the daemon's status as two tables. */
#ifndef SIPVPN_CLI_STATUS_TABLE_H
#define SIPVPN_CLI_STATUS_TABLE_H

#include <jansson.h>
#include <stdbool.h>

/* Accounts, then calls, on standard output. */
void status_table_print(const json_t *status, bool colour);

#endif
