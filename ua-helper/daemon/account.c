/* account.c - one account at work. */
#include "daemon/account.h"

#include <string.h>
#include <syslog.h>

#include "core/reg.h"

/* No agent can be had: its port is taken. */
#define RETRY_MS 10000
/* Refused by name, by password: an administrator may see to it. */
#define REFUSED_MS 1800000

struct account {
	struct account_env env;
	const struct conf *conf; /* a reference */
	const struct account_conf *own;
	struct agent *agent;
	struct reg reg;
	guint deadline; /* of the registration, or the next try to start */
	enum account_state state;
	gint64 since, until;
	char *aor;
	char *error;
};

static void reg_fact(struct account *a, struct reg_event ev);
static gboolean start_again(gpointer arg);

static void set_state(struct account *a, enum account_state state, gint64 ms)
{
	gint64 now = g_get_monotonic_time();

	if (a->state != state)
		a->since = now;
	a->state = state;
	a->until = ms > 0 ? now + ms * 1000 : 0;
	a->env.changed(a->env.arg, a);
}

static void set_error(struct account *a, char *error)
{
	g_free(a->error);
	a->error = error;
}

/* ------------------------------------------------------------ registration */

static gboolean reg_due(gpointer arg)
{
	struct account *a = arg;

	a->deadline = 0;
	reg_fact(a, (struct reg_event){.type = REG_EV_DEADLINE});
	return G_SOURCE_REMOVE;
}

static void set_deadline(struct account *a, uint32_t ms)
{
	g_clear_handle_id(&a->deadline, g_source_remove);
	if (ms > 0)
		a->deadline = g_timeout_add(ms, reg_due, a);
}

static void reg_failed(struct account *a, const struct reg_action *action)
{
	guint wait = a->env.named ? (guint)g_random_int_range(
					    REFUSED_MS / 2, REFUSED_MS)
				  : 0;

	set_deadline(a, 0);
	set_state(a, ACCOUNT_FAILED, wait);
	if (wait > 0)
		a->deadline = g_timeout_add(wait, start_again, a);
	a->env.failed(a->env.arg, a,
		action->status == 0 ? EXIT_UNREACHABLE : EXIT_AUTH);
}

static void reg_gone(struct account *a, const struct reg_action *action)
{
	set_deadline(a, 0);
	if (action->status == 200)
		log_event(a->env.log, "unregistered%s%s",
			a->env.named ? " " : "", a->env.named ? a->aor : "");
	else if (a->reg.bound)
		log_fault(a->env.log, "the server did not confirm that we are "
				      "unregistered");
	set_state(a, ACCOUNT_GONE, 0);
	a->env.gone(a->env.arg, a);
}

static void reg_perform(struct account *a, const struct reg_action *action)
{
	switch (action->type) {
	case REG_SEND:
		agent_register(a->agent, action->expires);
		break;
	case REG_SET_DEADLINE:
		set_deadline(a, action->ms);
		break;
	case REG_REPORT_OK:
		log_event(a->env.log, "registered %s, expires in %u s",
			agent_aor(a->agent), (unsigned)action->expires);
		a->env.ready(a->env.arg, a);
		break;
	case REG_REPORT_RETRY:
		log_fault(a->env.log, "%s%snot registered; next try in %u s",
			a->env.named ? a->aor : "", a->env.named ? ": " : "",
			(unsigned)(action->ms + 500) / 1000);
		set_state(a, ACCOUNT_WAITING, action->ms);
		break;
	case REG_REPORT_FAILED:
		reg_failed(a, action);
		break;
	case REG_REPORT_GONE:
		reg_gone(a, action);
		break;
	}
}

static void reg_fact(struct account *a, struct reg_event ev)
{
	struct reg_action actions[REG_MAX_ACTIONS];
	size_t n;

	ev.random = (uint16_t)g_random_int();
	n = reg_step(&a->reg, &ev, actions);
	if (a->reg.state == REG_REGISTERED && ev.type == REG_EV_OK) {
		set_error(a, NULL);
		set_state(a, ACCOUNT_REGISTERED,
			(gint64)(ev.expires > 0 ? ev.expires : a->reg.expires) *
				1000);
	} else if (a->reg.state == REG_LEAVING) {
		set_state(a, ACCOUNT_LEAVING, 0);
	}
	for (size_t i = 0; i < n; i++)
		reg_perform(a, &actions[i]);
}

/* --------------------------------------------------------------- the agent */

static void tell_failure(struct account *a, enum reg_event_type type,
	const struct agent_event *ev)
{
	const struct conf_proxy *p = a->own->proxies->pdata[0];
	unsigned usual = p->transport == AGENT_TLS ? SIPS_PORT : SIP_PORT;

	if (type == REG_EV_REFUSED || type == REG_EV_AUTH_FAILED) {
		set_error(a,
			g_strdup_printf("refused: %u %.*s",
				(unsigned)ev->status, SLICE_ARG(ev->phrase)));
		log_fault(a->env.log, "registration of %s %s",
			agent_aor(a->agent), a->error);
		return;
	}
	if (type == REG_EV_LOST)
		set_error(a, g_strdup_printf("SIP server %s: %.*s",
				     agent_server_text(a->agent),
				     SLICE_ARG(ev->phrase)));
	else if (type == REG_EV_NO_ANSWER && a->reg.state != REG_LEAVING)
		set_error(a, g_strdup_printf("SIP server %s port %u does not "
					     "answer: %.*s",
				     p->host, p->port ? p->port : usual,
				     SLICE_ARG(ev->phrase)));
	else
		return;
	log_fault(a->env.log, "%s", a->error);
}

static void on_reg_event(struct account *a, const struct agent_event *ev)
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
	tell_failure(a, fact.type, ev);
	reg_fact(a, fact);
}

static void on_agent_event(void *arg, const struct agent_event *ev)
{
	struct account *a = arg;

	if (ev->call) {
		a->env.call(a->env.arg, a, ev);
	} else if (ev->type == AGENT_MOVED) {
		a->env.moved(a->env.arg, a);
	} else if (ev->type == AGENT_SERVER) {
		log_detail(a->env.log, "SIP server in use: %s",
			agent_server_text(a->agent));
		a->env.changed(a->env.arg, a);
	} else {
		on_reg_event(a, ev);
	}
}

static void on_trace(
	void *arg, const char *direction, const char *peer, struct slice text)
{
	struct account *a = arg;

	log_message(a->env.log, direction, peer, text);
}

static void on_agent_log(void *arg, int level, const char *line)
{
	struct account *a = arg;

	if (level <= LOG_NOTICE)
		log_fault(a->env.log, "%s", line);
	else
		log_detail(a->env.log, "%s", line);
}

static enum exit_code make_agent(struct account *a)
{
	const struct account_conf *own = a->own;
	guint n = own->proxies->len;
	struct agent_proxy *proxies = g_new0(struct agent_proxy, n);
	struct agent_conf conf = {
		.proxies = proxies,
		.n_proxies = n,
		.domain = own->domain,
		.user = own->user,
		.password = own->password,
		.ca_file = own->ca_file,
		.cert_file = own->cert_file,
		.key_file = own->key_file,
		.gruu = own->gruu,
		.port = own->port,
		.port_fixed = own->port_fixed,
		.event = on_agent_event,
		.trace = a->conf->debug ? on_trace : NULL,
		.log = on_agent_log,
		.arg = a,
	};
	GError *error = NULL;

	for (guint i = 0; i < n; i++) {
		const struct conf_proxy *p = own->proxies->pdata[i];

		proxies[i] =
			(struct agent_proxy){p->transport, p->host, p->port};
	}
	a->agent = agent_new(&conf, &error);
	g_free(proxies);
	if (a->agent)
		return EXIT_OK;
	set_error(a,
		g_strdup_printf("SIP agent %s: %s", own->user, error->message));
	log_fault(a->env.log, "%s", a->error);
	g_error_free(error);
	return EXIT_INTERNAL;
}

/* ------------------------------------------------------------ from outside */

struct account *account_new(const struct account_env *env,
	const struct conf *conf, const struct account_conf *own)
{
	struct account *a = g_new0(struct account, 1);

	a->env = *env;
	a->conf = conf_ref(conf);
	a->own = own;
	a->aor = g_strdup_printf("sip:%s@%s", own->user, own->domain);
	a->since = g_get_monotonic_time();
	reg_init(&a->reg, env->once);
	return a;
}

void account_free(struct account *a)
{
	if (!a)
		return;
	g_clear_handle_id(&a->deadline, g_source_remove);
	agent_free(a->agent);
	g_free(a->aor);
	g_free(a->error);
	conf_unref(a->conf);
	g_free(a);
}

static gboolean start_again(gpointer arg)
{
	struct account *a = arg;

	a->deadline = 0;
	account_refresh(a);
	return G_SOURCE_REMOVE;
}

enum exit_code account_start(struct account *a)
{
	enum exit_code code = make_agent(a);

	if (code != EXIT_OK && a->env.once)
		return code;
	if (code != EXIT_OK) {
		set_state(a, ACCOUNT_WAITING, RETRY_MS);
		a->deadline = g_timeout_add(RETRY_MS, start_again, a);
		return code;
	}
	if (!a->own->registers) {
		set_error(a, NULL);
		set_state(a, ACCOUNT_REGISTERED, 0);
		a->env.ready(a->env.arg, a);
		return EXIT_OK;
	}
	set_state(a, ACCOUNT_STARTING, 0);
	reg_fact(a, (struct reg_event){.type = REG_EV_START});
	return EXIT_OK;
}

void account_leave(struct account *a)
{
	if (a->state == ACCOUNT_LEAVING)
		return;
	if (a->agent && a->reg.state != REG_GONE) {
		reg_fact(a, (struct reg_event){.type = REG_EV_LEAVE});
		return;
	}
	set_deadline(a, 0);
	set_state(a, ACCOUNT_GONE, 0);
	a->env.gone(a->env.arg, a);
}

void account_refresh(struct account *a)
{
	if (a->state == ACCOUNT_LEAVING || a->state == ACCOUNT_GONE)
		return;
	g_clear_handle_id(&a->deadline, g_source_remove);
	if (!a->agent) {
		(void)account_start(a);
		return;
	}
	if (!a->own->registers)
		return;
	if (a->reg.state != REG_GONE) {
		reg_fact(a, (struct reg_event){.type = REG_EV_DEADLINE});
		return;
	}
	reg_init(&a->reg, false);
	set_state(a, ACCOUNT_STARTING, 0);
	reg_fact(a, (struct reg_event){.type = REG_EV_START});
}

void account_reconfigure(struct account *a, const struct conf *conf,
	const struct account_conf *own)
{
	conf_ref(conf);
	conf_unref(a->conf);
	a->conf = conf;
	a->own = own;
}

void account_moved(struct account *a)
{
	if (a->agent)
		agent_moved(a->agent);
}

struct agent *account_agent(const struct account *a)
{
	return a->agent;
}

bool account_ready(const struct account *a)
{
	return a->state == ACCOUNT_REGISTERED;
}

const struct conf *account_whole_conf(const struct account *a)
{
	return a->conf;
}

const struct account_conf *account_conf(const struct account *a)
{
	return a->own;
}

void account_status(const struct account *a, struct account_status *out)
{
	*out = (struct account_status){
		.name = a->own->name,
		.aor = a->aor,
		.state = a->state,
		.server = a->agent ? agent_server_text(a->agent) : "",
		.since = a->since,
		.until = a->until,
		.error = a->error ? a->error : "",
	};
}

const char *account_state_name(enum account_state state)
{
	static const char *const names[] = {"starting", "registered", "waiting",
		"failed", "leaving", "gone"};

	return names[state];
}
