/* tunnel.c - one running tunnel: its reports and its end; see tunnel.h. */
#include "tunnel/tunnel_priv.h"

#include <errno.h>
#include <sys/wait.h>

#include "core/openvpn_advice.h"
#include "core/openvpn_line.h"

static void report_end(struct tunnel *t)
{
	struct tunnel_report report = {.fact = TUNNEL_ENDED};

	g_clear_handle_id(&t->source_id, g_source_remove);
	g_clear_pointer(&t->knock, knock_free);
	if (t->stopping) {
		report.end = TUNNEL_END_STOPPED;
	} else {
		report.end = t->end;
		report.detail = t->detail[0] ? t->detail : NULL;
		report.advice = openvpn_advice(t->end, slice_cstr(t->detail));
	}
	t->env.report(t->env.arg, &report); /* may free t */
}

void tunnel_report_once(struct tunnel *t, enum tunnel_fact fact)
{
	bool *done = fact == TUNNEL_UP       ? &t->up
		     : fact == TUNNEL_MISFIT ? &t->misfit
					     : &t->listening;
	struct tunnel_report report = {.fact = fact};

	if (fact == TUNNEL_UP)
		g_clear_pointer(&t->knock, knock_free);
	if (*done || t->stopping || t->has_end)
		return;
	*done = true;
	if (fact == TUNNEL_UP && t->device[0])
		report.device = t->device;
	t->env.report(t->env.arg, &report);
}

void tunnel_because(struct tunnel *t, enum tunnel_end end, const char *detail)
{
	if (t->has_end)
		return;
	t->has_end = true;
	t->end = end;
	g_strlcpy(t->detail, detail ? detail : "", sizeof(t->detail));
}

static gboolean on_failed(gpointer data)
{
	struct tunnel *t = data;

	t->source_id = 0;
	report_end(t);
	return G_SOURCE_REMOVE;
}

void tunnel_fail(struct tunnel *t, enum tunnel_end end, const char *detail)
{
	tunnel_because(t, end, detail);
	t->source_id = g_timeout_add(0, on_failed, t);
}

static void on_line(void *arg, const char *text, bool cut)
{
	struct tunnel *t = arg;
	char line[LINES_MAX + sizeof("...")];

	g_snprintf(line, sizeof(line), "%s%s", text, cut ? "..." : "");
	lines_printable(line);
	if (openvpn_line_telling((struct slice){line, strlen(line)}))
		g_strlcpy(t->last_words, line, sizeof(t->last_words));
	if (t->env.log)
		t->env.log(t->env.arg, line);
}

static void on_ended(void *arg, int status)
{
	struct tunnel *t = arg;
	char text[sizeof("ended with status 255")];

	if (t->management)
		management_drain(t->management);
	if (WIFSIGNALED(status)) {
		g_snprintf(text, sizeof(text), "signal %d", WTERMSIG(status));
		tunnel_because(t, TUNNEL_END_KILLED, text);
	} else if (t->last_words[0]) {
		tunnel_because(t, TUNNEL_END_FAILED, t->last_words);
	} else {
		g_snprintf(text, sizeof(text), "ended with status %d",
			WEXITSTATUS(status));
		tunnel_because(t, TUNNEL_END_FAILED, text);
	}
	report_end(t);
}

/* Was it the program's fault, or are we short of something? */
static enum tunnel_end end_of_errno(int err)
{
	switch (err) {
	case EAGAIN:
	case EMFILE:
	case EMSGSIZE:
	case ENFILE:
	case ENOMEM:
		return TUNNEL_END_FAILED;
	default:
		return TUNNEL_END_NO_PROGRAM;
	}
}

uint64_t tunnel_now_ms(void)
{
	return (uint64_t)g_get_monotonic_time() / 1000;
}

struct tunnel *tunnel_new(
	const struct tunnel_env *env, const struct tunnel_plan *plan)
{
	struct tunnel *t = g_new0(struct tunnel, 1);

	t->env = *env;
	t->plan = *plan;
	return t;
}

void tunnel_start(struct tunnel *t, struct process_conf *conf)
{
	char *detail;
	int err;

	conf->line = on_line;
	conf->ended = on_ended;
	conf->arg = t;
	t->process = warm_take(g_steal_pointer(&t->env.warm), conf);
	if (!t->process)
		t->process = process_start(conf);
	if (t->process)
		return;
	err = errno;
	detail = g_strdup_printf("%s: %s", conf->argv[0], g_strerror(err));
	tunnel_fail(t, end_of_errno(err), detail);
	g_free(detail);
}

bool tunnel_counters(const struct tunnel *t, struct tunnel_counters *out)
{
	struct meter_value v;

	if (!t->management)
		return false;
	v = meter_read(&t->meter, tunnel_now_ms());
	*out = (struct tunnel_counters){v.rx, v.tx, v.rx_rate, v.tx_rate};
	return true;
}

bool tunnel_peer(
	const struct tunnel *t, struct vpnsdp_addr *addr, uint16_t *port)
{
	if (t->peer.family == 0 || t->peer_port == 0)
		return false;
	*addr = t->peer;
	*port = t->peer_port;
	return true;
}

void tunnel_refresh(struct tunnel *t)
{
	if (!t->management || !t->up)
		return;
	management_send(t->management, "load-stats\n");
	/* a client's peer never moves, a server's does without a word */
	if (t->plan.role == TUNNEL_SERVER && !t->static_key)
		management_send(t->management, "status 3\n");
}

void tunnel_end_process(struct tunnel *t)
{
	tunnel_refresh(t);
	if (t->process)
		process_end(t->process);
}

void tunnel_stop(struct tunnel *t)
{
	t->stopping = true;
	tunnel_end_process(t);
}

void tunnel_free(struct tunnel *t)
{
	if (!t)
		return;
	g_clear_handle_id(&t->source_id, g_source_remove);
	knock_free(t->knock);
	warm_free(t->env.warm);
	process_free(t->process);
	management_free(t->management);
	g_free(t);
}
