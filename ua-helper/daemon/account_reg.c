/* account_reg.c - an account's registration. */
#include "daemon/account_int.h"

/* Refused by name, by password: an administrator may see to it. */
#define REFUSED_MS 1800000

static gboolean reg_due(gpointer arg)
{
	struct account *a = arg;

	a->deadline = 0;
	account_reg_fact(a, (struct reg_event){.type = REG_EV_DEADLINE});
	return G_SOURCE_REMOVE;
}

void account_set_deadline(struct account *a, uint32_t ms)
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

	account_set_deadline(a, 0);
	account_set_state(a, ACCOUNT_FAILED, wait);
	if (wait > 0)
		a->deadline = g_timeout_add(wait, account_start_again, a);
	a->env.failed(a->env.arg, a,
		action->status == 0 ? EXIT_UNREACHABLE : EXIT_AUTH);
}

static void reg_gone(struct account *a, const struct reg_action *action)
{
	account_set_deadline(a, 0);
	if (action->status == 200)
		log_event(a->env.log, "unregistered%s%s",
			a->env.named ? " " : "", a->env.named ? a->aor : "");
	else if (a->reg.bound)
		log_fault(a->env.log, "the server did not confirm that we are "
				      "unregistered");
	account_set_state(a, ACCOUNT_GONE, 0);
	a->env.gone(a->env.arg, a);
}

static void reg_perform(struct account *a, const struct reg_action *action)
{
	switch (action->type) {
	case REG_SEND:
		agent_register(a->agent, action->expires);
		break;
	case REG_SET_DEADLINE:
		account_set_deadline(a, action->ms);
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
		account_set_state(a, ACCOUNT_WAITING, action->ms);
		break;
	case REG_REPORT_FAILED:
		reg_failed(a, action);
		break;
	case REG_REPORT_GONE:
		reg_gone(a, action);
		break;
	}
}

void account_reg_fact(struct account *a, struct reg_event ev)
{
	struct reg_action actions[REG_MAX_ACTIONS];
	size_t n;

	ev.random = (uint16_t)g_random_int();
	n = reg_step(&a->reg, &ev, actions);
	if (a->reg.state == REG_REGISTERED && ev.type == REG_EV_OK) {
		account_set_error(a, NULL);
		account_set_state(a, ACCOUNT_REGISTERED,
			(gint64)(ev.expires > 0 ? ev.expires : a->reg.expires) *
				1000);
	} else if (a->reg.state == REG_LEAVING) {
		account_set_state(a, ACCOUNT_LEAVING, 0);
	}
	for (size_t i = 0; i < n; i++)
		reg_perform(a, &actions[i]);
}

static void tell_failure(struct account *a, enum reg_event_type type,
	const struct agent_event *ev)
{
	const struct conf_proxy *p = a->own->proxies->pdata[0];
	unsigned usual = p->transport == AGENT_TLS ? SIPS_PORT : SIP_PORT;

	if (type == REG_EV_REFUSED || type == REG_EV_AUTH_FAILED) {
		account_set_error(a,
			g_strdup_printf("refused: %u %.*s",
				(unsigned)ev->status, SLICE_ARG(ev->phrase)));
		log_fault(a->env.log, "registration of %s %s",
			agent_aor(a->agent), a->error);
		return;
	}
	if (type == REG_EV_LOST)
		account_set_error(a, g_strdup_printf("SIP server %s: %.*s",
					     agent_server_text(a->agent),
					     SLICE_ARG(ev->phrase)));
	else if (type == REG_EV_NO_ANSWER && a->reg.state != REG_LEAVING)
		account_set_error(
			a, g_strdup_printf("SIP server %s port %u does not "
					   "answer: %.*s",
				   p->host, p->port ? p->port : usual,
				   SLICE_ARG(ev->phrase)));
	else
		return;
	log_fault(a->env.log, "%s", a->error);
}

void account_reg_event(struct account *a, const struct agent_event *ev)
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
	account_reg_fact(a, fact);
}
