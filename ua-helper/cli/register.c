/* register.c - "sipvpn-ua register": now, and what came of it. */
#include <string.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/show.h"

/* A REGISTER is given up after 32 s (RFC 3261 section 17.1.2.2, timer F). */
#define ANSWER_MS 35000

enum id { ID_STATUS = 1, ID_WATCH = 2, ID_REGISTER = 3 };

struct registering {
	const struct cli_options *o;
	size_t waits; /* accounts not heard of yet */
	enum exit_code code;
};

/* One account; false: it is not through. */
static bool told(struct registering *r, const json_t *account)
{
	const char *name = json_string_value(json_object_get(account, "name"));
	char state[SHOW_MAX];
	char aor[SHOW_MAX];
	char more[SHOW_MAX];
	const char *word;
	enum exit_code code;

	if (!name || (r->o->account && strcmp(r->o->account, name) != 0))
		return false;
	word = show(account, "state", state);
	if (strcmp(word, "registered") == 0) {
		(void)printf("registered %s at %s\n", show(account, "aor", aor),
			show(account, "server", more));
		return true;
	}
	if (strcmp(word, "failed") == 0)
		code = EXIT_AUTH;
	else if (strcmp(word, "waiting") == 0)
		code = EXIT_UNREACHABLE;
	else
		return false;
	(void)fprintf(stderr, "sipvpn-ua: %s is not registered: %s\n",
		show(account, "aor", aor), show(account, "error", more));
	if (r->code == EXIT_OK)
		r->code = code;
	return true;
}

/* One line of the daemon's; false: no more is needed. */
static bool take(struct registering *r, const json_t *object)
{
	const json_t *error = json_object_get(object, "error");
	const json_t *status = json_object_get(object, "status");
	const json_t *event = json_object_get(object, "event");
	const json_t *account = json_object_get(event, "account");

	if (error) {
		r->code = client_refused(error);
		return false;
	}
	if (status)
		r->waits = r->o->account ? 1
					 : json_array_size(json_object_get(
						   status, "accounts"));
	if (account && r->waits > 0 && told(r, account))
		r->waits--;
	/* the status comes first: from then on it is known how many there are
	 */
	return !status && !event ? true : r->waits > 0;
}

static void ask(struct client *client, const struct cli_options *o)
{
	json_t *more = json_object();

	if (o->account)
		(void)json_object_set_new(
			more, "account", json_string(o->account));
	(void)client_ask(client, ID_STATUS, "status", NULL);
	(void)client_ask(client, ID_WATCH, "watch", NULL);
	(void)client_ask(client, ID_REGISTER, "register", more);
}

enum exit_code cli_register(
	const struct cli_options *o, const struct cli_parts *parts)
{
	struct registering r = {.o = o};
	json_t *object = NULL;
	bool absent;
	bool going = true;
	struct client *client = client_open(o->socket, &absent);

	(void)parts;
	if (!client)
		return client_unusable(o->socket);
	ask(client, o);
	while (going) {
		switch (client_next(client, ANSWER_MS, &object)) {
		case CLIENT_LINE:
			going = take(&r, object);
			json_decref(object);
			break;
		case CLIENT_TIMEOUT:
			(void)fputs("sipvpn-ua: no answer from the SIP server "
				    "yet\n",
				stderr);
			r.code = EXIT_UNREACHABLE;
			going = false;
			break;
		case CLIENT_SIGNAL:
		case CLIENT_GONE:
			r.code = client_lost();
			going = false;
			break;
		}
	}
	client_close(client);
	return r.code;
}
