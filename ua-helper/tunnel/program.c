/*
 * program.c - a tunnel carried by a program of the user's (-m), with the
 * thesis's arguments behind the user's own. No shell is involved.
 */
#include "tunnel/tunnel_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define KILL_MS 3000
#define ADDR_TEXT 64 /* RFC 5952 text takes 45 */
#define ARGS 4
#define MAX_ENV 32 /* ours, and a handful of the owner's */

static char *addr_text(const struct vpnsdp_addr *addr)
{
	char text[ADDR_TEXT];
	struct sbuf out = sbuf_over(text, sizeof(text));
	const char *s;

	vpnsdp_addr_write(addr, &out);
	s = sbuf_cstr(&out);
	return g_strdup(s ? s : "");
}

/* The next free place of envp, which has MAX_ENV of them and one more. */
static void put_env(char **envp, char *entry)
{
	guint n = g_strv_length(envp);

	if (n < MAX_ENV)
		envp[n] = entry;
	else
		g_free(entry);
}

static void put_addr(
	char **envp, const char *name, const struct vpnsdp_addr *addr)
{
	char *text = addr_text(addr);

	if (addr->family != 0)
		put_env(envp, g_strconcat(name, "=", text, NULL));
	g_free(text);
}

static void put_port(char **envp, const char *name, uint16_t port)
{
	if (port != 0)
		put_env(envp, g_strdup_printf("%s=%u", name, (unsigned)port));
}

/* The one certificate to accept, as SDP and OpenVPN write it. */
static void put_fingerprint(
	char **envp, const uint8_t print[static VPNSDP_FINGERPRINT_LEN])
{
	GString *s = g_string_new("SIPVPN_FINGERPRINT=");

	for (size_t i = 0; i < VPNSDP_FINGERPRINT_LEN; i++)
		g_string_append_printf(s, "%s%02X", i > 0 ? ":" : "", print[i]);
	put_env(envp, g_string_free(s, FALSE));
}

/* All that was agreed on. The peer's words are printed again from values. */
static void put_plan(char **envp, const struct tunnel *t, bool keys)
{
	const struct tunnel_plan *plan = &t->plan;

	put_env(envp, g_strconcat("SIPVPN_ROLE=",
			      plan->role == TUNNEL_SERVER ? "server" : "client",
			      NULL));
	put_addr(envp, "SIPVPN_LOCAL", &plan->local);
	put_addr(envp, "SIPVPN_REMOTE", &plan->remote);
	put_addr(envp, "SIPVPN_ADDR", &plan->bind);
	put_port(envp, "SIPVPN_PORT", plan->port);
	put_addr(envp, "SIPVPN_PEER_ADDR", &plan->peer);
	put_port(envp, "SIPVPN_PEER_PORT", plan->peer_port);
	if (t->env.secret_file)
		put_env(envp, g_strconcat("SIPVPN_SECRET=", t->env.secret_file,
				      NULL));
	if (!keys)
		return;
	put_fingerprint(envp, plan->peer_fingerprint);
	put_env(envp, g_strdup("SIPVPN_CERT=/dev/fd/3"));
	put_env(envp, g_strdup("SIPVPN_KEY=/dev/fd/4"));
}

/* Not all of ours: the password may be in it. Free with g_strfreev(). */
static char **environment(const struct tunnel *t, bool keys)
{
	static const char *const names[] = {"PATH", "HOME", "LANG", NULL};
	char **envp = g_new0(char *, MAX_ENV + 1);

	for (size_t i = 0; names[i] != NULL; i++) {
		const char *value = g_getenv(names[i]);

		if (value != NULL)
			put_env(envp,
				g_strdup_printf("%s=%s", names[i], value));
	}
	put_plan(envp, t, keys);
	for (size_t i = 0; t->env.env && t->env.env[i]; i++)
		put_env(envp, g_strdup(t->env.env[i]));
	return envp;
}

/*
 * A file without a name that holds the text, readable as often as wanted and
 * gone with the last process that has it. -1 with errno.
 */
static int nameless_file(const char *name, const char *text)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	size_t len = strlen(text);

	if (fd < 0)
		return -1;
	if (write(fd, text, len) == (ssize_t)len && fchmod(fd, S_IRUSR) == 0 &&
		lseek(fd, 0, SEEK_SET) == 0 &&
		fcntl(fd, F_ADD_SEALS,
			F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW |
				F_SEAL_WRITE) == 0)
		return fd;
	(void)close(fd);
	errno = EIO;
	return -1;
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

static void close_all(const int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fds[i] >= 0)
			(void)close(fds[i]);
}

static void start(struct tunnel *t, char *const *argv, const int *fds, size_t n)
{
	char **all = arguments(&t->plan, argv);
	char **envp = environment(t, n > 0);
	struct process_conf conf = {
		.argv = all,
		.envp = envp,
		.fds = fds,
		.n_fds = n,
		.kill_ms = KILL_MS,
		.group = true,
		.orphan_ends = true,
	};

	tunnel_start(t, &conf);
	if (t->process)
		t->source_id = g_timeout_add(0, on_running, t);
	g_strfreev(envp);
	g_strfreev(all);
}

struct tunnel *tunnel_program(const struct tunnel_env *env,
	const struct tunnel_plan *plan, const struct cert *cert,
	char *const *argv)
{
	struct tunnel *t = tunnel_new(env, plan);
	int fds[] = {-1, -1};
	size_t n = cert ? G_N_ELEMENTS(fds) : 0;

	if (cert) {
		fds[0] = nameless_file("sipvpn-cert", cert->cert_pem);
		fds[1] = nameless_file("sipvpn-key", cert->key_pem);
	}
	if (cert && (fds[0] < 0 || fds[1] < 0))
		tunnel_fail(t, TUNNEL_END_FAILED,
			"certificate and key cannot be handed over");
	else
		start(t, argv, fds, n);
	close_all(fds, n);
	return t;
}
