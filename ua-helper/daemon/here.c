/* here.c - one call in this process, without a daemon. */
#include "daemon/here.h"

#include <glib-unix.h>
#include <signal.h>

#include "daemon/daemon.h"
#include "daemon/status_json.h"

struct run {
	const struct here *what;
	struct daemon *daemon;
	GMainLoop *loop;
	guint stop;
	bool stopping;
	enum exit_code result;
};

static gboolean stop(gpointer arg)
{
	struct run *r = arg;

	r->stop = 0;
	r->stopping = true;
	daemon_stop(r->daemon);
	return G_SOURCE_REMOVE;
}

/* Not from within the event. */
static void stop_soon(struct run *r)
{
	if (r->stop == 0)
		r->stop = g_idle_add(stop, r);
}

static void pass_on(struct run *r, const struct daemon_event *ev)
{
	json_t *event = event_json(r->daemon, ev);
	gint64 us = g_get_monotonic_time() - r->what->began;

	/* all that happens does so since the command was given */
	if (event)
		(void)json_object_set_new(event, "ms", json_integer(us / 1000));
	/* that we unregister then is no progress */
	if (event && (!r->stopping || ev->type == DAEMON_CALL_OVER))
		r->what->event(r->what->arg, event);
	json_decref(event);
}

static void on_event(void *arg, const struct daemon_event *ev)
{
	struct run *r = arg;

	pass_on(r, ev);
	switch (ev->type) {
	case DAEMON_ACCOUNT_FAILED:
		r->result = ev->code;
		stop_soon(r);
		break;
	case DAEMON_CALL_OVER:
		if (r->result == EXIT_OK)
			r->result = ev->code;
		break;
	case DAEMON_CALL_GONE:
		stop_soon(r);
		break;
	case DAEMON_STOPPED:
		g_main_loop_quit(r->loop);
		break;
	default:
		break;
	}
}

static gboolean on_signal(gpointer arg)
{
	struct run *r = arg;

	if (r->stopping) /* asked twice: do not wait for the server */
		g_main_loop_quit(r->loop);
	(void)stop(r);
	return G_SOURCE_CONTINUE;
}

static void run(struct run *r)
{
	static const int signals[] = {SIGTERM, SIGINT, SIGHUP};
	guint sources[G_N_ELEMENTS(signals)];

	for (guint i = 0; i < G_N_ELEMENTS(signals); i++)
		sources[i] = g_unix_signal_add(signals[i], on_signal, r);
	g_main_loop_run(r->loop);
	for (guint i = 0; i < G_N_ELEMENTS(signals); i++)
		g_source_remove(sources[i]);
	g_clear_handle_id(&r->stop, g_source_remove);
}

/* Nobody but this account registers. */
static bool keep_one(struct conf *conf, const struct here *what)
{
	const struct peer_conf *peer = conf_peer(conf, what->peer);
	const struct account_conf *own =
		!what->account && peer ? peer->account
				       : conf_account(conf, what->account);

	for (guint i = conf->peers->len; own && i-- > 0;) {
		const struct peer_conf *p = conf->peers->pdata[i];

		if (p->account != own)
			g_ptr_array_remove_index(conf->peers, i);
	}
	for (guint i = conf->accounts->len; own && i-- > 0;)
		if (conf->accounts->pdata[i] != own)
			g_ptr_array_remove_index(conf->accounts, i);
	return own != NULL;
}

/* It cannot even begin. */
static enum exit_code fail(
	const struct here *what, enum exit_code code, const char *why)
{
	json_t *event = event_json_failed(code, why);

	what->event(what->arg, event);
	json_decref(event);
	return code;
}

static enum exit_code start(struct run *r)
{
	struct daemon_dial dial = {.peer = r->what->peer,
		.group = r->what->group,
		.began = r->what->began};
	enum exit_code code = daemon_start(r->daemon);
	struct account_status account;
	char *why = NULL;

	if (code != EXIT_OK && daemon_account_at(r->daemon, 0, &account))
		return fail(r->what, code, account.error);
	if (daemon_call(r->daemon, &dial, &code, &why) == 0)
		(void)fail(r->what, code, why);
	g_free(why);
	return code;
}

enum exit_code here_call(
	struct conf *conf, struct log *log, const struct here *what)
{
	struct run r = {.what = what};
	char *why;

	if (!keep_one(conf, what)) {
		why = g_strdup_printf("there is no account '%s'",
			what->account ? what->account : "");
		r.result = fail(what, EXIT_USAGE, why);
		g_free(why);
		return r.result;
	}
	r.daemon = daemon_new(conf, log, DAEMON_ONCE_CALLS);
	r.loop = g_main_loop_new(NULL, FALSE);
	daemon_watch(r.daemon, on_event, &r);
	r.result = start(&r);
	if (r.result == EXIT_OK)
		run(&r);
	daemon_free(r.daemon);
	g_main_loop_unref(r.loop);
	return r.result;
}
