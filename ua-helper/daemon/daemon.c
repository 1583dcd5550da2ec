/* daemon.c - accounts and calls at work. */
#include "daemon/daemon.h"

#include <string.h>

#include "daemon/daemon_int.h"

/* --------------------------------------------------------------- observers */

unsigned daemon_watch(struct daemon *d, daemon_observer_fn *fn, void *arg)
{
	struct watch w = {++d->last_watch, fn, arg};

	g_array_append_val(d->watches, w);
	return w.id;
}

void daemon_unwatch(struct daemon *d, unsigned watch)
{
	for (guint i = 0; i < d->watches->len; i++)
		if (g_array_index(d->watches, struct watch, i).id == watch) {
			g_array_remove_index(d->watches, i);
			return;
		}
}

/* An observer may come or go meanwhile: they are told in the order of their
 * numbers. */
static void tell(struct daemon *d, const struct daemon_event *ev)
{
	unsigned told = 0;

	for (guint i = 0; i < d->watches->len; i++) {
		struct watch w = g_array_index(d->watches, struct watch, i);

		if (w.id <= told)
			continue;
		told = w.id;
		w.fn(w.arg, ev);
		i = G_MAXUINT; /* from the start: the array may be another */
	}
}

static void tell_account(struct daemon *d, const struct account *a,
	enum daemon_event_type type, enum exit_code code)
{
	struct account_status st;
	struct daemon_event ev = {.type = type, .account = &st, .code = code};

	account_status(a, &st);
	tell(d, &ev);
}

static void tell_call(struct daemon *d, const struct session *s,
	enum daemon_event_type type, enum exit_code code)
{
	struct session_status st;
	struct daemon_event ev = {.type = type, .call = &st, .code = code};

	session_status(s, &st);
	tell(d, &ev);
}

void daemon_tell(struct daemon *d, enum daemon_event_type type)
{
	struct daemon_event ev = {.type = type};

	tell(d, &ev);
}

/* ------------------------------------------------------------------- calls */

static void call_changed(void *arg, struct session *s)
{
	tell_call(arg, s, DAEMON_CALL_CHANGED, EXIT_OK);
}

static void call_over(void *arg, struct session *s)
{
	struct daemon *d = arg;

	daemon_keep_over(d, s);
	tell_call(d, s, DAEMON_CALL_OVER, session_result(s));
}

static bool serves(const struct daemon *d, const struct account *a)
{
	for (guint i = 0; i < d->accounts->len; i++)
		if (d->accounts->pdata[i] == a)
			return !d->stopping;
	return false; /* it only lives on for its calls */
}

static void call_buried(void *arg, void *owner)
{
	struct daemon *d = arg;

	if (!serves(d, owner) && calls_count(d->calls, owner, true) == 0)
		account_leave(owner);
	daemon_tell(d, DAEMON_CALL_GONE);
}

static void drop_waiting(struct daemon *d)
{
	struct session_status st;

	for (guint i = 0; calls_at(d->calls, i);) {
		session_status(calls_at(d->calls, i), &st);
		if (st.waits)
			calls_drop(d->calls, calls_at(d->calls, i));
		else
			i++;
	}
}

/* ---------------------------------------------------------------- accounts */

static void account_changed(void *arg, struct account *a)
{
	tell_account(arg, a, DAEMON_ACCOUNT_CHANGED, EXIT_OK);
}

static void dial_waiting(struct daemon *d, const struct account *a)
{
	struct session_status st;
	struct session *s;

	for (guint i = 0; (s = calls_at(d->calls, i)); i++) {
		session_status(s, &st);
		if (session_owner(s) == a && st.waits && st.state == CALL_IDLE)
			(void)calls_dial(d->calls, s);
	}
}

static void account_is_ready(void *arg, struct account *a)
{
	struct daemon *d = arg;

	dial_waiting(d, a);
	daemon_keep_ready(d, a);
	tell_account(d, a, DAEMON_ACCOUNT_READY, EXIT_OK);
}

static void account_failed(void *arg, struct account *a, enum exit_code code)
{
	struct daemon *d = arg;
	enum agent_event_type type =
		code == EXIT_AUTH ? AGENT_AUTH_FAILED : AGENT_NO_RESPONSE;
	struct session_status st;
	struct session *s;

	if (d->once)
		drop_waiting(d);
	for (guint i = 0; (s = calls_at(d->calls, i)); i++) {
		session_status(s, &st);
		if (session_owner(s) == a && st.waits && st.state == CALL_IDLE)
			session_fail(s, type, "the account is not registered");
	}
	tell_account(d, a, DAEMON_ACCOUNT_FAILED, code);
}

static gboolean free_gone(gpointer arg)
{
	struct daemon *d = arg;

	d->free_gone = 0;
	g_ptr_array_set_size(d->gone, 0);
	if (d->stopping && d->accounts->len == 0 && d->retired->len == 0)
		daemon_tell(d, DAEMON_STOPPED);
	return G_SOURCE_REMOVE;
}

static void account_gone(void *arg, struct account *a)
{
	struct daemon *d = arg;

	g_ptr_array_remove(d->accounts, a);
	g_ptr_array_remove(d->retired, a);
	/* not from inside the account */
	g_ptr_array_add(d->gone, a);
	if (d->free_gone == 0)
		d->free_gone = g_idle_add(free_gone, d);
}

static void account_call(
	void *arg, struct account *a, const struct agent_event *ev)
{
	struct daemon *d = arg;
	struct session *s;

	if (ev->type == AGENT_INVITED) {
		daemon_invited(d, a, ev, serves(d, a));
		return;
	}
	s = calls_by_sip(d->calls, ev->call);
	if (s)
		session_event(s, ev);
}

/* The network has changed. */
static void on_network_change(void *arg)
{
	struct daemon *d = arg;

	log_detail(d->log, "the network has changed");
	for (guint i = 0; i < d->accounts->len; i++)
		account_moved(d->accounts->pdata[i]);
	for (guint i = 0; i < d->retired->len; i++)
		account_moved(d->retired->pdata[i]);
}

static void account_has_moved(void *arg, struct account *a)
{
	struct daemon *d = arg;

	log_event(d->log, "%s: another address", agent_aor(account_agent(a)));
	calls_moved(d->calls, a);
}

static bool is_tunnel(void *arg, const struct vpnsdp_addr *address)
{
	const struct daemon *d = arg;

	return calls_have(d->calls, address);
}

struct account *daemon_add_account(struct daemon *d, const struct conf *conf,
	const struct account_conf *own)
{
	struct account_env env = {
		.log = d->log,
		.once = d->deaf,
		.named = !d->once,
		.changed = account_changed,
		.ready = account_is_ready,
		.failed = account_failed,
		.gone = account_gone,
		.moved = account_has_moved,
		.call = account_call,
		.arg = d,
	};
	struct account *a = account_new(&env, conf, own);

	g_ptr_array_add(d->accounts, a);
	return a;
}

/* ------------------------------------------------------------ start and end */

struct daemon *daemon_new(
	const struct conf *conf, struct log *log, enum daemon_kind kind)
{
	struct daemon *d = g_new0(struct daemon, 1);
	struct calls_env env = {
		.log = log,
		.numbered = kind == DAEMON_STANDING,
		.changed = call_changed,
		.over = call_over,
		.buried = call_buried,
		.arg = d,
	};
	const struct netwatch_env network = {
		.changed = on_network_change,
		.ours = is_tunnel,
		.arg = d,
	};

	d->conf = conf_ref(conf);
	d->log = log;
	d->once = kind != DAEMON_STANDING;
	d->deaf = kind == DAEMON_ONCE_CALLS;
	d->watches = g_array_new(FALSE, FALSE, sizeof(struct watch));
	d->accounts = g_ptr_array_new();
	d->retired = g_ptr_array_new();
	d->gone = g_ptr_array_new_with_free_func((GDestroyNotify)account_free);
	d->calls = calls_new(&env);
	for (guint i = 0; i < conf->accounts->len; i++)
		daemon_add_account(d, conf, conf->accounts->pdata[i]);
	daemon_keep_reload(d);
	d->watch = netwatch_new(&network);
	return d;
}

void daemon_free(struct daemon *d)
{
	if (!d)
		return;
	g_clear_handle_id(&d->free_gone, g_source_remove);
	netwatch_free(d->watch);
	g_ptr_array_unref(d->keeps);
	calls_free(d->calls);
	for (guint i = 0; i < d->accounts->len; i++)
		account_free(d->accounts->pdata[i]);
	for (guint i = 0; i < d->retired->len; i++)
		account_free(d->retired->pdata[i]);
	g_ptr_array_unref(d->accounts);
	g_ptr_array_unref(d->retired);
	g_ptr_array_unref(d->gone);
	g_array_unref(d->watches);
	conf_unref(d->conf);
	g_free(d);
}

enum exit_code daemon_start(struct daemon *d)
{
	enum exit_code code = EXIT_OK;

	for (guint i = 0; i < d->accounts->len && code == EXIT_OK; i++) {
		code = account_start(d->accounts->pdata[i]);
		if (!d->once)
			code = EXIT_OK;
	}
	return code;
}

static void leave_all(struct daemon *d, GPtrArray *accounts)
{
	GPtrArray *all = g_ptr_array_copy(accounts, NULL, NULL);

	for (guint i = 0; i < all->len; i++)
		if (calls_count(d->calls, all->pdata[i], true) == 0)
			account_leave(all->pdata[i]);
	g_ptr_array_unref(all);
}

void daemon_stop(struct daemon *d)
{
	d->stopping = true;
	if (d->once)
		drop_waiting(d);
	calls_hangup(d->calls, NULL);
	leave_all(d, d->accounts);
	leave_all(d, d->retired);
	if (d->accounts->len == 0 && d->retired->len == 0 && d->free_gone == 0)
		d->free_gone = g_idle_add(free_gone, d);
}

/* ------------------------------------------------------------------ status */

bool daemon_account_at(
	const struct daemon *d, unsigned i, struct account_status *out)
{
	if (i >= d->accounts->len)
		return false;
	account_status(d->accounts->pdata[i], out);
	return true;
}

bool daemon_call_at(
	const struct daemon *d, unsigned i, struct session_status *out)
{
	const struct session *s = calls_at(d->calls, i);

	if (!s)
		return false;
	session_status(s, out);
	return true;
}

bool daemon_call_by_id(
	const struct daemon *d, unsigned id, struct session_status *out)
{
	const struct session *s = calls_by_id(d->calls, id);

	if (!s)
		return false;
	session_status(s, out);
	return true;
}

unsigned daemon_register(struct daemon *d, const char *account)
{
	unsigned n = 0;

	for (guint i = 0; i < d->accounts->len; i++) {
		struct account *a = d->accounts->pdata[i];

		if (account && strcmp(account_conf(a)->name, account) != 0)
			continue;
		account_refresh(a);
		n++;
	}
	return n;
}

void daemon_tell_new(struct daemon *d, const struct session *s)
{
	tell_call(d, s, DAEMON_CALL_NEW, EXIT_OK);
}
