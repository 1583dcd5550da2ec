/* main.c - sipvpn-ua: a command, or the thesis's options; nothing else. */
#include <stdio.h>
#include <string.h>

#include "daemon/conf_read.h"
#include "daemon/once.h"
#include "daemon/standing.h"

static enum exit_code by_options(int argc, char **argv)
{
	gint64 began = g_get_monotonic_time();
	struct options options;
	enum options_verdict verdict = options_parse(argc, argv, &options);
	enum exit_code code = EXIT_USAGE;
	GError *error = NULL;
	struct log *log;

	if (verdict == OPTIONS_DONE)
		code = EXIT_OK;
	if (verdict != OPTIONS_RUN)
		goto out;
	log = log_open(options.log_file, options.debug, &error);
	if (!log) {
		(void)fprintf(stderr, "sipvpn-ua: %s\n", error->message);
		g_error_free(error);
		code = EXIT_INTERNAL;
		goto out;
	}
	code = once_run(&options, log, began);
	log_close(log);
out:
	options_clear(&options);
	return code;
}

/* daemon [--config FILE] */
static const char *config_of(int argc, char **argv)
{
	if (argc == 2)
		return CONF_FILE;
	if (argc == 4 && strcmp(argv[2], "--config") == 0)
		return argv[3];
	(void)fprintf(stderr,
		"sipvpn-ua: usage: sipvpn-ua %s [--config FILE]\n", argv[1]);
	return NULL;
}

int main(int argc, char **argv)
{
	const char *config;

	if (argc > 1 && strcmp(argv[1], "daemon") == 0) {
		config = config_of(argc, argv);
		return config ? (int)standing_run(config) : (int)EXIT_USAGE;
	}
	if (argc > 1 && strcmp(argv[1], "check-config") == 0 && argc <= 3)
		return (int)standing_check(argc == 3 ? argv[2] : CONF_FILE);
	return (int)by_options(argc, argv);
}
