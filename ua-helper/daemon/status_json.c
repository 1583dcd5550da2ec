/* status_json.c - accounts, calls and events as JSON. */
#include "daemon/status_json.h"

/* Others wrote some of it, not always in UTF-8; "" is null. */
static json_t *text(const char *s)
{
	char *valid;
	json_t *out;

	if (!s || s[0] == '\0')
		return json_null();
	valid = g_utf8_make_valid(s, -1);
	out = json_string(valid);
	g_free(valid);
	return out;
}

static json_int_t seconds(gint64 us)
{
	return us > 0 ? us / G_USEC_PER_SEC : 0;
}

static json_t *account_json(const struct account_status *a)
{
	gint64 now = g_get_monotonic_time();

	return json_pack("{s:o, s:o, s:s, s:I, s:o, s:o, s:o}", "name",
		text(a->name), "aor", text(a->aor), "state",
		account_state_name(a->state), "seconds",
		seconds(now - a->since), "server", text(a->server), "expires",
		a->until > 0 ? json_integer(seconds(a->until - now))
			     : json_null(),
		"error", text(a->error));
}

static json_t *address(const struct vpnsdp_addr *a, uint16_t port)
{
	char buf[64];
	char whole[80];
	struct sbuf b = sbuf_over(buf, sizeof(buf));
	const char *plain;

	if (a->family == 0)
		return json_null();
	vpnsdp_addr_write(a, &b);
	plain = sbuf_cstr(&b);
	if (port == 0)
		return text(plain);
	(void)g_snprintf(whole, sizeof(whole),
		a->family == 6 ? "[%s]:%u" : "%s:%u", plain, (unsigned)port);
	return text(whole);
}

/* What people call it; a part of the control socket's protocol. */
static const char *step_name(const struct session_status *c)
{
	switch (c->state) {
	case CALL_IDLE:
		return c->waits ? "waiting" : "new";
	case CALL_INVITING:
		return "calling";
	case CALL_PROCEEDING:
		return "ringing";
	case CALL_ANSWERING:
		return "answering";
	case CALL_ANSWERED:
		return "answered";
	case CALL_CONNECTING:
		return "checking";
	case CALL_UP:
		return "up";
	case CALL_HELD:
		return "held";
	case CALL_CANCELLING:
	case CALL_ENDING:
		return "ending";
	case CALL_OVER:
		return "over";
	}
	return "other";
}

static json_t *count(const struct session_status *c, uint64_t n)
{
	return c->counted ? json_integer((json_int_t)n) : json_null();
}

static json_t *call_json(const struct session_status *c)
{
	gint64 now = g_get_monotonic_time();
	json_t *out = json_object();
	char id[16];

	(void)g_snprintf(id, sizeof(id), "%u", c->id);
	json_object_set_new(out, "id", text(id));
	json_object_set_new(out, "account", text(c->account));
	json_object_set_new(out, "direction", text(c->outgoing ? "out" : "in"));
	json_object_set_new(out, "peer", text(c->peer));
	json_object_set_new(out, "name", text(c->name));
	json_object_set_new(out, "group", text(c->group));
	json_object_set_new(out, "state", text(step_name(c)));
	json_object_set_new(
		out, "seconds", json_integer(seconds(now - c->since)));
	json_object_set_new(out, "up_seconds",
		c->up_since > 0 ? json_integer(seconds(now - c->up_since))
				: json_null());
	json_object_set_new(out, "device", text(c->device));
	json_object_set_new(out, "local", address(&c->local, 0));
	json_object_set_new(out, "remote", address(&c->remote, 0));
	json_object_set_new(
		out, "endpoint", address(&c->endpoint, c->endpoint_port));
	json_object_set_new(out, "rx", count(c, c->rx));
	json_object_set_new(out, "tx", count(c, c->tx));
	json_object_set_new(out, "rx_rate", count(c, c->rx_rate));
	json_object_set_new(out, "tx_rate", count(c, c->tx_rate));
	return out;
}

json_t *status_json(const struct daemon *d)
{
	json_t *accounts = json_array();
	json_t *calls = json_array();
	struct account_status account;
	struct session_status call;

	for (unsigned i = 0; daemon_account_at(d, i, &account); i++)
		json_array_append_new(accounts, account_json(&account));
	for (unsigned i = 0; daemon_call_at(d, i, &call); i++)
		json_array_append_new(calls, call_json(&call));
	return json_pack("{s:s, s:o, s:o}", "version", SIPVPN_VERSION,
		"accounts", accounts, "calls", calls);
}

/* ------------------------------------------------------------------ events */

static bool is_registered(const struct daemon *d, const char *account)
{
	struct account_status a;

	for (unsigned i = 0; daemon_account_at(d, i, &a); i++)
		if (g_str_equal(a.name, account))
			return a.state == ACCOUNT_REGISTERED;
	return false;
}

static json_t *call_event(const struct session_status *c, const char *step)
{
	gint64 ms = (g_get_monotonic_time() - c->began) / 1000;

	return json_pack("{s:s, s:s, s:I, s:o}", "what", "call", "step", step,
		"ms", (json_int_t)MAX(ms, 0), "call", call_json(c));
}

/* How it ended, in a sentence. */
static json_t *ending(const struct session_status *c, enum exit_code code)
{
	const char *whither = c->outgoing ? "to" : "from";
	char *line;
	json_t *out;

	if (code == EXIT_OK)
		return text(c->text);
	if (c->outcome == CALL_OUT_REFUSED)
		line = g_strdup_printf("call %s %s refused: %u %s", whither,
			c->peer, (unsigned)c->status, c->text);
	else
		line = g_strdup_printf(
			"call %s %s failed: %s", whither, c->peer, c->text);
	out = text(line);
	g_free(line);
	return out;
}

static json_t *over(const struct daemon_event *ev)
{
	json_t *out = call_event(ev->call, "over");

	json_object_set_new(out, "exit", json_integer(ev->code));
	json_object_set_new(out, "text", ending(ev->call, ev->code));
	return out;
}

json_t *event_json_failed(enum exit_code code, const char *why)
{
	return json_pack("{s:s, s:s, s:i, s:i, s:o}", "what", "call", "step",
		"over", "ms", 0, "exit", (int)code, "text", text(why));
}

json_t *event_json(const struct daemon *d, const struct daemon_event *ev)
{
	switch (ev->type) {
	case DAEMON_ACCOUNT_CHANGED:
		return json_pack("{s:s, s:o}", "what", "account", "account",
			account_json(ev->account));
	case DAEMON_CALL_NEW:
		return call_event(ev->call, is_registered(d, ev->call->account)
						    ? "new"
						    : "waiting");
	case DAEMON_CALL_CHANGED:
		/* the end has an event of its own */
		return ev->call->state == CALL_OVER
			       ? NULL
			       : call_event(ev->call, step_name(ev->call));
	case DAEMON_CALL_OVER:
		return over(ev);
	case DAEMON_RELOADED:
		return json_pack("{s:s}", "what", "reloaded");
	case DAEMON_STOPPED:
		return json_pack("{s:s}", "what", "stopped");
	case DAEMON_ACCOUNT_READY:
	case DAEMON_ACCOUNT_FAILED:
	case DAEMON_CALL_GONE:
		break; /* the account has changed; the call was over before */
	}
	return NULL;
}
