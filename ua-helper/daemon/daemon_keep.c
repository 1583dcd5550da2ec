/* daemon_keep.c - calls that are made by themselves, and kept up. */
#include "daemon/daemon_int.h"

#include <string.h>

#include "core/redial.h"

struct keep {
	struct daemon *daemon;
	const struct peer_conf *peer; /* of the daemon's configuration */
	struct redial redial;
	guint timer; /* until the next try */
	bool called; /* once, at least */
	bool down;   /* the user hung up: not until the user calls */
};

static void keep_free(void *arg)
{
	struct keep *k = arg;

	g_clear_handle_id(&k->timer, g_source_remove);
	g_free(k);
}

static gboolean due(gpointer arg)
{
	struct keep *k = arg;
	struct daemon_dial dial = {.peer = k->peer->name};
	enum exit_code code;
	char *why = NULL;

	k->timer = 0;
	k->called = true;
	if (daemon_call(k->daemon, &dial, &code, &why) == 0)
		log_detail(k->daemon->log, "peer %s is not called: %s",
			k->peer->name, why);
	g_free(why);
	return G_SOURCE_REMOVE;
}

static void in_ms(struct keep *k, guint ms)
{
	if (k->timer == 0 && !k->daemon->stopping)
		k->timer = g_timeout_add(ms, due, k);
}

static struct keep *find(struct daemon *d, const char *name)
{
	for (guint i = 0; d->keeps && i < d->keeps->len; i++) {
		struct keep *k = d->keeps->pdata[i];

		if (strcmp(k->peer->name, name) == 0)
			return k;
	}
	return NULL;
}

void daemon_keep_reload(struct daemon *d)
{
	GPtrArray *next = g_ptr_array_new_with_free_func(keep_free);

	for (guint i = 0; i < d->conf->peers->len; i++) {
		const struct peer_conf *peer = d->conf->peers->pdata[i];
		struct keep *before = find(d, peer->name);
		struct keep *k;

		if (peer->dial == CONF_DIAL_NO)
			continue;
		k = g_new0(struct keep, 1);
		k->daemon = d;
		k->peer = peer;
		if (before) {
			k->redial = before->redial;
			k->called = before->called;
		}
		g_ptr_array_add(next, k);
	}
	if (d->keeps)
		g_ptr_array_unref(d->keeps);
	d->keeps = next;
	for (guint i = 0; i < d->accounts->len; i++)
		if (account_ready(d->accounts->pdata[i]))
			daemon_keep_ready(d, d->accounts->pdata[i]);
}

void daemon_keep_ready(struct daemon *d, const struct account *a)
{
	for (guint i = 0; i < d->keeps->len; i++) {
		struct keep *k = d->keeps->pdata[i];

		if (k->peer->account != account_conf(a) || k->down ||
			(k->called && k->peer->dial == CONF_DIAL_START))
			continue;
		in_ms(k, 0); /* not from inside the account */
	}
}

void daemon_keep_over(struct daemon *d, const struct session *s)
{
	struct session_status st;
	struct keep *k;
	gint64 stood;

	session_status(s, &st);
	k = find(d, st.name);
	if (!k || k->down || k->peer->dial != CONF_DIAL_KEEP)
		return;
	stood = st.up_since > 0 ? g_get_monotonic_time() - st.up_since : 0;
	in_ms(k, redial_after(&k->redial,
			 (uint32_t)CLAMP(stood / 1000, 0, G_MAXUINT32),
			 (uint16_t)g_random_int()));
}

void daemon_keep_down(struct daemon *d, const char *name, bool down)
{
	struct keep *k = find(d, name);

	if (!k)
		return;
	k->down = down;
	if (down)
		g_clear_handle_id(&k->timer, g_source_remove);
}
