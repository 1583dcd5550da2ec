/* main.c - sipvpn-ua: options, a log, and the work; nothing else. */
#include <stdio.h>

#include "daemon/once.h"

int main(int argc, char **argv)
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
	return (int)code;
}
