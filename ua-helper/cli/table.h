/* table.h - aligned columns, without blanks in them: for people and awk. */
#ifndef SIPVPN_CLI_TABLE_H
#define SIPVPN_CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define TABLE_COLUMNS 12

struct table;

/* names: of the columns, NULL at the end. The last one may have blanks. */
struct table *table_new(const char *const *names);
void table_free(struct table *t);
/* One cell for each column; copied. "" stands as "-". */
void table_row(struct table *t, const char *const cells[]);
/* colour: the cells of the column STATE. Nothing when there is no row. */
void table_print(const struct table *t, FILE *out, bool colour);

#endif
