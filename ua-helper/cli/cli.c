/* cli.c - the table of subcommands, their options and their help. */
#include "cli/cli.h"

#include <glib.h>
#include <string.h>

#include "cli/commands.h"

static enum exit_code run_daemon(
	const struct cli_options *o, const struct cli_parts *parts)
{
	return parts->daemon(o);
}

static enum exit_code run_check(
	const struct cli_options *o, const struct cli_parts *parts)
{
	return parts->check_config(o);
}

enum word {
	WORD_NONE,
	WORD_MAY,
	WORD_MUST,
};

#define MAX_OPTIONS 11 /* with the end of the list */

static const struct command {
	const char *name;
	const char *options; /* the letters of those that it takes */
	const char *args;    /* for people */
	enum word word;
	const char *summary;
	cli_command_fn *run;
} commands[] = {
	{"daemon", "csfd", "", WORD_NONE,
		"register the configured accounts and keep their calls",
		run_daemon},
	{"call", "csagfdb", "USER", WORD_MUST,
		"call a user, show the progress, end the call on Ctrl-C",
		cli_call},
	{"hangup", "s", "CALL", WORD_MUST,
		"end a call, named by its number or by the peer", cli_hangup},
	{"hold", "s", "CALL", WORD_MUST,
		"take a call's tunnel down for now; the call goes on",
		cli_hold},
	{"resume", "s", "CALL", WORD_MUST,
		"have the tunnel of a call on hold again", cli_resume},
	{"status", "sjw", "", WORD_NONE, "show accounts and calls", cli_status},
	{"register", "sa", "", WORD_NONE, "register again, now", cli_register},
	{"check-config", "c", "[FILE]", WORD_MAY,
		"say what is wrong with a configuration, or that it is good",
		run_check},
	{"version", "s", "", WORD_NONE,
		"the version of this program and of the daemon", cli_version},
};

/* In the order of cli_options; the letters are those of the table above. */
static void all_options(struct cli_options *o, GOptionEntry out[MAX_OPTIONS])
{
	const GOptionEntry all[] = {
		{"config", 'c', 0, G_OPTION_ARG_FILENAME, &o->config,
			"the configuration (default: " CLI_CONFIG ")", "FILE"},
		{"socket", 's', 0, G_OPTION_ARG_FILENAME, &o->socket,
			"the daemon's control socket (default: " CLI_SOCKET ")",
			"PATH"},
		{"account", 'a', 0, G_OPTION_ARG_STRING, &o->account,
			"the account (default: the peer's or the first; of "
			"register: all)",
			"NAME"},
		{"group", 'g', 0, G_OPTION_ARG_STRING, &o->group,
			"name this VPN group, if not the configured one", "ID"},
		{"log-file", 'f', 0, G_OPTION_ARG_FILENAME, &o->log_file,
			"log to FILE as well", "FILE"},
		{"debug", 'd', 0, G_OPTION_ARG_NONE, &o->debug,
			"log details: SIP messages, OpenVPN's log", NULL},
		{"background", 'b', 0, G_OPTION_ARG_NONE, &o->background,
			"leave the call to the daemon once the tunnel is up",
			NULL},
		{"json", 'j', 0, G_OPTION_ARG_NONE, &o->json,
			"print JSON; with --watch, each event in a line", NULL},
		{"watch", 'w', 0, G_OPTION_ARG_NONE, &o->watch,
			"show it again whenever something changes", NULL},
		{"help", 'h', 0, G_OPTION_ARG_NONE, &o->help, "show this help",
			NULL},
		{NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL},
	};

	memcpy(out, all, sizeof(all));
}

static enum exit_code wrong(const struct command *c, const char *what)
{
	(void)fprintf(stderr,
		"sipvpn-ua %s: %s\nTry 'sipvpn-ua %s --help' for more.\n",
		c->name, what, c->name);
	return EXIT_USAGE;
}

static const char *const exit_help =
	"Exit status: 0 done, 1 fault of this machine, 2 wrong usage, 3 server "
	"not\nreachable, 4 user or password not accepted, 5 call refused or "
	"not answered,\n6 tunnel failed, 7 no daemon answers, or not to this "
	"user.";

static GOptionContext *context_of(
	const struct command *c, struct cli_options *o)
{
	GOptionContext *context = g_option_context_new(c->args);
	GOptionEntry all[MAX_OPTIONS];
	GOptionEntry own[MAX_OPTIONS] = {0};
	size_t n = 0;

	all_options(o, all);
	for (size_t i = 0; all[i].long_name; i++)
		if (all[i].short_name == 'h' ||
			strchr(c->options, all[i].short_name))
			own[n++] = all[i];
	/* GLib's own help has characters that not every terminal shows */
	g_option_context_set_help_enabled(context, FALSE);
	g_option_context_add_main_entries(context, own, NULL);
	g_option_context_set_summary(context, c->summary);
	g_option_context_set_description(context, exit_help);
	return context;
}

static void show_help(const struct command *c, GOptionContext *context)
{
	char *help = g_option_context_get_help(context, TRUE, NULL);
	const char *rest = strchr(help, '\n');

	/* its first two lines are the usage */
	rest = rest ? strchr(rest + 1, '\n') : NULL;
	(void)printf("Usage: sipvpn-ua %s [options]%s%s\n%s", c->name,
		c->args[0] ? " " : "", c->args, rest ? rest + 1 : help);
	g_free(help);
}

/* The one word behind the options, if the command takes one. */
static const char *wrong_words(const struct command *c, int argc)
{
	if (argc < 2 && c->word == WORD_MUST)
		return g_str_equal(c->args, "USER") ? "call whom?"
						    : "which call?";
	if (argc > 1 && c->word == WORD_NONE)
		return "takes no arguments";
	return argc > 2 ? "takes one argument" : NULL;
}

static enum exit_code run(const struct command *c, int argc, char **argv,
	const struct cli_parts *parts)
{
	struct cli_options o = {0};
	GOptionContext *context = context_of(c, &o);
	GError *error = NULL;
	enum exit_code code;
	char *name = g_strdup_printf("sipvpn-ua %s", c->name);
	const char *why = NULL;

	g_set_prgname(name);
	g_free(name);
	if (!g_option_context_parse(context, &argc, &argv, &error))
		why = error->message;
	else if (!o.help)
		why = wrong_words(c, argc);
	if (why) {
		code = wrong(c, why);
	} else if (o.help) {
		show_help(c, context);
		code = EXIT_OK;
	} else {
		o.word = argc > 1 ? argv[1] : NULL;
		if (!o.config)
			o.config = g_strdup(CLI_CONFIG);
		code = c->run(&o, parts);
	}
	g_clear_error(&error);
	g_option_context_free(context);
	g_free(o.config);
	g_free(o.socket);
	g_free(o.account);
	g_free(o.group);
	g_free(o.log_file);
	return code;
}

enum exit_code cli_main(int argc, char **argv, const struct cli_parts *parts)
{
	for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
		if (g_str_equal(commands[i].name, argv[1]))
			return run(&commands[i], argc - 1, argv + 1, parts);
	if (g_str_equal(argv[1], "help")) {
		cli_list(stdout);
		return EXIT_OK;
	}
	(void)fprintf(stderr, "sipvpn-ua: there is no command '%s'\n", argv[1]);
	cli_list(stderr);
	return EXIT_USAGE;
}

void cli_list(FILE *out)
{
	(void)fputs("Usage: sipvpn-ua COMMAND [options]   "
		    "(sipvpn-ua COMMAND --help has more)\n\n",
		out);
	for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
		(void)fprintf(out, "  %-12s %-7s %s\n", commands[i].name,
			commands[i].args, commands[i].summary);
}
