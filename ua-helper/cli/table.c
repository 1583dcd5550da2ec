/* table.c - aligned columns. */
#include "cli/table.h"

#include <glib.h>
#include <string.h>

struct table {
	GPtrArray *rows; /* char **, the first one holds the names */
	guint columns;
};

struct table *table_new(const char *const *names)
{
	struct table *t = g_new0(struct table, 1);

	while (names[t->columns])
		t->columns++;
	g_assert(t->columns <= TABLE_COLUMNS);
	t->rows = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
	table_row(t, names);
	return t;
}

void table_free(struct table *t)
{
	g_ptr_array_unref(t->rows);
	g_free(t);
}

void table_row(struct table *t, const char *const cells[])
{
	char **row = g_new0(char *, t->columns + 1);

	for (guint i = 0; i < t->columns; i++)
		row[i] = g_strdup(cells[i][0] ? cells[i] : "-");
	g_ptr_array_add(t->rows, row);
}

static size_t width_of(const struct table *t, guint column)
{
	size_t width = 0;

	for (guint i = 0; i < t->rows->len; i++) {
		char **row = t->rows->pdata[i];

		width = MAX(width, strlen(row[column]));
	}
	return width;
}

/* Green is what is as it should be. */
static const char *colour_of(const char *cell)
{
	if (g_str_equal(cell, "up") || g_str_equal(cell, "registered"))
		return "\033[32m";
	return "\033[33m";
}

void table_print(const struct table *t, FILE *out, bool colour)
{
	char **names = t->rows->pdata[0];
	size_t widths[TABLE_COLUMNS];

	for (guint i = 0; i < t->columns; i++)
		widths[i] = width_of(t, i);
	for (guint r = 0; t->rows->len > 1 && r < t->rows->len; r++) {
		char **row = t->rows->pdata[r];

		for (guint i = 0; i < t->columns; i++) {
			bool last = i + 1 == t->columns;
			int pad = last ? 0
				       : (int)(widths[i] - strlen(row[i])) + 2;
			bool tint = colour && r > 0 &&
				    g_str_equal(names[i], "STATE");

			(void)fprintf(out, "%s%s%s%*s%s",
				tint ? colour_of(row[i]) : "", row[i],
				tint ? "\033[0m" : "", pad, "",
				last ? "\n" : "");
		}
	}
}
