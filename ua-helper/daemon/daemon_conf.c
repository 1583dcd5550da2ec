/* daemon_conf.c - going by another configuration. */
#include "daemon/daemon_int.h"

#include <string.h>

static struct account *take_by_name(GPtrArray *accounts, const char *name)
{
	for (guint i = 0; i < accounts->len; i++)
		if (strcmp(account_conf(accounts->pdata[i])->name, name) == 0)
			return g_ptr_array_steal_index(accounts, i);
	return NULL;
}

/* It takes no new calls; those it has live on in it. */
static void retire(struct daemon *d, struct account *a)
{
	g_ptr_array_add(d->retired, a);
	if (calls_count(d->calls, a, true) == 0)
		account_leave(a);
}

void daemon_reload(struct daemon *d, const struct conf *conf)
{
	const struct conf *former = d->conf;
	GPtrArray *old = d->accounts;

	d->accounts = g_ptr_array_new();
	for (guint i = 0; i < conf->accounts->len; i++) {
		const struct account_conf *own = conf->accounts->pdata[i];
		struct account *a = take_by_name(old, own->name);

		if (a && account_conf_same(account_conf(a), own)) {
			account_reconfigure(a, conf, own);
			g_ptr_array_add(d->accounts, a);
			continue;
		}
		if (a)
			retire(d, a);
		a = daemon_add_account(d, conf, own);
		(void)account_start(a);
	}
	while (old->len > 0)
		retire(d, g_ptr_array_steal_index(old, 0));
	g_ptr_array_unref(old);
	d->conf = conf_ref(conf);
	daemon_keep_reload(d); /* still looks at the former peers */
	conf_unref(former);
	daemon_tell(d, DAEMON_RELOADED);
}
