/*
 * openvpn.c - a tunnel carried by OpenVPN 2.6: configuration on its standard
 * input, facts from its management interface.
 */
#include "tunnel/tunnel_priv.h"

#include <errno.h>
#include <string.h>

#include "core/openvpn_conf.h"
#include "core/openvpn_line.h"
#include "tunnel/openvpn_process.h"
#include "tunnel/secret.h"

/* It connects within 10 ms; what takes longer than this is no OpenVPN. */
#define HOLD_MS 10000
/* The goodbye to the peer has left by then; else SIGTERM takes a second. */
#define AGAIN_MS 100
#define KILL_MS 2000

static char *const environment[] = {
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	NULL};

void openvpn_process_conf(const char *openvpn, char *argv[static OPENVPN_ARGC],
	struct process_conf *conf)
{
	argv[0] = (char *)openvpn;
	argv[1] = "--config";
	argv[2] = "stdin";
	argv[3] = NULL;
	*conf = (struct process_conf){
		.argv = argv,
		.envp = environment,
		.no_new_privs = true,
		/* it may be a script, with OpenVPN as its child. No
		 * orphan_ends: OpenVPN ends when its management connection
		 * closes, and says goodbye first; a signal at that moment would
		 * cut it short */
		.group = true,
		.again_ms = AGAIN_MS,
		.kill_ms = KILL_MS,
	};
}

/* It does not end by itself, or not at once. */
static void end_because(
	struct tunnel *t, enum tunnel_end end, const char *detail)
{
	tunnel_because(t, end, detail);
	tunnel_end_process(t);
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
	/* OpenVPN counts on a timer of its own: seldom, for who has many */
	management_send(
		t->management, "state on\nlog on\nbytecount 5\nhold release\n");
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

/* A server that uses TLS is "connected" as soon as it listens. */
static void on_connected(struct tunnel *t)
{
	bool listens = t->plan.role == TUNNEL_SERVER && !t->static_key;

	tunnel_report_once(t, listens ? TUNNEL_LISTENING : TUNNEL_UP);
}

/* With a static key, this is all that is said before the peer's packets. */
static void on_bound(struct tunnel *t)
{
	if (!t->static_key)
		return;
	if (t->plan.role == TUNNEL_SERVER)
		tunnel_report_once(t, TUNNEL_LISTENING);
	else if (!t->knock && !t->up)
		t->knock = knock_new(&t->plan.local, &t->plan.remote);
}

static void on_peer_at(struct tunnel *t, const struct openvpn_line *line)
{
	if (line->from.family != 0)
		t->peer = line->from;
	if (line->port != 0)
		t->peer_port = line->port;
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
	case OPENVPN_BOUND:
		on_bound(t);
		break;
	case OPENVPN_CONNECTED:
		on_peer_at(t, line);
		on_connected(t);
		break;
	case OPENVPN_PEER_AT:
		on_peer_at(t, line);
		break;
	case OPENVPN_BYTES:
		meter_count(&t->meter, line->rx, line->tx, tunnel_now_ms());
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
	case OPENVPN_MISFIT:
		if (t->static_key && !t->up)
			tunnel_report_once(t, TUNNEL_MISFIT);
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

/* A name that is taken gets a number, which the kernel chooses. */
static void choose_device(
	const struct tunnel_env *env, char out[static DEVICE_NAME_SIZE])
{
	out[0] = '\0';
	if (!env->device || !device_name_ok(slice_cstr(env->device)))
		return;
	g_strlcpy(out, env->device, DEVICE_NAME_SIZE);
	if (env->device_numbered || if_nametoindex(out) != 0)
		device_name_numbered(out, out);
}

/* Start OpenVPN; who it trusts is filled in already. */
static void start(struct tunnel *t, const struct openvpn_conf *who)
{
	struct openvpn_conf conf = *who;
	char text[OPENVPN_CONF_MAX];
	char device[DEVICE_NAME_SIZE];
	struct sbuf out = sbuf_over(text, sizeof(text));
	char *argv[OPENVPN_ARGC];
	struct process_conf program;
	enum openvpn_conf_err err;

	openvpn_process_conf(t->env.openvpn, argv, &program);
	choose_device(&t->env, device);
	conf.plan = &t->plan;
	conf.socket = slice_cstr(management_path(t->management));
	conf.device = slice_cstr(device);
	err = openvpn_conf_write(&conf, &out);
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

static void start_with_cert(struct tunnel *t, const struct cert *cert)
{
	const struct openvpn_conf conf = {
		.key_pem = slice_cstr(cert->key_pem),
		.cert_pem = slice_cstr(cert->cert_pem),
	};

	start(t, &conf);
}

static void start_with_secret(struct tunnel *t)
{
	uint8_t key[STATIC_KEY_LEN];
	const struct openvpn_conf conf = {.static_key = key};
	const char *why = "";
	char *detail;

	t->static_key = true;
	if (secret_read(t->env.secret_file, key, &why)) {
		start(t, &conf);
		explicit_bzero(key, sizeof(key));
		return;
	}
	detail = g_strdup_printf("%s: %s", t->env.secret_file, why);
	tunnel_fail(t, TUNNEL_END_FAILED, detail);
	g_free(detail);
}

struct tunnel *tunnel_openvpn(const struct tunnel_env *env,
	const struct tunnel_plan *plan, const struct cert *cert)
{
	struct tunnel *t = tunnel_new(env, plan);
	char *detail;

	t->management = management_new(on_management, t);
	if (t->management) {
		if (env->secret_file)
			start_with_secret(t);
		else
			start_with_cert(t, cert);
		return t;
	}
	detail = g_strdup_printf("no place for the management socket in "
				 "XDG_RUNTIME_DIR, /run or /tmp: %s",
		g_strerror(errno));
	tunnel_fail(t, TUNNEL_END_FAILED, detail);
	g_free(detail);
	return t;
}
