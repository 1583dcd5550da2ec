/* status_table.c - the daemon's status as two tables. */
#include "cli/status_table.h"

#include <glib.h>

#include "cli/show.h"
#include "cli/table.h"

static json_int_t number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

/* "udp 192.0.2.1:5060" as the configuration writes it */
static const char *server(const json_t *account, char buf[SHOW_MAX])
{
	const char *text = show(account, "server", buf);

	if (text == buf)
		(void)g_strdelimit(buf, " ", ':');
	return text;
}

static void account_row(struct table *t, const json_t *a)
{
	char cells[6][SHOW_MAX];
	const json_t *expires = json_object_get(a, "expires");

	table_row(
		t, (const char *[]){show_word(a, "name", cells[0]),
			   show_word(a, "aor", cells[1]),
			   show_word(a, "state", cells[2]), server(a, cells[3]),
			   json_is_integer(expires)
				   ? show_seconds(json_integer_value(expires),
					     cells[4])
				   : "-",
			   show(a, "error", cells[5])});
}

/* Both ways together. */
static const char *rate(const json_t *call, char buf[SHOW_MAX])
{
	if (!json_is_integer(json_object_get(call, "rx_rate")))
		return "-";
	return show_bytes(
		number(call, "rx_rate") + number(call, "tx_rate"), buf);
}

static const char *bytes(
	const json_t *call, const char *key, char buf[SHOW_MAX])
{
	if (!json_is_integer(json_object_get(call, key)))
		return "-";
	return show_bytes(number(call, key), buf);
}

static void call_row(struct table *t, const json_t *c)
{
	char cells[12][SHOW_MAX];

	table_row(t, (const char *[]){show_word(c, "id", cells[0]),
			     show_word(c, "direction", cells[1]),
			     show_word(c, "peer", cells[2]),
			     show_word(c, "state", cells[3]),
			     show_seconds(number(c, "seconds"), cells[4]),
			     show_word(c, "device", cells[5]),
			     show_word(c, "local", cells[6]),
			     show_word(c, "remote", cells[7]),
			     show_word(c, "endpoint", cells[8]),
			     bytes(c, "rx", cells[9]),
			     bytes(c, "tx", cells[10]), rate(c, cells[11])});
}

void status_table_print(const json_t *status, bool colour)
{
	struct table *accounts = table_new((const char *[]){"ACCOUNT",
		"ADDRESS", "STATE", "SERVER", "EXPIRES", "NOTE", NULL});
	struct table *calls = table_new((const char *[]){"CALL", "DIR", "PEER",
		"STATE", "SINCE", "DEVICE", "LOCAL", "REMOTE", "ENDPOINT", "RX",
		"TX", "RATE", NULL});
	const json_t *list = json_object_get(status, "accounts");

	for (size_t i = 0; i < json_array_size(list); i++)
		account_row(accounts, json_array_get(list, i));
	list = json_object_get(status, "calls");
	for (size_t i = 0; i < json_array_size(list); i++)
		call_row(calls, json_array_get(list, i));
	table_print(accounts, stdout, colour);
	(void)fputc('\n', stdout);
	table_print(calls, stdout, colour);
	if (json_array_size(list) == 0)
		(void)fputs("no calls\n", stdout);
	table_free(accounts);
	table_free(calls);
}
