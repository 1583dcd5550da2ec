/* account.c - one account at work. */
#include "daemon/account_int.h"

#include <syslog.h>

/* No agent can be had: its port is taken. */
#define RETRY_MS 10000

void account_set_state(struct account *a, enum account_state state, gint64 ms)
{
	gint64 now = g_get_monotonic_time();

	if (a->state != state)
		a->since = now;
	a->state = state;
	a->until = ms > 0 ? now + ms * 1000 : 0;
	a->env.changed(a->env.arg, a);
}

void account_set_error(struct account *a, char *error)
{
	g_free(a->error);
	a->error = error;
}

/* --------------------------------------------------------------- the agent */

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
		account_reg_event(a, ev);
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
	account_set_error(a,
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

gboolean account_start_again(gpointer arg)
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
		account_set_state(a, ACCOUNT_WAITING, RETRY_MS);
		a->deadline = g_timeout_add(RETRY_MS, account_start_again, a);
		return code;
	}
	if (!a->own->registers) {
		account_set_error(a, NULL);
		account_set_state(a, ACCOUNT_REGISTERED, 0);
		a->env.ready(a->env.arg, a);
		return EXIT_OK;
	}
	account_set_state(a, ACCOUNT_STARTING, 0);
	account_reg_fact(a, (struct reg_event){.type = REG_EV_START});
	return EXIT_OK;
}

void account_leave(struct account *a)
{
	if (a->state == ACCOUNT_LEAVING)
		return;
	if (a->agent && a->reg.state != REG_GONE) {
		account_reg_fact(a, (struct reg_event){.type = REG_EV_LEAVE});
		return;
	}
	account_set_deadline(a, 0);
	account_set_state(a, ACCOUNT_GONE, 0);
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
		account_reg_fact(
			a, (struct reg_event){.type = REG_EV_DEADLINE});
		return;
	}
	reg_init(&a->reg, false);
	account_set_state(a, ACCOUNT_STARTING, 0);
	account_reg_fact(a, (struct reg_event){.type = REG_EV_START});
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
