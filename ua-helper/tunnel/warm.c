/* warm.c - an OpenVPN ahead of its call; see warm.h. */
#include "tunnel/warm.h"

#include <glib.h>

#include "tunnel/openvpn_process.h"

struct warm {
	char *openvpn;
	struct process *process; /* NULL: it has ended */
	bool said;               /* more than an OpenVPN says by then */
};

static void on_line(void *arg, const char *line, bool cut)
{
	struct warm *w = arg;

	(void)line;
	(void)cut;
	w->said = true;
}

static void on_ended(void *arg, int status)
{
	struct warm *w = arg;

	(void)status;
	g_clear_pointer(&w->process, process_free);
}

struct warm *warm_new(const char *openvpn)
{
	struct warm *w = g_new0(struct warm, 1);
	char *argv[OPENVPN_ARGC];
	struct process_conf conf;

	openvpn_process_conf(openvpn, argv, &conf);
	conf.input_later = true;
	conf.line = on_line;
	conf.ended = on_ended;
	conf.arg = w;
	w->openvpn = g_strdup(openvpn);
	w->process = process_start(&conf);
	if (w->process)
		return w;
	warm_free(w);
	return NULL;
}

struct process *warm_take(struct warm *w, const struct process_conf *conf)
{
	struct process *p = NULL;

	if (!w)
		return NULL;
	if (w->process && !w->said && g_str_equal(w->openvpn, conf->argv[0]) &&
		process_feed(w->process, conf))
		p = g_steal_pointer(&w->process);
	warm_free(w);
	return p;
}

void warm_free(struct warm *w)
{
	if (!w)
		return;
	process_free(w->process);
	g_free(w->openvpn);
	g_free(w);
}
