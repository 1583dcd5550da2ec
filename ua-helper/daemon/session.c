/* session.c - one call at work. */
#include "daemon/session.h"

#include <string.h>

#include "daemon/carrier.h"
#include "daemon/local.h"
#include "sip/token.h"

struct session {
	struct session_env env;
	struct call call;
	struct media_local me;
	struct agent_call *sip;
	struct cert *cert;
	struct tunnel *tunnel;
	guint deadline;
	gint64 began;
	char tls_id[TOKEN_LEN + 1];
	char sess_id[24];
	char device[32];
};

static void step(struct session *s, const struct call_event *ev);

static const char *peer(const struct session *s)
{
	return agent_call_peer(s->sip);
}

static void fact(struct session *s, enum call_event_type type)
{
	struct call_event ev = {.type = type};

	step(s, &ev);
}

/* ------------------------------------------------------- what the call wants
 */

static const char *addr_text(const struct vpnsdp_addr *a, char buf[48]);

/* What a tunnel that has ended carried, and where its peer really was. */
static void log_traffic(const struct session *s)
{
	struct tunnel_counters n;
	struct vpnsdp_addr addr;
	uint16_t port;
	char addr_buf[48];
	char *where = NULL;

	if (!s->tunnel || !tunnel_counters(s->tunnel, &n) || n.rx + n.tx == 0)
		return;
	if (tunnel_peer(s->tunnel, &addr, &port))
		where = g_strdup_printf(addr.family == 6 ? ", peer at [%s]:%u"
							 : ", peer at %s:%u",
			addr_text(&addr, addr_buf), (unsigned)port);
	log_detail(s->env.log,
		"tunnel with %s: %" G_GUINT64_FORMAT
		" bytes received, %" G_GUINT64_FORMAT " sent%s",
		peer(s), n.rx, n.tx, where ? where : "");
	g_free(where);
}

static void on_tunnel(void *arg, const struct tunnel_report *r)
{
	struct session *s = arg;
	struct call_event ev = {.phrase = slice_cstr(r->detail), .end = r->end};

	switch (r->fact) {
	case TUNNEL_LISTENING:
		ev.type = CALL_EV_TUNNEL_LISTENING;
		break;
	case TUNNEL_UP:
		ev.type = CALL_EV_TUNNEL_UP;
		if (r->device)
			g_strlcpy(s->device, r->device, sizeof(s->device));
		break;
	case TUNNEL_ENDED:
		ev.type = CALL_EV_TUNNEL_ENDED;
		log_traffic(s);
		if (r->advice)
			log_fault(s->env.log, "%s", r->advice);
		break;
	}
	step(s, &ev);
}

static void on_tunnel_log(void *arg, const char *line)
{
	struct session *s = arg;

	log_detail(s->env.log, "openvpn: %s", line);
}

static void start_tunnel(struct session *s)
{
	const struct options *o = s->env.options;
	const struct carrier_conf conf = {
		.openvpn = o->openvpn,
		.program = o->program,
		.secret_file = o->secret_file,
		.peer = peer(s),
		.tls_id = s->tls_id,
		.plan = &s->call.plan,
		.cert = s->cert,
		.report = on_tunnel,
		.log = on_tunnel_log,
		.arg = s,
	};

	if (o->secret_file && !o->program)
		log_fault(s->env.log, CARRIER_SECRET_WARNING, peer(s),
			o->secret_file);
	s->tunnel = carrier_start(&conf);
}

static gboolean deadline_due(gpointer arg)
{
	struct session *s = arg;

	s->deadline = 0;
	fact(s, CALL_EV_DEADLINE);
	return G_SOURCE_REMOVE;
}

static void set_deadline(struct session *s, uint32_t ms)
{
	g_clear_handle_id(&s->deadline, g_source_remove);
	if (ms > 0)
		s->deadline = g_timeout_add(ms, deadline_due, s);
}

/* --------------------------------------------------------- telling people */

static const char *addr_text(const struct vpnsdp_addr *a, char buf[48])
{
	struct sbuf b = sbuf_over(buf, 48);
	const char *text;

	vpnsdp_addr_write(a, &b);
	text = sbuf_cstr(&b);
	return text ? text : "?";
}

static void report_up(struct session *s)
{
	const struct tunnel_plan *p = &s->call.plan;
	char local[48];
	char remote[48];
	char endpoint[48];
	gint64 ms = (g_get_monotonic_time() - s->began + 500) / 1000;
	bool v6 = p->peer.family == 6;

	log_event(s->env.log,
		"CONNECTED %s in %" G_GINT64_FORMAT
		" ms: %s -> %s on %s, peer %s%s%s:%u",
		peer(s), ms, addr_text(&p->local, local),
		addr_text(&p->remote, remote),
		s->device[0] ? s->device : s->env.options->program[0],
		v6 ? "[" : "", addr_text(&p->peer, endpoint), v6 ? "]" : "",
		(unsigned)p->peer_port);
}

static void report_over(struct session *s)
{
	const struct call *c = &s->call;

	switch (c->outcome) {
	case CALL_OUT_NONE:
	case CALL_OUT_HUNG_UP:
	case CALL_OUT_PEER_HUNG_UP:
	case CALL_OUT_CANCELLED:
		log_event(s->env.log, "call ended: %s", c->text);
		break;
	case CALL_OUT_REFUSED:
		log_fault(s->env.log, "call to %s refused: %u %s", peer(s),
			(unsigned)c->status, c->text);
		break;
	case CALL_OUT_WE_REFUSED:
		log_fault(s->env.log, "call from %s refused: %s", peer(s),
			c->text);
		break;
	case CALL_OUT_NO_RESPONSE:
	case CALL_OUT_AUTH_FAILED:
	case CALL_OUT_BAD_ANSWER:
	case CALL_OUT_TUNNEL_FAILED:
	case CALL_OUT_TUNNEL_ENDED:
		log_fault(s->env.log, "call %s %s failed: %s",
			c->caller ? "to" : "from", peer(s), c->text);
		break;
	}
	s->env.over(s->env.arg, s);
}

enum exit_code session_result(const struct session *s)
{
	switch (s->call.outcome) {
	case CALL_OUT_NONE:
	case CALL_OUT_HUNG_UP:
	case CALL_OUT_PEER_HUNG_UP:
	case CALL_OUT_CANCELLED:
		return EXIT_OK;
	case CALL_OUT_AUTH_FAILED:
		return EXIT_AUTH;
	case CALL_OUT_TUNNEL_FAILED:
	case CALL_OUT_TUNNEL_ENDED:
		return EXIT_TUNNEL;
	case CALL_OUT_REFUSED:
	case CALL_OUT_WE_REFUSED:
	case CALL_OUT_NO_RESPONSE:
	case CALL_OUT_BAD_ANSWER:
		break;
	}
	return EXIT_CALL;
}

/* ------------------------------------------------------ carrying it out */

static void perform(struct session *s, const struct call_action *a)
{
	struct slice sdp = {s->call.sdp, s->call.sdp_len};

	switch (a->type) {
	case CALL_SEND_INVITE:
		log_event(s->env.log, "calling %s", peer(s));
		agent_invite(s->sip, sdp);
		break;
	case CALL_SEND_PROGRESS:
		agent_progress(s->sip);
		break;
	case CALL_SEND_RINGING:
		agent_ring(s->sip);
		break;
	case CALL_SEND_ANSWER:
	case CALL_ANSWER_REINVITE:
		agent_answer(s->sip, sdp);
		break;
	case CALL_SEND_REFUSAL:
	case CALL_REFUSE_REINVITE:
		agent_refuse(s->sip, a->status, a->warning, a->text);
		break;
	case CALL_SEND_ACK:
		agent_ack(s->sip);
		break;
	case CALL_SEND_CANCEL:
		agent_cancel(s->sip);
		break;
	case CALL_SEND_BYE:
		agent_bye(s->sip, a->status, a->text);
		break;
	case CALL_START_TUNNEL:
		start_tunnel(s);
		break;
	case CALL_STOP_TUNNEL:
		tunnel_stop(s->tunnel);
		break;
	case CALL_SET_DEADLINE:
		set_deadline(s, a->ms);
		break;
	case CALL_REPORT_UP:
		report_up(s);
		break;
	case CALL_REPORT_OVER:
		set_deadline(s, 0);
		report_over(s);
		break;
	}
}

static void step(struct session *s, const struct call_event *ev)
{
	struct call_action actions[CALL_MAX_ACTIONS];
	enum call_state before = s->call.state;
	size_t n = call_step(&s->call, ev, actions);

	if (s->call.state != before)
		log_detail(s->env.log, "call %s: %s -> %s", peer(s),
			call_state_name(before),
			call_state_name(s->call.state));
	for (size_t i = 0; i < n; i++)
		perform(s, &actions[i]);
}

static const enum call_event_type call_events[] = {
	[AGENT_INVITED] = CALL_EV_INVITE,
	[AGENT_REINVITED] = CALL_EV_REINVITE,
	[AGENT_PROVISIONAL] = CALL_EV_PROVISIONAL,
	[AGENT_ACCEPTED] = CALL_EV_ACCEPTED,
	[AGENT_REFUSED] = CALL_EV_REFUSED,
	[AGENT_AUTH_FAILED] = CALL_EV_AUTH_FAILED,
	[AGENT_NO_RESPONSE] = CALL_EV_NO_RESPONSE,
	[AGENT_ACKED] = CALL_EV_ACK,
	[AGENT_NO_ACK] = CALL_EV_NO_ACK,
	[AGENT_CANCELLED] = CALL_EV_CANCEL,
	[AGENT_BYE] = CALL_EV_BYE,
	[AGENT_BYE_DONE] = CALL_EV_BYE_DONE,
};

void session_event(struct session *s, const struct agent_event *ev)
{
	struct call_event fact = {
		.type = call_events[ev->type],
		.status = ev->status,
		.warning = ev->warning,
		.phrase = ev->phrase,
		.body = ev->body,
	};

	step(s, &fact);
}

void session_hangup(struct session *s)
{
	fact(s, CALL_EV_HANGUP);
}

bool session_has(const struct session *s, const struct agent_call *call)
{
	return s->sip == call;
}

/* --------------------------------------------------------------- making one */

static void random_digits(char *out, size_t digits)
{
	char token[TOKEN_LEN + 1];

	token_fill(token);
	for (size_t i = 0; i < digits; i++)
		out[i] = (char)('0' + token[i] % 10);
	out[0] = '1'; /* no leading zero */
	out[digits] = '\0';
}

/* Our side of the description, for this call only. */
static void describe(struct session *s)
{
	const struct options *o = s->env.options;
	struct vpnsdp_addr server = agent_server(s->env.agent);

	token_fill(s->tls_id);
	random_digits(s->sess_id, 18); /* o= wants a 64-bit number */
	s->me.addr = agent_address(s->env.agent);
	s->me.port = local_free_port(&s->me.addr, o->vpn_port);
	s->me.tun_local = o->local;
	s->me.tun_remote = o->remote;
	s->me.tun_fixed = o->addresses_given;
	s->me.legacy = o->legacy;
	s->me.keys = !o->legacy && (!o->program || o->program_tls);
	s->me.tls_id = slice_cstr(s->tls_id);
	s->me.sess_id = slice_cstr(s->sess_id);
	s->me.group = slice_cstr(o->group);
	local_networks(&s->me, &server);
}

struct session *session_new(const struct session_env *env,
	struct agent_call *sip, gint64 began, const char **why)
{
	struct session *s = g_new0(struct session, 1);

	s->env = *env;
	s->began = began;
	describe(s);
	call_init(&s->call, &s->me);
	*why = NULL;
	if (s->me.port == 0)
		*why = "a hundred VPN ports are taken; choose others with -v";
	if (s->me.keys)
		s->cert = cert_new();
	if (s->me.keys && !s->cert)
		*why = "OpenSSL makes no certificate";
	if (*why) {
		session_free(s);
		return NULL;
	}
	if (s->cert)
		memcpy(s->me.fingerprint, s->cert->fingerprint,
			sizeof(s->me.fingerprint));
	s->sip = sip;
	return s;
}

void session_dial(struct session *s)
{
	fact(s, CALL_EV_DIAL);
}

void session_free(struct session *s)
{
	if (!s)
		return;
	set_deadline(s, 0);
	if (s->tunnel)
		tunnel_free(s->tunnel);
	cert_free(s->cert);
	agent_call_free(s->sip);
	g_free(s);
}
