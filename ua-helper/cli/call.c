/* call.c - "sipvpn-ua call": by the daemon, or without one by ourselves. */
#include <glib.h>
#include <string.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/progress.h"

/* After Ctrl-C; the daemon has its own, shorter, patience with the peer. */
#define HANGUP_MS 10000

enum id { ID_CALL = 1, ID_HANGUP = 2 };

struct talk {
	struct client *client;
	const struct cli_options *o;
	struct progress progress;
	char *call; /* its id at the daemon; NULL: not heard yet */
	bool hanging_up;
	bool done;
	enum exit_code code;
};

static void add(json_t *object, const char *key, const char *value)
{
	/* what is not UTF-8 is left out; of the user the daemon says so */
	if (value)
		(void)json_object_set_new(object, key, json_string(value));
}

static bool ask_call(struct talk *t)
{
	json_t *more = json_object();

	add(more, "user", t->o->word);
	add(more, "account", t->o->account);
	add(more, "group", t->o->group);
	if (t->o->background)
		(void)json_object_set_new(more, "background", json_true());
	return client_ask(t->client, ID_CALL, "call", more);
}

static void hang_up(struct talk *t)
{
	json_t *more = json_object();

	add(more, "call", t->call);
	t->hanging_up = true;
	if (!client_ask(t->client, ID_HANGUP, "hangup", more))
		t->done = true;
}

static void finish(struct talk *t, enum exit_code code)
{
	t->done = true;
	t->code = code;
}

static void left_to_the_daemon(struct talk *t)
{
	(void)printf("the daemon keeps the call: 'sipvpn-ua hangup %s' ends "
		     "it\n",
		t->call);
	finish(t, EXIT_OK);
}

static void take(struct talk *t, const json_t *object)
{
	const json_t *error = json_object_get(object, "error");
	const json_t *event = json_object_get(object, "event");
	const char *call = json_string_value(json_object_get(object, "call"));

	if (error && client_id(object) == ID_HANGUP)
		return; /* it was over just then: its last event says so */
	if (error)
		finish(t, client_refused(error));
	if (event)
		progress_show(&t->progress, event);
	if (call && !t->call) {
		t->call = g_strdup(call);
		if (t->hanging_up)
			hang_up(t);
	}
	if (t->progress.over)
		finish(t, t->progress.code);
	else if (t->progress.up && t->o->background && !t->hanging_up &&
		 t->call)
		left_to_the_daemon(t);
}

/* Ctrl-C: end the call properly; a second one: leave at once. */
static void interrupted(struct talk *t)
{
	if (t->hanging_up) {
		finish(t, EXIT_OK);
		return;
	}
	t->hanging_up = true;
	if (t->call)
		hang_up(t);
}

static enum exit_code talk_to_daemon(
	struct client *client, const struct cli_options *o)
{
	struct talk t = {.client = client, .o = o, .code = EXIT_INTERNAL};
	json_t *object = NULL;

	if (!client_catch_signals(client)) {
		(void)fputs("sipvpn-ua: signals cannot be caught\n", stderr);
		return EXIT_INTERNAL;
	}
	(void)ask_call(&t);
	while (!t.done) {
		switch (client_next(
			client, t.hanging_up ? HANGUP_MS : -1, &object)) {
		case CLIENT_LINE:
			take(&t, object);
			json_decref(object);
			break;
		case CLIENT_SIGNAL:
			interrupted(&t);
			break;
		case CLIENT_TIMEOUT:
			finish(&t, EXIT_OK);
			break;
		case CLIENT_GONE:
			finish(&t, client_lost());
			break;
		}
	}
	g_free(t.call);
	return t.code;
}

static void on_event(void *arg, const json_t *event)
{
	progress_show(arg, event);
}

enum exit_code cli_call(
	const struct cli_options *o, const struct cli_parts *parts)
{
	struct progress progress = {0};
	enum exit_code code;
	bool absent;
	struct client *client = client_open(o->socket, &absent);

	if (client) {
		code = talk_to_daemon(client, o);
		client_close(client);
		return code;
	}
	/* whoever names a socket means that daemon */
	if (!absent || o->background || o->socket)
		return client_unusable(o->socket);
	if (g_file_test(o->config, G_FILE_TEST_EXISTS))
		return parts->call(o, on_event, &progress);
	(void)fprintf(stderr,
		"sipvpn-ua: no daemon listens at %s, and there is no %s to "
		"call without one\n",
		CLI_SOCKET, o->config);
	return EXIT_USAGE;
}
