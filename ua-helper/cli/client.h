/* client.h - the client's end of the control socket. Blocks; no loop. */
#ifndef SIPVPN_CLI_CLIENT_H
#define SIPVPN_CLI_CLIENT_H

#include "cli/cli.h"

struct client;

/*
 * Connect to the daemon at path. NULL: there is none, *absent, or it cannot
 * be used; client_unusable() says so.
 */
struct client *client_open(const char *path, bool *absent);
void client_close(struct client *c);

/* Say on standard error why client_open() has just failed. Sets no errno. */
enum exit_code client_unusable(const char *path);

/* From now on SIGINT, SIGTERM and SIGHUP are news of client_next(). */
bool client_catch_signals(struct client *c);

/*
 * Send {"v": 1, "id": id, "do": what} with the members of more, which is
 * taken over and may be NULL. false: the daemon has gone.
 */
bool client_ask(
	struct client *c, json_int_t id, const char *what, json_t *more);

enum client_news {
	CLIENT_LINE, /* *out is an object of the daemon's: decref it */
	CLIENT_SIGNAL,
	CLIENT_TIMEOUT,
	CLIENT_GONE, /* or it speaks something else */
};

/* timeout_ms below 0: none. */
enum client_news client_next(struct client *c, int timeout_ms, json_t **out);

/*
 * Ask and wait for the answer: 0 with *answer, or what the command is to end
 * with, said on standard error. A path of NULL is the usual one.
 */
enum exit_code client_request(
	const char *path, const char *what, json_t *more, json_t **answer);

/* Text of an answer's error on standard error; the code to end with. */
enum exit_code client_refused(const json_t *error);
enum exit_code client_lost(void);

/* The id that this object answers, or 0. */
json_int_t client_id(const json_t *object);

#endif
