/* session.c - one call at work. */
#include "daemon/carrier.h"
#include "daemon/session_int.h"

/* A line about this call, which has its number in front, if it has one. */
#define SAY(s, how, format, ...)                                               \
	do {                                                                   \
		const struct log_about about = {                               \
			.call = (s)->env.numbered ? (s)->env.id : 0,           \
			.peer = peer(s),                                       \
			.reason = (s)->call.text,                              \
		};                                                             \
                                                                               \
		how##_about((s)->env.log, &about, format, __VA_ARGS__);        \
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
	SAY(s, log_detail,
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
	case TUNNEL_MISFIT:
		ev.type = CALL_EV_TUNNEL_MISFIT;
		break;
	case TUNNEL_ENDED:
		ev.type = CALL_EV_TUNNEL_ENDED;
		log_traffic(s);
		if (r->advice)
			SAY(s, log_fault, "%s", r->advice);
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
	const struct terms *t = &s->env.terms;
	const struct carrier_conf conf = {
		.openvpn = t->openvpn,
		.warm = g_steal_pointer(&s->warm),
		.program = t->program,
		.secret_file = t->secret_file,
		.peer = peer(s),
		.name = t->name,
		.numbered = s->device_numbered,
		.tls_id = s->tls_id,
		.plan = &s->call.plan,
		.cert = s->cert,
		.report = on_tunnel,
		.log = on_tunnel_log,
		.arg = s,
	};

	g_clear_pointer(&s->tunnel, tunnel_free); /* the one before has ended */
	if (t->secret_file && !t->program)
		SAY(s, log_fault, CARRIER_SECRET_WARNING, peer(s),
			t->secret_file);
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

	SAY(s, log_event,
		"CONNECTED %s in %" G_GINT64_FORMAT
		" ms: %s -> %s on %s, peer %s%s%s:%u",
		peer(s), ms, addr_text(&p->local, local),
		addr_text(&p->remote, remote),
		s->device[0] ? s->device : s->env.terms.program[0],
		v6 ? "[" : "", addr_text(&p->peer, endpoint), v6 ? "]" : "",
		(unsigned)p->peer_port);
}

/* It never came up, and another static key there would look like that. */
static bool silent_key(const struct session *s)
{
	const struct call *c = &s->call;

	if (!s->env.terms.secret_file || s->env.terms.program || s->up_since)
		return false;
	return c->silent || (c->outcome == CALL_OUT_PEER_HUNG_UP && s->tunnel);
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
	case CALL_OUT_LOST:
		SAY(s, log_fault, "call %s %s failed: %s",
			c->caller ? "to" : "from", peer(s), c->text);
		break;
	}
	if (silent_key(s))
		SAY(s, log_fault, CARRIER_SECRET_ADVICE,
			s->env.terms.secret_file);
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
	case CALL_OUT_LOST:
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
	case CALL_DROP_FORK:
		agent_drop_fork(s->sip, a->status, a->text);
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
	case CALL_SEND_REINVITE:
		agent_reinvite(
			s->sip, (struct slice){s->call.next, s->call.next_len});
		break;
	case CALL_REPORT_UP:
		report_up(s);
		break;
	case CALL_REPORT_CHANGE:
		s->began = g_get_monotonic_time();
		SAY(s, log_event, "call %s: %s", peer(s), a->text);
		break;
	case CALL_REPORT_OVER:
		set_deadline(s, 0);
		g_clear_pointer(&s->warm, warm_free);
		report_over(s);
		break;
	}
}

static void step(struct session *s, const struct call_event *ev)
{
	struct call_action actions[CALL_MAX_ACTIONS];
	enum call_state before = s->call.state;
	struct call_event fact = *ev;
	char token[TOKEN_LEN + 1];
	size_t n;

	token_fill(token);
	fact.token = slice_cstr(token);
	n = call_step(&s->call, &fact, actions);
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
	[AGENT_REACCEPTED] = CALL_EV_REACCEPTED,
	[AGENT_REREFUSED] = CALL_EV_REREFUSED,
	[AGENT_RETRY] = CALL_EV_RETRY,
	[AGENT_LOST] = CALL_EV_LOST,
	[AGENT_REFRESH] = CALL_EV_REFRESH,
};

void session_event(struct session *s, const struct agent_event *ev)
{
	struct call_event fact = {
		.type = call_events[ev->type],
		.status = ev->status,
		.warning = ev->warning,
		.phrase = ev->phrase,
		.detail = ev->detail,
		.body = ev->body,
	};

	step(s, &fact);
}

void session_hangup(struct session *s)
{
	fact(s, CALL_EV_HANGUP);
}

void session_hold(struct session *s, bool hold)
{
	fact(s, hold ? CALL_EV_HOLD : CALL_EV_RESUME);
}

void session_moved(struct session *s)
{
	/* me.nets stays: the tunnel's own device would be among them now */
	s->me.addr = agent_address(s->env.agent);
	fact(s, CALL_EV_MOVED);
}

bool session_has(const struct session *s, const struct agent_call *call)
{
	return s->sip == call;
}

void session_dial(struct session *s)
{
	fact(s, CALL_EV_DIAL);
	/* the server has something to do meanwhile, and so has the peer */
	if (s->ahead && !s->env.terms.program && s->call.state == CALL_INVITING)
		s->warm = warm_new(s->env.terms.openvpn);
}

void session_fail(
	struct session *s, enum agent_event_type type, const char *why)
{
	struct call_event ev = {
		.type = call_events[type], .phrase = slice_cstr(why)};

	step(s, &ev);
}
