/* conf_check.c - what a configuration says as a whole. */
#include "daemon/conf_check.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/password.h"
#include "tunnel/secret.h"

/* Private, large enough that two endpoints seldom hand out the same, and not
 * one that routers at home come with. */
#define DEFAULT_POOL "10.234.0.0/16"

void conf_wrong(const struct conf_errors *errors, unsigned line,
	const char *format, ...)
{
	va_list ap;
	char *what;

	va_start(ap, format);
	what = g_strdup_vprintf(format, ap);
	va_end(ap);
	g_ptr_array_add(errors->all,
		g_strdup_printf("%s:%u: %s", errors->file, line, what));
	g_free(what);
}

static bool check_pair(const struct conf_errors *errors, unsigned line,
	const struct conf_pair *p)
{
	if (p->local.family == 0 && p->remote.family == 0)
		return false;
	if (p->local.family == 0 || p->remote.family == 0)
		conf_wrong(errors, line,
			"local and remote: only one of the two is there");
	else if (p->local.family != p->remote.family)
		conf_wrong(errors, line,
			"local and remote: one is IPv4, the other IPv6");
	else if (vpnsdp_addr_eq(&p->local, &p->remote))
		conf_wrong(errors, line,
			"local and remote: the two ends need two addresses");
	return true;
}

/* A name for itself where the domain is the proxy, and the other way round. */
static void complete_server(
	const struct conf_errors *errors, struct account_conf *a)
{
	const struct conf_proxy *first;

	if (a->proxies->len == 0 && !a->domain) {
		conf_wrong(errors, a->line,
			"[account %s]: domain or proxies is missing", a->name);
		return;
	}
	if (a->proxies->len == 0)
		(void)account_conf_proxy(a, AGENT_UDP, a->domain, 0);
	first = a->proxies->pdata[0];
	if (!a->domain)
		a->domain = strchr(first->host, ':')
				    ? g_strdup_printf("[%s]", first->host)
				    : g_strdup(first->host);
}

static void read_password(
	const struct conf_errors *errors, struct account_conf *a)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	char *why = NULL;
	char *name;

	if (a->password_file) {
		if (!password_from_config(a->password_file, &a->password, &why))
			conf_wrong(errors, a->line,
				"[account %s]: password_file %s: %s", a->name,
				a->password_file, why);
		g_free(why);
		return;
	}
	if (!folder)
		return;
	name = g_strdup_printf("%s/sipvpn-ua.%s", folder, a->name);
	if (access(name, F_OK) == 0 &&
		!password_from_config(name, &a->password, &why))
		conf_wrong(errors, a->line, "[account %s]: credential %s: %s",
			a->name, name, why);
	g_free(why);
	g_free(name);
}

static void check_file(const struct conf_errors *errors, unsigned line,
	const char *key, const char *path)
{
	if (path && access(path, R_OK) != 0)
		conf_wrong(errors, line, "%s: %s cannot be read", key, path);
}

static void check_account(
	const struct conf_errors *errors, struct account_conf *a)
{
	if (!a->user)
		conf_wrong(errors, a->line, "[account %s]: user is missing",
			a->name);
	complete_server(errors, a);
	read_password(errors, a);
	check_file(errors, a->line, "ca_file", a->ca_file);
	check_file(errors, a->line, "cert_file", a->cert_file);
	check_file(errors, a->line, "key_file", a->key_file);
	if (a->key_file && !a->cert_file)
		conf_wrong(errors, a->line, "key_file: without cert_file");
	if (a->program_tls && !a->program)
		conf_wrong(errors, a->line,
			"[account %s]: program_tls is for a program", a->name);
	a->pair_given = check_pair(errors, a->line, &a->pair);
	if (a->pair_given && a->pool.bits > 0)
		conf_wrong(errors, a->line,
			"address_pool: of no use beside local and remote");
	if (!a->pair_given && a->pool.bits == 0)
		(void)pool_parse(SLICE(DEFAULT_POOL), &a->pool);
}

/* Looked at now, so that a bad one does not show in the middle of a call. */
static void check_secret(
	const struct conf_errors *errors, const struct peer_conf *p)
{
	uint8_t key[STATIC_KEY_LEN];
	const char *why = "";

	if (p->secret_file && !secret_read(p->secret_file, key, &why))
		conf_wrong(errors, p->line, "[peer %s]: secret_file %s: %s",
			p->name, p->secret_file, why);
	explicit_bzero(key, sizeof(key));
}

static void check_peer(const struct conf_errors *errors,
	const struct conf *conf, struct peer_conf *p)
{
	p->account = conf_account(conf, p->account_name);
	if (!p->account)
		conf_wrong(errors, p->line,
			"[peer %s]: there is no [account %s]", p->name,
			p->account_name ? p->account_name : "NAME");
	if (!p->uri)
		conf_wrong(
			errors, p->line, "[peer %s]: uri is missing", p->name);
	if (p->secret_file && !p->legacy)
		conf_wrong(errors, p->line,
			"[peer %s]: secret_file is for legacy = yes only",
			p->name);
	if (p->legacy && !p->secret_file && !p->program)
		conf_wrong(errors, p->line,
			"[peer %s]: legacy = yes needs secret_file or program",
			p->name);
	if (p->program_tls && (!p->program || p->legacy))
		conf_wrong(errors, p->line,
			"[peer %s]: program_tls is for a program, without "
			"legacy",
			p->name);
	check_secret(errors, p);
	(void)check_pair(errors, p->line, &p->pair);
}

/* Two sections for one peer: which would a call go by? */
static void check_twins(const struct conf_errors *errors,
	const struct conf *conf, const struct peer_conf *p)
{
	const struct peer_conf *first;

	if (!p->uri || !p->account || !p->account->domain)
		return;
	first = conf_peer_of(conf, p->account, slice_cstr(p->uri));
	if (first != p && first)
		conf_wrong(errors, p->line,
			"[peer %s]: the same as [peer %s] in line %u", p->name,
			first->name, first->line);
}

void conf_check(const struct conf_errors *errors, struct conf *conf)
{
	if (conf->accounts->len == 0)
		conf_wrong(errors, 1, "there is no [account NAME]");
	for (guint i = 0; i < conf->accounts->len; i++)
		check_account(errors, conf->accounts->pdata[i]);
	for (guint i = 0; i < conf->peers->len; i++)
		check_peer(errors, conf, conf->peers->pdata[i]);
	for (guint i = 0; i < conf->peers->len; i++)
		check_twins(errors, conf, conf->peers->pdata[i]);
}
