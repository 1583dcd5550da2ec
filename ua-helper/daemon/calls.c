/* calls.c - all calls of the program, and what each takes of the machine. */
#include "daemon/calls.h"

#include <errno.h>

#include "daemon/carrier.h"
#include "daemon/local.h"

/*
 * With more calls than this being set up, the machine has no time to spare
 * while a peer answers: loading ahead would only hold up the others.
 */
#define AHEAD_MAX 4

struct calls {
	struct calls_env env;
	GPtrArray *all;  /* struct session, also those over until buried */
	GPtrArray *dead; /* over, to be freed from the main loop */
	guint bury;
	unsigned last_id;
};

static bool ending(const struct session_status *s)
{
	return s->state == CALL_ENDING || s->state == CALL_OVER;
}

/* ----------------------------------------------------------- their end */

static gboolean bury(gpointer arg)
{
	struct calls *c = arg;
	GPtrArray *dead = c->dead;

	c->bury = 0;
	c->dead = g_ptr_array_new();
	for (guint i = 0; i < dead->len; i++) {
		void *owner = session_owner(dead->pdata[i]);

		g_ptr_array_remove(c->all, dead->pdata[i]);
		session_free(dead->pdata[i]);
		c->env.buried(c->env.arg, owner);
	}
	g_ptr_array_unref(dead);
	return G_SOURCE_REMOVE;
}

static void on_over(void *arg, struct session *s)
{
	struct calls *c = arg;

	c->env.over(c->env.arg, s);
	/* not from inside the session */
	g_ptr_array_add(c->dead, s);
	if (c->bury == 0)
		c->bury = g_idle_add_full(G_PRIORITY_HIGH, bury, c, NULL);
}

static void on_changed(void *arg, struct session *s)
{
	struct calls *c = arg;

	c->env.changed(c->env.arg, s);
}

struct calls *calls_new(const struct calls_env *env)
{
	struct calls *c = g_new0(struct calls, 1);

	c->env = *env;
	c->all = g_ptr_array_new();
	c->dead = g_ptr_array_new();
	return c;
}

void calls_free(struct calls *c)
{
	if (!c)
		return;
	g_clear_handle_id(&c->bury, g_source_remove);
	for (guint i = 0; i < c->all->len; i++)
		session_free(c->all->pdata[i]);
	g_ptr_array_unref(c->all);
	g_ptr_array_unref(c->dead);
	g_free(c);
}

void calls_drop(struct calls *c, struct session *s)
{
	g_ptr_array_remove(c->all, s);
	g_ptr_array_remove(c->dead, s);
	session_free(s);
}

/* ---------------------------------------------------------- their places */

struct search {
	struct calls *calls;
	const struct session *asks;
	GArray *nets;          /* struct media_net */
	struct conf_pair pair; /* that it will have */
};

static bool port_is_free(void *arg, uint16_t port)
{
	struct search *search = arg;
	GPtrArray *all = search->calls->all;
	struct session_status st;

	for (guint i = 0; i < all->len; i++) {
		session_status(all->pdata[i], &st);
		if (all->pdata[i] != search->asks && st.port == port)
			return false;
	}
	return true;
}

/*
 * Interfaces that are no reason to refuse a tunnel address: those of tunnels
 * that end, and of tunnels that share our own address.
 */
static bool no_obstacle(void *arg, const struct vpnsdp_addr *a)
{
	struct search *search = arg;
	GPtrArray *all = search->calls->all;
	struct session_status st;

	for (guint i = 0; i < all->len; i++) {
		session_status(all->pdata[i], &st);
		if (vpnsdp_addr_eq(a, &st.local) &&
			(ending(&st) || vpnsdp_addr_eq(a, &search->pair.local)))
			return true;
	}
	return false;
}

/* Into search->nets: where no tunnel address of the new call may lie. */
static void find_obstacles(struct search *search)
{
	struct vpnsdp_addr server = agent_server(session_agent(search->asks));
	struct media_net net = local_host(&server);
	GPtrArray *all = search->calls->all;
	struct session_status st;

	g_array_append_val(search->nets, net);
	local_networks(search->nets, no_obstacle, search);
	for (guint i = 0; i < all->len; i++) {
		struct conf_pair pair = session_pair(all->pdata[i]);

		session_status(all->pdata[i], &st);
		if (all->pdata[i] == search->asks || ending(&st) ||
			pair.local.family == 0)
			continue;
		net = local_host(&pair.remote);
		g_array_append_val(search->nets, net);
		net = local_host(&pair.local);
		if (!vpnsdp_addr_eq(&pair.local, &search->pair.local))
			g_array_append_val(search->nets, net);
	}
}

static bool pair_is_free(void *arg, const struct vpnsdp_addr *local,
	const struct vpnsdp_addr *remote)
{
	struct search *search = arg;

	for (guint i = 0; i < search->nets->len; i++) {
		const struct media_net *net =
			&g_array_index(search->nets, struct media_net, i);

		if (media_in_net(local, net) || media_in_net(remote, net))
			return false;
	}
	return true;
}

/* From the pool. */
static bool choose_pair(struct search *search, const struct terms *terms)
{
	struct session_status st;
	uint32_t seed;

	session_status(search->asks, &st);
	seed = pool_seed(slice_cstr(st.peer),
		slice_cstr(agent_aor(session_agent(search->asks))));
	return terms->pool &&
	       pool_take(terms->pool, seed, pair_is_free, search,
		       &search->pair.local, &search->pair.remote);
}

static void device_of(
	const struct session_status *st, char out[static DEVICE_NAME_SIZE])
{
	carrier_device(st->peer, st->name[0] ? st->name : NULL, out);
}

/*
 * Users of one name, at two accounts or in two groups: both may find the name
 * free, and only one of them will get it.
 */
static bool shares_device_name(const struct calls *c, const struct session *s)
{
	struct session_status st;
	char name[DEVICE_NAME_SIZE];
	char other[DEVICE_NAME_SIZE];

	session_status(s, &st);
	device_of(&st, name);
	for (guint i = 0; i < c->all->len; i++) {
		session_status(c->all->pdata[i], &st);
		device_of(&st, other);
		if (c->all->pdata[i] != s && !ending(&st) &&
			strcmp(name, other) == 0)
			return true;
	}
	return false;
}

static bool few_begin(const struct calls *c)
{
	struct session_status st;
	guint n = 0;

	for (guint i = 0; i < c->all->len; i++) {
		session_status(c->all->pdata[i], &st);
		n += st.state != CALL_UP && st.state != CALL_HELD &&
		     !ending(&st);
	}
	return n <= AHEAD_MAX; /* the one that asks is one of them */
}

/* NULL: placed; else what is missing. */
static const char *place(struct calls *c, struct session *s)
{
	const struct terms *terms = session_terms(s);
	struct vpnsdp_addr addr = agent_address(session_agent(s));
	struct search search = {.calls = c, .asks = s, .pair = terms->pair};
	struct session_place p = {
		.device_numbered = shares_device_name(c, s),
		.ahead = few_begin(c),
	};
	const char *why = NULL;
	int err;

	search.nets = g_array_new(FALSE, FALSE, sizeof(struct media_net));
	find_obstacles(&search);
	p.port = local_free_port(&addr, terms->vpn_port, port_is_free, &search);
	err = errno;
	if (terms->pair.local.family == 0 && !choose_pair(&search, terms))
		why = "address_pool is used up, or lies in a network of "
		      "this machine";
	else if (p.port == 0 && err != EADDRINUSE)
		why = g_strerror(err);
	else if (p.port == 0)
		why = "a hundred VPN ports are taken; choose others with -v "
		      "or vpn_port";
	p.pair = search.pair;
	p.nets = search.nets;
	if (!why)
		session_place(s, &p);
	g_array_unref(search.nets);
	return why;
}

/* ------------------------------------------------------------ their start */

struct session *calls_add(struct calls *c, const struct calls_for *whose,
	struct agent_call *sip, gint64 began)
{
	struct session_env env = {
		.log = c->env.log,
		.agent = whose->agent,
		.conf = whose->conf,
		.id = c->last_id + 1,
		.numbered = c->env.numbered,
		.owner = whose->owner,
		.changed = on_changed,
		.over = on_over,
		.arg = c,
	};
	struct session *s;

	conf_terms(whose->conf, whose->account, whose->peer, &env.terms);
	if (whose->group)
		env.terms.group = whose->group;
	s = session_new(&env, sip, began);
	if (!s) {
		log_fault(c->env.log, "no call is possible: OpenSSL makes no "
				      "certificate");
		return NULL;
	}
	c->last_id++;
	g_ptr_array_add(c->all, s);
	return s;
}

bool calls_dial(struct calls *c, struct session *s)
{
	const char *why = place(c, s);

	if (why) {
		log_fault(c->env.log, "no call is possible: %s", why);
		session_fail(s, AGENT_NO_RESPONSE, why);
		return false;
	}
	session_dial(s);
	return true;
}

bool calls_take(
	struct calls *c, struct session *s, const struct agent_event *ev)
{
	const char *why = place(c, s);

	if (why) {
		log_fault(c->env.log, "no call is possible: %s", why);
		return false;
	}
	session_event(s, ev);
	return true;
}

/* --------------------------------------------------------------- finding */

struct session *calls_by_sip(
	const struct calls *c, const struct agent_call *sip)
{
	for (guint i = 0; i < c->all->len; i++)
		if (session_has(c->all->pdata[i], sip))
			return c->all->pdata[i];
	return NULL;
}

struct session *calls_at(const struct calls *c, guint i)
{
	return i < c->all->len ? c->all->pdata[i] : NULL;
}

struct session *calls_by_id(const struct calls *c, unsigned id)
{
	struct session_status st;

	for (guint i = 0; i < c->all->len; i++) {
		session_status(c->all->pdata[i], &st);
		if (st.id == id && st.state != CALL_OVER)
			return c->all->pdata[i];
	}
	return NULL;
}

bool calls_have(const struct calls *c, const struct vpnsdp_addr *address)
{
	for (guint i = 0; i < c->all->len; i++) {
		struct conf_pair pair = session_pair(c->all->pdata[i]);

		if (vpnsdp_addr_eq(&pair.local, address))
			return true;
	}
	return false;
}

guint calls_count(const struct calls *c, const void *owner, bool with_ending)
{
	struct session_status st;
	guint n = 0;

	for (guint i = 0; i < c->all->len; i++) {
		if (owner && session_owner(c->all->pdata[i]) != owner)
			continue;
		session_status(c->all->pdata[i], &st);
		n += with_ending || !ending(&st);
	}
	return n;
}

void calls_hangup(struct calls *c, const void *owner)
{
	for (guint i = 0; i < c->all->len; i++)
		if (!owner || session_owner(c->all->pdata[i]) == owner)
			session_hangup(c->all->pdata[i]);
}

void calls_moved(struct calls *c, const void *owner)
{
	for (guint i = 0; i < c->all->len; i++)
		if (session_owner(c->all->pdata[i]) == owner)
			session_moved(c->all->pdata[i]);
}
