/* standing.c - what the configuration file says, until somebody ends it. */
#include "daemon/standing.h"

#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>

#include "daemon/conf_read.h"
#include "daemon/daemon.h"
#include "daemon/ready.h"
#include "daemon/serve.h"

struct standing {
	const char *config;
	struct log *log;
	struct daemon *daemon;
	GMainLoop *loop;
	bool stopping;
};

static void on_event(void *arg, const struct daemon_event *ev)
{
	struct standing *s = arg;

	if (ev->type == DAEMON_STOPPED)
		g_main_loop_quit(s->loop);
}

static gboolean on_stop(gpointer arg)
{
	struct standing *s = arg;
	bool again = s->stopping;

	log_event(s->log,
		again ? "told to end once more: at once" : "told to end");
	s->stopping = true;
	ready_tell("STOPPING=1");
	daemon_stop(s->daemon);
	if (again) /* do not wait for the server any more */
		g_main_loop_quit(s->loop);
	return G_SOURCE_CONTINUE;
}

static gboolean on_reload(gpointer arg)
{
	struct standing *s = arg;
	GPtrArray *errors = g_ptr_array_new_with_free_func(g_free);
	struct conf *conf = s->stopping ? NULL : conf_read(s->config, errors);

	for (guint i = 0; i < errors->len; i++)
		log_fault(s->log, "%s", (char *)errors->pdata[i]);
	if (conf) {
		daemon_reload(s->daemon, conf);
		log_event(s->log, "%s: read again", s->config);
	} else if (!s->stopping) {
		log_fault(s->log, "%s: not taken, all stays as it was",
			s->config);
	}
	conf_unref(conf);
	g_ptr_array_unref(errors);
	return G_SOURCE_CONTINUE;
}

static enum exit_code run(struct standing *s, const struct conf *conf)
{
	static const struct {
		int number;
		GSourceFunc what;
	} signals[] = {
		{SIGTERM, on_stop}, {SIGINT, on_stop}, {SIGHUP, on_reload}};
	guint sources[G_N_ELEMENTS(signals)];
	GError *error = NULL;
	struct serve *serve;

	s->daemon = daemon_new(conf, s->log, DAEMON_STANDING);
	serve = serve_new(s->daemon, s->log, conf->control, &error);
	if (!serve) {
		log_fault(s->log, "%s", error->message);
		g_error_free(error);
		daemon_free(s->daemon);
		return EXIT_INTERNAL;
	}
	s->loop = g_main_loop_new(NULL, FALSE);
	daemon_watch(s->daemon, on_event, s);
	for (guint i = 0; i < G_N_ELEMENTS(signals); i++)
		sources[i] = g_unix_signal_add(
			signals[i].number, signals[i].what, s);
	(void)daemon_start(s->daemon);
	ready_tell("READY=1");
	g_main_loop_run(s->loop);
	for (guint i = 0; i < G_N_ELEMENTS(signals); i++)
		g_source_remove(sources[i]);
	serve_free(serve);
	daemon_free(s->daemon);
	g_main_loop_unref(s->loop);
	return EXIT_OK;
}

struct conf *standing_conf(const char *config)
{
	GPtrArray *errors = g_ptr_array_new_with_free_func(g_free);
	struct conf *conf = conf_read(config, errors);

	for (guint i = 0; i < errors->len; i++)
		(void)fprintf(
			stderr, "sipvpn-ua: %s\n", (char *)errors->pdata[i]);
	g_ptr_array_unref(errors);
	return conf;
}

static void replace(char **where, const char *text)
{
	if (!text)
		return;
	g_free(*where);
	*where = g_strdup(text);
}

static enum exit_code run_logged(struct standing *s, const struct conf *conf)
{
	GError *error = NULL;
	enum exit_code code = EXIT_OK;

	s->log = log_open(conf->log_file, conf->debug, &error);
	if (!s->log) {
		(void)fprintf(stderr, "sipvpn-ua: %s\n", error->message);
		g_error_free(error);
		return EXIT_INTERNAL;
	}
	code = run(s, conf);
	log_close(s->log);
	return code;
}

enum exit_code standing_run(const struct standing_wants *wants)
{
	struct standing s = {.config = wants->config};
	struct conf *conf = standing_conf(wants->config);
	enum exit_code code;

	if (!conf)
		return EXIT_USAGE;
	replace(&conf->control, wants->control);
	replace(&conf->log_file, wants->log_file);
	conf->debug = conf->debug || wants->debug;
	code = run_logged(&s, conf);
	conf_unref(conf);
	return code;
}

static const char *plural(guint n)
{
	return n == 1 ? "" : "s";
}

enum exit_code standing_check(const char *config)
{
	struct conf *conf = standing_conf(config);

	if (!conf)
		return EXIT_USAGE;
	(void)printf("%s: OK, %u account%s, %u peer%s\n", config,
		conf->accounts->len, plural(conf->accounts->len),
		conf->peers->len, plural(conf->peers->len));
	conf_unref(conf);
	return EXIT_OK;
}
