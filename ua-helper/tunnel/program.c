/*
 * program.c - a tunnel carried by a program of the user's (-m), with the
 * thesis's arguments behind the user's own. No shell is involved.
 */
#include "tunnel/tunnel_priv.h"

#include <string.h>

#define KILL_MS 3000
#define ADDR_TEXT 64 /* RFC 5952 text takes 45 */
#define ARGS 4

/* Not all of ours: the password may be in it. */
static char **environment(void)
{
	static const char *const names[] = {"PATH", "HOME", "LANG", NULL};
	char **envp = g_new0(char *, G_N_ELEMENTS(names));
	size_t n = 0;

	for (size_t i = 0; names[i] != NULL; i++) {
		const char *value = g_getenv(names[i]);

		if (value != NULL)
			envp[n++] = g_strdup_printf("%s=%s", names[i], value);
	}
	return envp;
}

static char *addr_text(const struct vpnsdp_addr *addr)
{
	char text[ADDR_TEXT];
	struct sbuf out = sbuf_over(text, sizeof(text));
	const char *s;

	vpnsdp_addr_write(addr, &out);
	s = sbuf_cstr(&out);
	return g_strdup(s ? s : "");
}

/* The user's arguments and the plan's. Free with g_strfreev(). */
static char **arguments(const struct tunnel_plan *plan, char *const *argv)
{
	size_t n = g_strv_length((char **)argv);
	char **all = g_new0(char *, n + ARGS + 1);

	for (size_t i = 0; i < n; i++)
		all[i] = g_strdup(argv[i]);
	if (plan->role == TUNNEL_SERVER) {
		all[n++] = g_strdup_printf("%u", (unsigned)plan->port);
		all[n++] = addr_text(&plan->local);
		all[n++] = addr_text(&plan->remote);
	} else {
		all[n++] = addr_text(&plan->peer);
		all[n++] = g_strdup_printf("%u", (unsigned)plan->peer_port);
		all[n++] = addr_text(&plan->remote);
		all[n++] = addr_text(&plan->local);
	}
	return all;
}

static gboolean on_running(gpointer data)
{
	struct tunnel *t = data;

	t->source_id = 0;
	if (t->plan.role == TUNNEL_SERVER)
		tunnel_report_once(t, TUNNEL_LISTENING);
	tunnel_report_once(t, TUNNEL_UP);
	return G_SOURCE_REMOVE;
}

struct tunnel *tunnel_program(const struct tunnel_env *env,
	const struct tunnel_plan *plan, char *const *argv)
{
	struct tunnel *t = tunnel_new(env, plan);
	char **all = arguments(plan, argv), **envp = environment();
	struct process_conf conf = {
		.argv = all, .envp = envp, .kill_ms = KILL_MS, .group = true};

	tunnel_start(t, &conf);
	if (t->process)
		t->source_id = g_timeout_add(0, on_running, t);
	g_strfreev(envp);
	g_strfreev(all);
	return t;
}
