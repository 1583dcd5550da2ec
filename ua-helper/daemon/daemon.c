/* daemon.c - one account at work. */
#include "daemon/daemon.h"

#include <glib-unix.h>
#include <signal.h>
#include <syslog.h>

#include "core/reg.h"
#include "daemon/netwatch.h"
#include "daemon/session.h"
#include "sip/agent.h"

struct daemon {
	const struct options *options;
	struct log *log;
	GMainLoop *loop;
	struct agent *agent;
	struct reg reg;
	guint reg_deadline;
	struct session *session; /* the one call */
	guint bury;              /* idle source that frees it */
	gint64 began;
	bool stopping; /* end what there is, then leave */
	bool called;   /* -t: the call has been made */
	enum exit_code result;
};

static void reg_fact(struct daemon *d, struct reg_event ev);

/* Nothing is left to do here: take the registration back. */
static void leave(struct daemon *d)
{
	d->stopping = true;
	reg_fact(d, (struct reg_event){.type = REG_EV_LEAVE});
}

/* ------------------------------------------------------------------- calls */

static gboolean bury_session(gpointer arg)
{
	struct daemon *d = arg;

	d->bury = 0;
	g_clear_pointer(&d->session, session_free);
	if (d->stopping || d->options->peer)
		leave(d);
	else
		log_event(d->log, "waiting for calls");
	return G_SOURCE_REMOVE;
}

static void session_over(void *arg, struct session *s)
{
	struct daemon *d = arg;

	if (d->options->peer && d->result == EXIT_OK)
		d->result = session_result(s);
	/* not from inside the session */
	if (d->bury == 0)
		d->bury =
			g_idle_add_full(G_PRIORITY_HIGH, bury_session, d, NULL);
}

static struct session *new_session(
	struct daemon *d, struct agent_call *call, gint64 began)
{
	struct session_env env = {
		.options = d->options,
		.log = d->log,
		.agent = d->agent,
		.over = session_over,
		.arg = d,
	};
	const char *why = "";
	struct session *s = session_new(&env, call, began, &why);

	if (!s)
		log_fault(d->log, "no call is possible: %s", why);
	return s;
}

static void dial(struct daemon *d)
{
	struct agent_call *call = agent_call(d->agent, d->options->peer);

	d->called = true;
	if (!call)
		log_fault(
			d->log, "-t: '%s' is not a SIP user", d->options->peer);
	else
		d->session = new_session(d, call, d->began);
	if (!d->session) {
		agent_call_free(call);
		d->result = call ? EXIT_INTERNAL : EXIT_USAGE;
		leave(d);
		return;
	}
	session_dial(d->session);
}

static void turn_down(const struct agent_event *ev, uint16_t status)
{
	agent_refuse(ev->call, status, 0, "");
	agent_call_free(ev->call);
}

static void invited(struct daemon *d, const struct agent_event *ev)
{
	if (d->session || d->options->peer || d->stopping) {
		log_event(d->log, "call from %.*s refused: busy",
			SLICE_ARG(ev->peer));
		turn_down(ev, 486);
		return;
	}
	log_event(d->log, "call from %.*s", SLICE_ARG(ev->peer));
	d->session = new_session(d, ev->call, g_get_monotonic_time());
	if (d->session)
		session_event(d->session, ev);
	else
		turn_down(ev, 500);
}

/* ------------------------------------------------------------ registration */

static gboolean reg_due(gpointer arg)
{
	struct daemon *d = arg;

	d->reg_deadline = 0;
	reg_fact(d, (struct reg_event){.type = REG_EV_DEADLINE});
	return G_SOURCE_REMOVE;
}

static void reg_set_deadline(struct daemon *d, uint32_t ms)
{
	g_clear_handle_id(&d->reg_deadline, g_source_remove);
	if (ms > 0)
		d->reg_deadline = g_timeout_add(ms, reg_due, d);
}

static void reg_failed(struct daemon *d, const struct reg_action *a)
{
	d->result = a->status == 0 ? EXIT_UNREACHABLE : EXIT_AUTH;
	d->stopping = true;
	if (d->session)
		session_hangup(d->session);
	else
		g_main_loop_quit(d->loop);
}

static void reg_gone(struct daemon *d, const struct reg_action *a)
{
	if (a->status == 200)
		log_event(d->log, "unregistered");
	else if (d->reg.bound)
		log_fault(d->log, "the server did not confirm that we are "
				  "unregistered");
	g_main_loop_quit(d->loop);
}

static void reg_perform(struct daemon *d, const struct reg_action *a)
{
	switch (a->type) {
	case REG_SEND:
		agent_register(d->agent, a->expires);
		break;
	case REG_SET_DEADLINE:
		reg_set_deadline(d, a->ms);
		break;
	case REG_REPORT_OK:
		log_event(d->log, "registered %s, expires in %u s",
			agent_aor(d->agent), (unsigned)a->expires);
		if (d->options->peer && !d->called)
			dial(d);
		else if (!d->options->peer && !d->session)
			log_event(d->log, "waiting for calls");
		break;
	case REG_REPORT_RETRY:
		log_fault(d->log, "not registered; next try in %u s",
			(unsigned)(a->ms + 500) / 1000);
		break;
	case REG_REPORT_FAILED:
		reg_failed(d, a);
		break;
	case REG_REPORT_GONE:
		reg_gone(d, a);
		break;
	}
}

static void reg_fact(struct daemon *d, struct reg_event ev)
{
	struct reg_action actions[REG_MAX_ACTIONS];
	size_t n;

	if (d->reg.state == REG_GONE) {
		if (ev.type == REG_EV_LEAVE)
			g_main_loop_quit(d->loop);
		return;
	}
	ev.random = (uint16_t)g_random_int();
	n = reg_step(&d->reg, &ev, actions);
	for (size_t i = 0; i < n; i++)
		reg_perform(d, &actions[i]);
}

/* --------------------------------------------------------------- the agent */

static void on_reg_event(struct daemon *d, const struct agent_event *ev)
{
	struct reg_event fact = {.status = ev->status,
		.expires = ev->expires,
		.retry_after = ev->retry_after};

	switch (ev->type) {
	case AGENT_REG_OK:
		fact.type = REG_EV_OK;
		break;
	case AGENT_REG_TOO_BRIEF:
		fact.type = REG_EV_TOO_BRIEF;
		break;
	case AGENT_REG_AUTH_FAILED:
		fact.type = REG_EV_AUTH_FAILED;
		break;
	case AGENT_REG_REFUSED:
		fact.type = REG_EV_REFUSED;
		break;
	case AGENT_REG_LOST:
		fact.type = REG_EV_LOST;
		break;
	case AGENT_REG_AGAIN:
		fact.type = REG_EV_AGAIN;
		break;
	default:
		fact.type = REG_EV_NO_ANSWER;
		break;
	}
	if (fact.type == REG_EV_REFUSED || fact.type == REG_EV_AUTH_FAILED)
		log_fault(d->log, "registration of %s refused: %u %.*s",
			agent_aor(d->agent), (unsigned)ev->status,
			SLICE_ARG(ev->phrase));
	else if (fact.type == REG_EV_LOST)
		log_fault(d->log, "SIP server %s: %.*s",
			agent_server_text(d->agent), SLICE_ARG(ev->phrase));
	else if (fact.type == REG_EV_NO_ANSWER && d->reg.state != REG_LEAVING)
		log_fault(d->log, "SIP server %s port %u does not answer: %.*s",
			d->options->server_host,
			(unsigned)d->options->server_port,
			SLICE_ARG(ev->phrase));
	reg_fact(d, fact);
}

static void on_agent_event(void *arg, const struct agent_event *ev)
{
	struct daemon *d = arg;

	if (ev->type == AGENT_SERVER || ev->type == AGENT_MOVED)
		log_detail(d->log, "SIP server in use: %s",
			agent_server_text(d->agent));
	else if (!ev->call)
		on_reg_event(d, ev);
	else if (ev->type == AGENT_INVITED)
		invited(d, ev);
	else if (d->session && session_has(d->session, ev->call))
		session_event(d->session, ev);
}

static void on_network_change(void *arg)
{
	struct daemon *d = arg;

	agent_moved(d->agent);
}

static void on_trace(
	void *arg, const char *direction, const char *peer, struct slice text)
{
	struct daemon *d = arg;

	log_message(d->log, direction, peer, text);
}

static void on_agent_log(void *arg, int level, const char *line)
{
	struct daemon *d = arg;

	if (level <= LOG_NOTICE)
		log_fault(d->log, "%s", line);
	else
		log_detail(d->log, "%s", line);
}

static enum exit_code start_agent(struct daemon *d)
{
	const struct options *o = d->options;
	GError *error = NULL;
	enum agent_transport transport = (enum agent_transport)o->transport;
	struct agent_proxy proxies[1 + OPTIONS_MAX_PROXIES] = {{transport,
		o->server_host, o->server_port_given ? o->server_port : 0}};
	struct agent_conf conf = {
		.proxies = proxies,
		.n_proxies = 1 + o->n_more,
		.domain = o->domain,
		.user = o->user,
		.password = o->password,
		.ca_file = o->ca_file,
		.cert_file = o->cert_file,
		.gruu = o->gruu,
		.port = o->sip_port,
		.port_fixed = o->sip_port_given,
		.event = on_agent_event,
		.trace = o->debug ? on_trace : NULL,
		.log = on_agent_log,
		.arg = d,
	};

	for (size_t i = 0; i < o->n_more; i++)
		proxies[1 + i] = (struct agent_proxy){
			transport, o->more[i].host, o->more[i].port};
	d->agent = agent_new(&conf, &error);
	if (!d->agent) {
		log_fault(d->log, "SIP agent %s: %s", o->user, error->message);
		g_error_free(error);
		return EXIT_INTERNAL;
	}
	return EXIT_OK;
}

/* ---------------------------------------------------------------- signals */

static gboolean on_signal(gpointer arg)
{
	struct daemon *d = arg;

	if (d->stopping)
		/* asked twice: do not wait for the server any more */
		g_main_loop_quit(d->loop);
	d->stopping = true;
	if (d->session)
		session_hangup(d->session);
	else
		leave(d);
	return G_SOURCE_CONTINUE;
}

enum exit_code daemon_run(
	const struct options *options, struct log *log, gint64 began)
{
	struct daemon d = {.options = options, .log = log, .began = began};
	static const int signals[] = {SIGTERM, SIGINT, SIGHUP};
	guint sources[G_N_ELEMENTS(signals)];
	struct netwatch *watch;

	d.result = start_agent(&d);
	if (d.result != EXIT_OK)
		return d.result;
	d.loop = g_main_loop_new(NULL, FALSE);
	for (guint i = 0; i < G_N_ELEMENTS(signals); i++)
		sources[i] = g_unix_signal_add(signals[i], on_signal, &d);
	watch = netwatch_new(on_network_change, &d);
	reg_init(&d.reg, options->peer != NULL);
	reg_fact(&d, (struct reg_event){.type = REG_EV_START});
	g_main_loop_run(d.loop);
	for (guint i = 0; i < G_N_ELEMENTS(signals); i++)
		g_source_remove(sources[i]);
	netwatch_free(watch);
	g_clear_handle_id(&d.bury, g_source_remove);
	reg_set_deadline(&d, 0);
	session_free(d.session);
	agent_free(d.agent);
	g_main_loop_unref(d.loop);
	return d.result;
}
