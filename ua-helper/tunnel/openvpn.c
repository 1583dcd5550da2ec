/*
 * openvpn.c - a tunnel carried by OpenVPN 2.6: configuration on its standard
 * input, facts from its management interface.
 */
#include "tunnel/tunnel_priv.h"

#include <errno.h>
#include <string.h>

#include "core/openvpn_conf.h"
#include "core/openvpn_line.h"

/* It connects within 10 ms; what takes longer than this is no OpenVPN. */
#define HOLD_MS 10000
/* The goodbye to the peer has left by then; else SIGTERM takes a second. */
#define AGAIN_MS 100
#define KILL_MS 2000

static char *const environment[] = {
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	NULL};

/* It does not end by itself, or not at once. */
static void end_because(
	struct tunnel *t, enum tunnel_end end, const char *detail)
{
	tunnel_because(t, end, detail);
	if (t->process)
		process_end(t->process);
}

static gboolean on_no_hold(gpointer data)
{
	struct tunnel *t = data;

	t->source_id = 0;
	end_because(
		t, TUNNEL_END_FAILED, "does not use its management interface");
	return G_SOURCE_REMOVE;
}

static void on_hold(struct tunnel *t)
{
	g_clear_handle_id(&t->source_id, g_source_remove);
	management_send(t->management, "state on\nlog on\nhold release\n");
}

static void on_device(struct tunnel *t, const char *name)
{
	if (strlen(name) < sizeof(t->device))
		g_strlcpy(t->device, name, sizeof(t->device));
}

/*
 * Anybody may knock at a server's port with a false certificate. It is our
 * peer's only when it comes from its address and before it came through.
 */
static void on_wrong_cert(struct tunnel *t, const struct vpnsdp_addr *from)
{
	if (t->plan.role == TUNNEL_CLIENT) {
		tunnel_because(t, TUNNEL_END_WRONG_CERT, NULL);
		return; /* tls-exit ends it */
	}
	if (!t->up && vpnsdp_addr_eq(from, &t->plan.peer))
		end_because(t, TUNNEL_END_WRONG_CERT, NULL);
}

static void act(
	struct tunnel *t, const struct openvpn_line *line, const char *text)
{
	switch (line->event) {
	case OPENVPN_OTHER:
		break;
	case OPENVPN_HOLD:
		on_hold(t);
		break;
	case OPENVPN_DEVICE:
		on_device(t, text);
		break;
	case OPENVPN_CONNECTED:
		tunnel_report_once(t, t->plan.role == TUNNEL_SERVER
					      ? TUNNEL_LISTENING
					      : TUNNEL_UP);
		break;
	case OPENVPN_PEER_UP:
		tunnel_report_once(t, TUNNEL_UP);
		break;
	case OPENVPN_PEER_LEFT:
		end_because(t, TUNNEL_END_PEER_LEFT, NULL);
		break;
	case OPENVPN_PEER_SILENT:
		end_because(t, TUNNEL_END_PEER_SILENT, NULL);
		break;
	case OPENVPN_PEER_LOST:
		end_because(t, TUNNEL_END_FAILED, text);
		break;
	case OPENVPN_WRONG_CERT:
		on_wrong_cert(t, &line->from);
		break;
	case OPENVPN_NO_DEVICE:
		tunnel_because(t, TUNNEL_END_NO_DEVICE, text);
		break;
	case OPENVPN_PORT_TAKEN:
		tunnel_because(t, TUNNEL_END_PORT_TAKEN, text);
		break;
	case OPENVPN_SIGNALLED:
		end_because(t, TUNNEL_END_KILLED, NULL);
		break;
	case OPENVPN_FATAL:
		end_because(t, TUNNEL_END_FAILED, text);
		break;
	case OPENVPN_EXITING:
		tunnel_because(t, TUNNEL_END_FAILED, text);
		break;
	}
}

static void on_management(void *arg, const char *text, bool cut)
{
	struct tunnel *t = arg;
	struct openvpn_line line;
	char copy[LINES_MAX + 1];

	if (cut)
		return;
	line = openvpn_line_parse((struct slice){text, strlen(text)});
	g_snprintf(copy, sizeof(copy), "%.*s", SLICE_ARG(line.text));
	lines_printable(copy);
	act(t, &line, copy);
}

static void start(struct tunnel *t, const struct cert *cert)
{
	char text[OPENVPN_CONF_MAX];
	struct sbuf out = sbuf_over(text, sizeof(text));
	const char *path = management_path(t->management);
	const struct openvpn_conf conf = {
		.plan = &t->plan,
		.socket = {path, strlen(path)},
		.key_pem = {cert->key_pem, strlen(cert->key_pem)},
		.cert_pem = {cert->cert_pem, strlen(cert->cert_pem)},
	};
	char *argv[] = {(char *)t->env.openvpn, "--config", "stdin", NULL};
	struct process_conf program = {
		.argv = argv,
		.envp = environment,
		.again_ms = AGAIN_MS,
		.kill_ms = KILL_MS,
	};
	enum openvpn_conf_err err = openvpn_conf_write(&conf, &out);

	if (err == OPENVPN_CONF_OK) {
		program.input = out.p;
		program.input_len = out.len;
		tunnel_start(t, &program);
	} else {
		tunnel_fail(t, TUNNEL_END_FAILED, openvpn_conf_strerror(err));
	}
	explicit_bzero(text, sizeof(text));
	if (t->process)
		t->source_id = g_timeout_add(HOLD_MS, on_no_hold, t);
}

struct tunnel *tunnel_openvpn(const struct tunnel_env *env,
	const struct tunnel_plan *plan, const struct cert *cert)
{
	struct tunnel *t = tunnel_new(env, plan);
	char *detail;

	t->management = management_new(on_management, t);
	if (t->management) {
		start(t, cert);
		return t;
	}
	detail = g_strdup_printf("management socket: %s", g_strerror(errno));
	tunnel_fail(t, TUNNEL_END_FAILED, detail);
	g_free(detail);
	return t;
}
