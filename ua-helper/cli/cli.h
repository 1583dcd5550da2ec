/*
 * cli.h - the subcommands: what people and scripts type. They talk to the
 * daemon through its control socket.
 */
#ifndef SIPVPN_CLI_H
#define SIPVPN_CLI_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "core/exit_code.h"

#define CLI_CONFIG "/etc/sipvpn/sipvpn-ua.conf"
#define CLI_SOCKET "/run/sipvpn/control"

/* What options and arguments say; NULL where they say nothing. */
struct cli_options {
	char *config; /* never NULL */
	char *socket;
	char *account;
	char *group;
	char *log_file;
	int debug, background, json, watch, help; /* as GOption wants them */
	const char *word;                         /* USER, CALL or FILE */
};

/* An event as the control socket has it, which stays the caller's. */
typedef void cli_event_fn(void *arg, const json_t *event);

/* What only the daemon's side of the program can do; main.c knows it. */
struct cli_parts {
	enum exit_code (*daemon)(const struct cli_options *o);
	enum exit_code (*check_config)(const struct cli_options *o);
	/* The call, in this process, to its end. */
	enum exit_code (*call)(
		const struct cli_options *o, cli_event_fn *event, void *arg);
};

/* argv[1] is the name of a subcommand, or should be. */
enum exit_code cli_main(int argc, char **argv, const struct cli_parts *parts);
/* The list of them, for --help. */
void cli_list(FILE *out);

#endif
