/* simple.c - the commands that are one request and one answer. */
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/show.h"

static enum exit_code ask(const struct cli_options *o, const char *what,
	const char *key, const char *value)
{
	json_t *more = value ? json_pack("{s:s}", key, value) : json_object();
	json_t *answer = NULL;
	enum exit_code code;

	if (!more) {
		(void)fprintf(stderr, "sipvpn-ua: '%s' is not UTF-8\n", value);
		return EXIT_USAGE;
	}
	code = client_request(o->socket, what, more, &answer);
	json_decref(answer);
	return code;
}

enum exit_code cli_hangup(
	const struct cli_options *o, const struct cli_parts *parts)
{
	(void)parts;
	return ask(o, "hangup", "call", o->word);
}

enum exit_code cli_register(
	const struct cli_options *o, const struct cli_parts *parts)
{
	(void)parts;
	return ask(o, "register", "account", o->account);
}

enum exit_code cli_version(
	const struct cli_options *o, const struct cli_parts *parts)
{
	json_t *answer = NULL;
	struct client *client;
	bool absent;
	char text[SHOW_MAX];
	enum exit_code code = EXIT_OK;

	(void)parts;
	(void)printf("sipvpn-ua %s\n", SIPVPN_VERSION);
	client = client_open(o->socket, &absent);
	if (!client && absent && !o->socket)
		return EXIT_OK; /* no daemon has no version */
	client_close(client);
	code = client_request(o->socket, "version", NULL, &answer);
	if (code == EXIT_OK)
		(void)printf("daemon %s\n", show(answer, "version", text));
	json_decref(answer);
	return code;
}
