/* session.c - one call at work. */
#include "daemon/session.h"

#include <string.h>

#include "daemon/local.h"
#include "sip/token.h"
#include "tunnel/tunnel.h"

struct session {
	struct session_env env;
	bool placed;  /* else it waits for its account */
	GArray *nets; /* of me */
	gint64 since, up_since;
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

/* The one name that the log lines of a call have in front, if any. */
#define SAY(s, how, format, ...)                                               \
	do {                                                                   \
		if ((s)->env.numbered)                                         \
			how((s)->env.log, "call %u: " format, (s)->env.id,     \
				__VA_ARGS__);                                  \
		else                                                           \
			how((s)->env.log, format, __VA_ARGS__);                \
	} while (0)

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
		break;
	}
	step(s, &ev);
}

static void on_tunnel_log(void *arg, const char *line)
{
	struct session *s = arg;

	SAY(s, log_detail, "openvpn: %s", line);
}

static void start_tunnel(struct session *s)
{
	struct tunnel_env env = {
		.openvpn = s->env.terms.openvpn,
		.report = on_tunnel,
		.log = on_tunnel_log,
		.arg = s,
	};

	s->tunnel = s->env.terms.program
			    ? tunnel_program(
				      &env, &s->call.plan, s->env.terms.program)
			    : tunnel_openvpn(&env, &s->call.plan, s->cert);
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

	SAY(s, log_event,
		"CONNECTED %s in %" G_GINT64_FORMAT
		" ms: %s -> %s on %s, peer %s%s%s:%u",
		peer(s), ms, addr_text(&p->local, local),
		addr_text(&p->remote, remote),
		s->device[0] ? s->device : s->env.terms.program[0],
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
		SAY(s, log_event, "call ended: %s", c->text);
		break;
	case CALL_OUT_REFUSED:
		SAY(s, log_fault, "call to %s refused: %u %s", peer(s),
			(unsigned)c->status, c->text);
		break;
	case CALL_OUT_WE_REFUSED:
		SAY(s, log_fault, "call from %s refused: %s", peer(s), c->text);
		break;
	case CALL_OUT_NO_RESPONSE:
	case CALL_OUT_AUTH_FAILED:
	case CALL_OUT_BAD_ANSWER:
	case CALL_OUT_TUNNEL_FAILED:
	case CALL_OUT_TUNNEL_ENDED:
		SAY(s, log_fault, "call %s %s failed: %s",
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
		SAY(s, log_event, "calling %s", peer(s));
		agent_invite(s->sip, sdp);
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

	if (s->call.state != before) {
		SAY(s, log_detail, "call %s: %s -> %s", peer(s),
			call_state_name(before),
			call_state_name(s->call.state));
		s->since = g_get_monotonic_time();
		if (s->call.state == CALL_UP)
			s->up_since = s->since;
		s->env.changed(s->env.arg, s);
	}
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
void session_place(struct session *s, const struct session_place *place)
{
	const struct terms *t = &s->env.terms;

	s->placed = true;
	token_fill(s->tls_id);
	random_digits(s->sess_id, 18); /* o= wants a 64-bit number */
	s->me.addr = agent_address(s->env.agent);
	s->me.port = place->port;
	s->me.tun_local = place->pair.local;
	s->me.tun_remote = place->pair.remote;
	s->me.tun_fixed = t->pair_given;
	s->me.keys = !t->program;
	s->me.tls_id = slice_cstr(s->tls_id);
	s->me.sess_id = slice_cstr(s->sess_id);
	s->me.group = slice_cstr(t->group);
	if (s->cert)
		memcpy(s->me.fingerprint, s->cert->fingerprint,
			sizeof(s->me.fingerprint));
	s->nets = g_array_ref(place->nets);
	s->me.nets = (const void *)s->nets->data;
	s->me.n_nets = s->nets->len;
}

struct session *session_new(
	const struct session_env *env, struct agent_call *sip, gint64 began)
{
	struct cert *cert = env->terms.program ? NULL : cert_new();
	struct session *s;

	if (!cert && !env->terms.program)
		return NULL;
	s = g_new0(struct session, 1);
	s->env = *env;
	s->env.conf = conf_ref(env->conf);
	s->cert = cert;
	s->began = began;
	s->since = began;
	s->sip = sip;
	call_init(&s->call, &s->me);
	return s;
}

void session_dial(struct session *s)
{
	fact(s, CALL_EV_DIAL);
}

void session_fail(
	struct session *s, enum agent_event_type type, const char *why)
{
	struct call_event ev = {
		.type = call_events[type], .phrase = slice_cstr(why)};

	step(s, &ev);
}

struct conf_pair session_pair(const struct session *s)
{
	const struct tunnel_plan *p = &s->call.plan;

	if (p->local.family != 0)
		return (struct conf_pair){p->local, p->remote};
	return (struct conf_pair){s->me.tun_local, s->me.tun_remote};
}

void *session_owner(const struct session *s)
{
	return s->env.owner;
}

struct agent *session_agent(const struct session *s)
{
	return s->env.agent;
}

const struct terms *session_terms(const struct session *s)
{
	return &s->env.terms;
}

void session_status(const struct session *s, struct session_status *out)
{
	const struct call *c = &s->call;

	*out = (struct session_status){
		.id = s->env.id,
		.account = s->env.terms.account,
		.peer = peer(s),
		.name = s->env.terms.name ? s->env.terms.name : "",
		.group = s->env.terms.group ? s->env.terms.group : "",
		.outgoing = agent_call_outgoing(s->sip),
		.waits = !s->placed,
		.state = c->state,
		.began = s->began,
		.since = s->since,
		.up_since = s->up_since,
		.device = c->tunnel ? s->device : "",
		.local = c->plan.local,
		.remote = c->plan.remote,
		.port = s->me.port,
		.endpoint = c->plan.peer,
		.endpoint_port = c->plan.peer_port,
		.outcome = c->outcome,
		.status = c->status,
		.text = c->text,
	};
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
	if (s->nets)
		g_array_unref(s->nets);
	conf_unref(s->env.conf);
	g_free(s);
}
