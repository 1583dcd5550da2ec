/* session_make.c - a call comes, goes, and tells of itself. */
#include "daemon/session_int.h"

#include <string.h>

static void random_digits(char *out, size_t digits)
{
	char token[TOKEN_LEN + 1];

	token_fill(token);
	for (size_t i = 0; i < digits; i++)
		out[i] = (char)('0' + token[i] % 10);
	out[0] = '1'; /* no leading zero */
	out[digits] = '\0';
}

/* Do offer and answer announce a certificate? */
static bool needs_keys(const struct terms *t)
{
	return !t->legacy && (!t->program || t->program_tls);
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
	s->me.legacy = t->legacy;
	s->me.keys = needs_keys(t);
	s->me.tls_id = slice_cstr(s->tls_id);
	s->me.sess_id = slice_cstr(s->sess_id);
	s->me.group = slice_cstr(t->group);
	if (s->cert)
		memcpy(s->me.fingerprint, s->cert->fingerprint,
			sizeof(s->me.fingerprint));
	s->device_numbered = place->device_numbered;
	s->ahead = place->ahead;
	s->nets = g_array_ref(place->nets);
	s->me.nets = (const void *)s->nets->data;
	s->me.n_nets = s->nets->len;
}

struct session *session_new(
	const struct session_env *env, struct agent_call *sip, gint64 began)
{
	bool keys = needs_keys(&env->terms);
	struct cert *cert = keys ? cert_new() : NULL;
	struct session *s;

	if (!cert && keys)
		return NULL;
	s = g_new0(struct session, 1);
	s->env = *env;
	s->env.conf = conf_ref(env->conf);
	s->group = g_strdup(env->terms.group);
	s->env.terms.group = s->group;
	s->cert = cert;
	s->began = began;
	s->since = began;
	s->sip = sip;
	call_init(&s->call, &s->me);
	if (env->terms.legacy) /* it refreshes nothing, nor may we */
		agent_call_untimed(sip);
	return s;
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

static void count(const struct tunnel *t, struct session_status *out)
{
	struct tunnel_counters n;
	struct vpnsdp_addr addr;
	uint16_t port;

	out->counted = tunnel_counters(t, &n);
	if (out->counted) {
		out->rx = n.rx;
		out->tx = n.tx;
		out->rx_rate = n.rx_rate;
		out->tx_rate = n.tx_rate;
	}
	if (tunnel_peer(t, &addr, &port)) {
		out->endpoint = addr;
		out->endpoint_port = port;
	}
}

void session_status(const struct session *s, struct session_status *out)
{
	const struct call *c = &s->call;

	*out = (struct session_status){
		.id = s->env.id,
		.account = s->env.terms.account,
		.peer = agent_call_peer(s->sip),
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
	if (c->tunnel && s->tunnel)
		count(s->tunnel, out);
}

void session_free(struct session *s)
{
	if (!s)
		return;
	g_clear_handle_id(&s->deadline, g_source_remove);
	if (s->tunnel)
		tunnel_free(s->tunnel);
	warm_free(s->warm);
	cert_free(s->cert);
	agent_call_free(s->sip);
	if (s->nets)
		g_array_unref(s->nets);
	conf_unref(s->env.conf);
	g_free(s->group);
	g_free(s);
}
