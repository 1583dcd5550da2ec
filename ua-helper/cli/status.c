/* status.c - "sipvpn-ua status": once, or again whenever something changes. */
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/status_table.h"

/* Counters change all the time; nobody reads them faster. */
#define COUNTERS_MS 1000

enum id { ID_WATCH = 1, ID_STATUS = 2 };

static void print_json(const json_t *value)
{
	/* ASCII only: peers wrote parts of it */
	char *text = json_dumps(
		value, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_ENCODE_ANY);

	(void)printf("%s\n", text ? text : "null");
	(void)fflush(stdout);
	free(text);
}

static bool colourful(void)
{
	const char *no = g_getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && (!no || no[0] == '\0');
}

static enum exit_code once(const struct cli_options *o)
{
	json_t *answer = NULL;
	enum exit_code code =
		client_request(o->socket, "status", NULL, &answer);
	const json_t *status = json_object_get(answer, "status");

	if (code == EXIT_OK && o->json)
		print_json(status);
	else if (code == EXIT_OK)
		status_table_print(status, colourful());
	json_decref(answer);
	return code;
}

struct watch {
	struct client *client;
	const struct cli_options *o;
	bool asked; /* a status is on its way */
	bool again; /* and something has changed since */
	bool shown;
};

static void ask_status(struct watch *w)
{
	if (w->asked) {
		w->again = true;
		return;
	}
	w->asked = true;
	w->again = false;
	(void)client_ask(w->client, ID_STATUS, "status", NULL);
}

static void redraw(struct watch *w, const json_t *status)
{
	if (isatty(STDOUT_FILENO))
		(void)fputs("\033[H\033[2J", stdout); /* home, all cleared */
	else if (w->shown)
		(void)fputc('\n', stdout);
	status_table_print(status, colourful());
	(void)fflush(stdout);
	w->shown = true;
}

static enum exit_code take(struct watch *w, const json_t *object)
{
	const json_t *error = json_object_get(object, "error");
	const json_t *event = json_object_get(object, "event");
	const json_t *status = json_object_get(object, "status");

	if (error)
		return client_refused(error);
	if (status) {
		w->asked = false;
		if (w->o->json)
			print_json(status);
		else
			redraw(w, status);
		if (w->again && !w->o->json)
			ask_status(w);
	}
	if (event && w->o->json)
		print_json(event);
	else if (event)
		ask_status(w);
	return EXIT_OK;
}

static enum exit_code watch(const struct cli_options *o, struct client *client)
{
	struct watch w = {.client = client, .o = o};
	/* a pipe wants to know what happens, not how many bytes pass */
	int pause = isatty(STDOUT_FILENO) && !o->json ? COUNTERS_MS : -1;
	enum exit_code code = EXIT_OK;
	json_t *object = NULL;
	bool going = client_catch_signals(client);

	(void)client_ask(client, ID_WATCH, "watch", NULL);
	ask_status(&w);
	while (going && code == EXIT_OK) {
		switch (client_next(client, pause, &object)) {
		case CLIENT_LINE:
			code = take(&w, object);
			json_decref(object);
			break;
		case CLIENT_SIGNAL:
			going = false;
			break;
		case CLIENT_TIMEOUT:
			ask_status(&w);
			break;
		case CLIENT_GONE:
			code = client_lost();
			break;
		}
	}
	return code;
}

enum exit_code cli_status(
	const struct cli_options *o, const struct cli_parts *parts)
{
	struct client *client;
	enum exit_code code;
	bool absent;

	(void)parts;
	if (!o->watch)
		return once(o);
	client = client_open(o->socket, &absent);
	if (!client)
		return client_unusable(o->socket);
	code = watch(o, client);
	client_close(client);
	return code;
}
