/* main.c - sipvpn-ua: the thesis's options, or a subcommand; nothing else. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "daemon/conf_read.h"
#include "daemon/here.h"
#include "daemon/once.h"
#include "daemon/standing.h"

/* NULL: said why. */
static struct log *open_log(const char *file, bool details)
{
	GError *error = NULL;
	struct log *log = log_open(file, details, &error);

	if (!log) {
		(void)fprintf(stderr, "sipvpn-ua: %s\n", error->message);
		g_error_free(error);
	}
	return log;
}

static struct standing_wants wants(const struct cli_options *o)
{
	return (struct standing_wants){
		.config = o->config,
		.control = o->socket,
		.log_file = o->log_file,
		.debug = o->debug,
	};
}

static enum exit_code part_daemon(const struct cli_options *o)
{
	const struct standing_wants w = wants(o);

	return standing_run(&w);
}

static enum exit_code part_check(const struct cli_options *o)
{
	return standing_check(o->word ? o->word : o->config);
}

static enum exit_code part_call(
	const struct cli_options *o, cli_event_fn *event, void *arg)
{
	struct here what = {
		.account = o->account,
		.group = o->group,
		.peer = o->word,
		.began = g_get_monotonic_time(),
		.event = event,
		.arg = arg,
	};
	struct conf *conf = standing_conf(o->config);
	enum exit_code code = EXIT_USAGE;
	struct log *log = NULL;

	if (conf) {
		code = EXIT_INTERNAL;
		log = open_log(o->log_file, o->debug);
	}
	if (log) {
		log_quiet(log); /* the progress says it */
		code = here_call(conf, log, &what);
	}
	log_close(log);
	conf_unref(conf);
	return code;
}

static enum exit_code thesis(int argc, char **argv)
{
	gint64 began = g_get_monotonic_time();
	struct options options;
	enum options_verdict verdict = options_parse(argc, argv, &options);
	enum exit_code code = EXIT_USAGE;
	struct log *log;

	if (verdict == OPTIONS_DONE)
		code = EXIT_OK;
	if (verdict == OPTIONS_RUN) {
		log = open_log(options.log_file, options.debug);
		code = log ? once_run(&options, log, began) : EXIT_INTERNAL;
		log_close(log);
	}
	options_clear(&options);
	return code;
}

/*
 * Who starts us may have closed what everybody expects to be open; a socket
 * would get that number, and then what is meant for people.
 */
static bool have_standard_files(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			return false;
	return true;
}

/* A full disk is told, as what was to be read is not there. */
static enum exit_code said(enum exit_code code)
{
	if ((fflush(stdout) == 0 && !ferror(stdout)) || code != EXIT_OK)
		return code;
	(void)fprintf(stderr, "sipvpn-ua: standard output: %s\n",
		errno ? strerror(errno) : "not all of it was written");
	return EXIT_INTERNAL;
}

int main(int argc, char **argv)
{
	static const struct cli_parts parts = {
		.daemon = part_daemon,
		.check_config = part_check,
		.call = part_call,
	};

	if (!have_standard_files())
		return EXIT_INTERNAL;
	if (argc > 1 && argv[1][0] != '-')
		return (int)said(cli_main(argc, argv, &parts));
	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		cli_list(stdout);
		(void)fputs(
			"\nOr, for one account without a configuration:\n\n",
			stdout);
	}
	return (int)said(thesis(argc, argv));
}
