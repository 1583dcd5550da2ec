/* once.c - one account; one call, or waiting. */
#include "daemon/once.h"

#include <glib-unix.h>
#include <signal.h>

#include "daemon/daemon.h"

struct once {
	const struct options *options;
	struct log *log;
	struct daemon *daemon;
	GMainLoop *loop;
	bool stopping;
	enum exit_code result;
};

static void stop(struct once *o)
{
	o->stopping = true;
	daemon_stop(o->daemon);
}

static gboolean stop_soon(gpointer arg)
{
	stop(arg);
	return G_SOURCE_REMOVE;
}

static void waits(const struct once *o)
{
	struct session_status call;

	if (!o->options->peer && !o->stopping &&
		!daemon_call_at(o->daemon, 0, &call))
		log_event(o->log, "waiting for calls");
}

static void on_event(void *arg, const struct daemon_event *ev)
{
	struct once *o = arg;

	switch (ev->type) {
	case DAEMON_ACCOUNT_READY:
		waits(o);
		break;
	case DAEMON_ACCOUNT_FAILED:
		o->result = ev->code;
		g_idle_add(stop_soon, o);
		break;
	case DAEMON_CALL_OVER:
		if (o->options->peer && o->result == EXIT_OK)
			o->result = ev->code;
		break;
	case DAEMON_CALL_GONE:
		if (o->options->peer)
			g_idle_add(stop_soon, o);
		else
			waits(o);
		break;
	case DAEMON_STOPPED:
		g_main_loop_quit(o->loop);
		break;
	default:
		break;
	}
}

static gboolean on_signal(gpointer arg)
{
	struct once *o = arg;
	bool again = o->stopping;

	log_event(o->log,
		again ? "told to end once more: at once" : "told to end");
	stop(o);
	if (again) /* do not wait for the server any more */
		g_main_loop_quit(o->loop);
	return G_SOURCE_CONTINUE;
}

static enum exit_code dial(struct once *o, gint64 began)
{
	struct daemon_dial what = {.peer = o->options->peer, .began = began};
	enum exit_code code = EXIT_OK;
	char *why = NULL;

	if (daemon_call(o->daemon, &what, &code, &why) == 0)
		log_fault(o->log, "-t: %s", why);
	g_free(why);
	return code;
}

enum exit_code once_run(
	const struct options *options, struct log *log, gint64 began)
{
	struct conf *conf = conf_of_options(options);
	struct once o = {.options = options, .log = log};
	static const int signals[] = {SIGTERM, SIGINT, SIGHUP};
	guint sources[G_N_ELEMENTS(signals)];

	o.daemon = daemon_new(conf, log,
		options->peer ? DAEMON_ONCE_CALLS : DAEMON_ONCE_WAITS);
	o.loop = g_main_loop_new(NULL, FALSE);
	daemon_watch(o.daemon, on_event, &o);
	/* before anything leaves: a signal from now on unregisters */
	for (guint i = 0; i < G_N_ELEMENTS(signals); i++)
		sources[i] = g_unix_signal_add(signals[i], on_signal, &o);
	o.result = daemon_start(o.daemon);
	if (o.result == EXIT_OK && options->peer)
		o.result = dial(&o, began);
	if (o.result == EXIT_OK)
		g_main_loop_run(o.loop);
	for (guint i = 0; i < G_N_ELEMENTS(signals); i++)
		g_source_remove(sources[i]);
	while (g_source_remove_by_user_data(&o))
		continue; /* an idle source of ours */
	daemon_free(o.daemon);
	g_main_loop_unref(o.loop);
	conf_unref(conf);
	return o.result;
}
