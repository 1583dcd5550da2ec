/* conf.c - what is configured: made, shared, looked up. */
#include "daemon/conf.h"

#include <string.h>

#include "daemon/control.h"
#include "daemon/password.h"

#define MAX_CALLS 256 /* ten megabytes of memory each, in OpenVPN */

static void proxy_free(void *arg)
{
	struct conf_proxy *p = arg;

	g_free(p->host);
	g_free(p);
}

static void account_free(void *arg)
{
	struct account_conf *a = arg;

	g_free(a->name);
	g_free(a->user);
	g_free(a->domain);
	password_free(a->password);
	g_free(a->password_file);
	g_ptr_array_unref(a->proxies);
	g_free(a->ca_file);
	g_free(a->cert_file);
	g_free(a->key_file);
	g_free(a->group);
	g_strfreev(a->program);
	g_free(a->secret_file);
	g_free(a);
}

static void peer_free(void *arg)
{
	struct peer_conf *p = arg;

	g_free(p->name);
	g_free(p->uri);
	g_free(p->account_name);
	g_free(p->group);
	g_strfreev(p->program);
	g_free(p->secret_file);
	g_free(p);
}

static void conf_free(void *arg)
{
	struct conf *c = arg;

	g_ptr_array_unref(c->peers);
	g_ptr_array_unref(c->accounts);
	g_free(c->log_file);
	g_free(c->control);
	g_free(c->openvpn);
}

struct conf *conf_new(void)
{
	struct conf *c = g_rc_box_new0(struct conf);

	c->accounts = g_ptr_array_new_with_free_func(account_free);
	c->peers = g_ptr_array_new_with_free_func(peer_free);
	c->openvpn = g_strdup("openvpn");
	c->control = g_strdup(CONTROL_PATH);
	c->max_calls = MAX_CALLS;
	return c;
}

struct conf *conf_ref(const struct conf *conf)
{
	return g_rc_box_acquire((void *)conf);
}

void conf_unref(const struct conf *conf)
{
	if (conf)
		g_rc_box_release_full((void *)conf, conf_free);
}

struct account_conf *account_conf_new(const char *name)
{
	struct account_conf *a = g_new0(struct account_conf, 1);

	a->name = g_strdup(name);
	a->proxies = g_ptr_array_new_with_free_func(proxy_free);
	a->port = SIP_PORT;
	a->registers = true;
	a->vpn_port = VPN_PORT;
	a->accept = CONF_ACCEPT_ALL;
	return a;
}

struct peer_conf *peer_conf_new(const char *name)
{
	struct peer_conf *p = g_new0(struct peer_conf, 1);

	p->name = g_strdup(name);
	return p;
}

struct conf_proxy *account_conf_proxy(struct account_conf *a,
	enum agent_transport transport, const char *host, uint16_t port)
{
	struct conf_proxy *p = g_new0(struct conf_proxy, 1);

	p->transport = transport;
	p->host = g_strdup(host);
	p->port = port;
	g_ptr_array_add(a->proxies, p);
	return p;
}

struct conf *conf_of_options(const struct options *o)
{
	struct conf *c = conf_new();
	struct account_conf *a = account_conf_new(o->user);
	enum agent_transport transport = (enum agent_transport)o->transport;

	c->log_file = g_strdup(o->log_file);
	c->debug = o->debug;
	c->max_calls = 1;
	g_free(c->openvpn);
	c->openvpn = g_strdup(o->openvpn);
	account_conf_proxy(a, transport, o->server_host,
		o->server_port_given ? o->server_port : 0);
	for (size_t i = 0; i < o->n_more; i++)
		account_conf_proxy(
			a, transport, o->more[i].host, o->more[i].port);
	a->ca_file = g_strdup(o->ca_file);
	a->cert_file = g_strdup(o->cert_file);
	a->gruu = o->gruu;
	a->user = g_strdup(o->user);
	a->domain = g_strdup(o->domain);
	a->password = g_strdup(o->password);
	a->port = o->sip_port;
	a->port_fixed = o->sip_port_given;
	a->vpn_port = o->vpn_port;
	a->pair = (struct conf_pair){o->local, o->remote};
	a->pair_given = o->addresses_given;
	a->group = g_strdup(o->group);
	a->program = g_strdupv(o->program);
	a->program_tls = o->program_tls;
	a->legacy = o->legacy;
	a->secret_file = g_strdup(o->secret_file);
	g_ptr_array_add(c->accounts, a);
	return c;
}

const struct account_conf *conf_account(
	const struct conf *conf, const char *name)
{
	for (guint i = 0; i < conf->accounts->len; i++) {
		const struct account_conf *a = conf->accounts->pdata[i];

		if (!name || strcmp(a->name, name) == 0)
			return a;
	}
	return NULL;
}

const struct peer_conf *conf_peer(const struct conf *conf, const char *name)
{
	for (guint i = 0; i < conf->peers->len; i++) {
		const struct peer_conf *p = conf->peers->pdata[i];

		if (!name || strcmp(p->name, name) == 0)
			return p;
	}
	return NULL;
}

const struct peer_conf *conf_peer_of(const struct conf *conf,
	const struct account_conf *account, struct slice uri)
{
	struct slice home = slice_cstr(account->domain);
	struct aor wanted;
	struct aor has;

	if (!aor_parse(uri, home, &wanted))
		return NULL;
	for (guint i = 0; i < conf->peers->len; i++) {
		const struct peer_conf *p = conf->peers->pdata[i];

		if (p->account == account &&
			aor_parse(slice_cstr(p->uri), home, &has) &&
			aor_compare(&has, &wanted) == 0)
			return p;
	}
	return NULL;
}

static bool proxies_same(const GPtrArray *a, const GPtrArray *b)
{
	if (a->len != b->len)
		return false;
	for (guint i = 0; i < a->len; i++) {
		const struct conf_proxy *x = a->pdata[i];
		const struct conf_proxy *y = b->pdata[i];

		if (x->transport != y->transport || x->port != y->port ||
			strcmp(x->host, y->host) != 0)
			return false;
	}
	return true;
}

bool account_conf_same(
	const struct account_conf *a, const struct account_conf *b)
{
	return strcmp(a->user, b->user) == 0 &&
	       strcmp(a->domain, b->domain) == 0 &&
	       g_strcmp0(a->password, b->password) == 0 &&
	       g_strcmp0(a->ca_file, b->ca_file) == 0 &&
	       g_strcmp0(a->cert_file, b->cert_file) == 0 &&
	       g_strcmp0(a->key_file, b->key_file) == 0 && a->port == b->port &&
	       a->port_fixed == b->port_fixed && a->registers == b->registers &&
	       a->gruu == b->gruu && proxies_same(a->proxies, b->proxies);
}

void conf_terms(const struct conf *conf, const struct account_conf *account,
	const struct peer_conf *peer, struct terms *out)
{
	*out = (struct terms){
		.account = account->name,
		.openvpn = conf->openvpn,
		.program = account->program,
		.program_tls = account->program_tls,
		.legacy = account->legacy,
		.secret_file = account->secret_file,
		.vpn_port = account->vpn_port,
		.pair = account->pair,
		.pair_given = account->pair_given,
		.pool = account->pool.bits > 0 ? &account->pool : NULL,
		.group = account->group,
	};
	if (!peer)
		return;
	out->name = peer->name;
	out->legacy = peer->legacy;
	out->secret_file = peer->secret_file;
	if (peer->program) {
		out->program = peer->program;
		out->program_tls = peer->program_tls;
	}
	if (peer->group)
		out->group = peer->group;
	if (peer->pair.local.family != 0) {
		out->pair = peer->pair;
		out->pair_given = true;
	}
}
