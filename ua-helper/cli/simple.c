/* simple.c - the commands that are one request and one answer. */
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/show.h"

/* A request about the calls that the word names. */
static enum exit_code about_call(const struct cli_options *o, const char *what)
{
	json_t *more = json_pack("{s:s}", "call", o->word);
	json_t *answer = NULL;
	enum exit_code code;

	if (!more) {
		(void)fputs("sipvpn-ua: this name is not UTF-8\n", stderr);
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
	return about_call(o, "hangup");
}

enum exit_code cli_hold(
	const struct cli_options *o, const struct cli_parts *parts)
{
	(void)parts;
	return about_call(o, "hold");
}

enum exit_code cli_resume(
	const struct cli_options *o, const struct cli_parts *parts)
{
	(void)parts;
	return about_call(o, "resume");
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
