/* daemon_call.c - may this call be? And the second one with a peer. */
#include "daemon/daemon_int.h"

#include <string.h>

#include "core/twice.h"
#include "daemon/conf_value.h"

static struct twice_call twice_facts(const struct session_status *st)
{
	gint64 ms = (g_get_monotonic_time() - st->since) / 1000;

	return (struct twice_call){
		.outgoing = st->outgoing,
		.sent = st->state != CALL_IDLE,
		.ending = st->state == CALL_ENDING || st->state == CALL_OVER,
		.answered = st->state == CALL_UP || st->state == CALL_HELD ||
			    st->state == CALL_CONNECTING ||
			    st->state == CALL_ANSWERED,
		.answered_ms = (uint32_t)CLAMP(ms, 0, G_MAXUINT32),
	};
}

/*
 * The call that a new one with peer would double: of the same account, in the
 * same group, not ending yet. NULL: there is none.
 */
static struct session *find_double(struct daemon *d, const struct account *a,
	struct slice peer, const char *group)
{
	struct slice home = slice_cstr(account_conf(a)->domain);
	struct session_status st;
	struct session *s;
	struct aor who;
	struct aor other;

	if (!aor_parse(peer, home, &who))
		return NULL;
	for (guint i = 0; (s = calls_at(d->calls, i)); i++) {
		session_status(s, &st);
		if (session_owner(s) == a && st.state != CALL_ENDING &&
			st.state != CALL_OVER &&
			aor_parse(slice_cstr(st.peer), home, &other) &&
			aor_compare(&who, &other) == 0 &&
			strcmp(st.group, group ? group : "") == 0)
			return s;
	}
	return NULL;
}

static const char *group_of(const struct calls_for *whose)
{
	if (whose->group)
		return whose->group;
	return whose->peer && whose->peer->group ? whose->peer->group
						 : whose->account->group;
}

static void turn_down(struct daemon *d, const struct agent_event *ev,
	uint16_t status, const char *why)
{
	log_event(
		d->log, "call from %.*s refused: %s", SLICE_ARG(ev->peer), why);
	agent_refuse(ev->call, status, 0, "");
	agent_call_free(ev->call);
}

static const char *not_admitted(
	const struct account_conf *own, bool has_section)
{
	switch (own->accept) {
	case CONF_ACCEPT_ALL:
		break;
	case CONF_ACCEPT_PEERS:
		return has_section ? NULL : "no peer of ours (accept)";
	case CONF_ACCEPT_NONE:
		return "no calls are taken (accept)";
	}
	return NULL;
}

/* The peer calls while there is a call with it. False: turned down. */
static bool give_way(struct daemon *d, const struct account *a,
	const struct agent_event *ev, struct session *old)
{
	struct slice home = slice_cstr(account_conf(a)->domain);
	struct session_status st;
	struct twice_call facts;
	struct aor own;
	struct aor peer;

	session_status(old, &st);
	facts = twice_facts(&st);
	if (!aor_parse(slice_cstr(agent_aor(account_agent(a))), home, &own) ||
		!aor_parse(ev->peer, home, &peer) ||
		twice_incoming(&facts, aor_compare(&own, &peer)) ==
			TWICE_REFUSE) {
		turn_down(d, ev, 486, "our call to it goes first");
		return false;
	}
	log_event(d->log, "call %u with %s gives way to the next one", st.id,
		st.peer);
	session_hangup(old);
	return true;
}

void daemon_invited(struct daemon *d, struct account *a,
	const struct agent_event *ev, bool serves)
{
	const struct conf *conf = account_whole_conf(a);
	const struct account_conf *own = account_conf(a);
	const struct peer_conf *peer = conf_peer_of(conf, own, ev->peer);
	struct calls_for whose = {account_agent(a), conf, own, peer, a, NULL};
	const char *why = not_admitted(own, peer != NULL);
	struct session *old = find_double(d, a, ev->peer, group_of(&whose));
	struct session *s;

	if (!serves || d->deaf ||
		(calls_count(d->calls, NULL, false) >= d->conf->max_calls &&
			(!old || d->once))) {
		turn_down(d, ev, 486, "busy");
		return;
	}
	if (why) {
		turn_down(d, ev, 403, why);
		return;
	}
	if (old && !give_way(d, a, ev, old))
		return;
	log_event(d->log, "call from %.*s", SLICE_ARG(ev->peer));
	s = calls_add(d->calls, &whose, ev->call, g_get_monotonic_time());
	if (!s) {
		turn_down(d, ev, 500, "this machine lacks something");
		return;
	}
	daemon_tell_new(d, s);
	if (calls_take(d->calls, s, ev))
		return;
	agent_refuse(ev->call, 500, 0, "");
	calls_drop(d->calls, s);
}

/* --------------------------------------------------------------- our calls */

static struct account *running_account(
	const struct daemon *d, const struct account_conf *own)
{
	for (guint i = 0; own && i < d->accounts->len; i++)
		if (account_conf(d->accounts->pdata[i]) == own)
			return d->accounts->pdata[i];
	return NULL;
}

/* What is wrong with the id of a group; NULL: nothing. */
static const char *group_fault(const char *id)
{
	char *copy = NULL;
	const char *fault = conf_group(&copy, id);

	g_free(copy);
	return fault;
}

static unsigned impossible(
	enum exit_code *code, char **why, enum exit_code is, char *text)
{
	*code = is;
	*why = text;
	return 0;
}

unsigned daemon_call(struct daemon *d, const struct daemon_dial *dial,
	enum exit_code *code, char **why)
{
	const struct peer_conf *peer = conf_peer(d->conf, dial->peer);
	const struct account_conf *own =
		!dial->account && peer ? peer->account
				       : conf_account(d->conf, dial->account);
	struct account *a = running_account(d, own);
	struct calls_for whose = {NULL, d->conf, own, peer, a, dial->group};
	struct session_status st;
	struct agent_call *sip;
	struct session *s;

	if (!a || d->stopping)
		return impossible(code, why, EXIT_USAGE,
			g_strdup_printf("there is no account '%s'",
				dial->account ? dial->account : ""));
	if (dial->group && group_fault(dial->group))
		return impossible(code, why, EXIT_USAGE,
			g_strdup_printf("group: '%s' %s", dial->group,
				group_fault(dial->group)));
	if (!account_agent(a))
		return impossible(code, why, EXIT_UNREACHABLE,
			g_strdup_printf(
				"account %s has no server yet", own->name));
	if (calls_count(d->calls, NULL, false) >= d->conf->max_calls)
		return impossible(code, why, EXIT_CALL,
			g_strdup_printf("there are %u calls, and no more are "
					"allowed (max_calls)",
				d->conf->max_calls));
	whose.agent = account_agent(a);
	sip = agent_call(whose.agent, peer ? peer->uri : dial->peer);
	if (!sip)
		return impossible(code, why, EXIT_USAGE,
			g_strdup_printf("'%s' is not a SIP user", dial->peer));
	if (!whose.peer)
		whose.peer = conf_peer_of(
			d->conf, own, slice_cstr(agent_call_peer(sip)));
	s = find_double(
		d, a, slice_cstr(agent_call_peer(sip)), group_of(&whose));
	if (s) {
		session_status(s, &st);
		agent_call_free(sip);
		return impossible(code, why, EXIT_CALL,
			g_strdup_printf("call %u with %s is there already",
				st.id, st.peer));
	}
	s = calls_add(d->calls, &whose, sip,
		dial->began > 0 ? dial->began : g_get_monotonic_time());
	if (!s) {
		agent_call_free(sip);
		return impossible(code, why, EXIT_INTERNAL,
			g_strdup("OpenSSL makes no certificate"));
	}
	daemon_tell_new(d, s);
	session_status(s, &st);
	daemon_keep_down(d, st.name, false);
	if (account_ready(a))
		(void)calls_dial(d->calls, s);
	return st.id;
}

/* Is it this section's, this user's? */
static bool is_with(const struct session *s, const char *who)
{
	const struct account *a = session_owner(s);
	struct slice home = slice_cstr(account_conf(a)->domain);
	struct session_status st;
	struct aor named;
	struct aor has;

	session_status(s, &st);
	if (strcmp(who, "all") == 0 || strcmp(who, st.name) == 0)
		return true;
	return aor_parse(slice_cstr(who), home, &named) &&
	       aor_parse(slice_cstr(st.peer), home, &has) &&
	       aor_compare(&named, &has) == 0;
}

typedef void on_call_fn(struct daemon *d, struct session *s, void *arg);

/* All calls that a user means by this; how many that were. */
static unsigned each_call(
	struct daemon *d, const char *which, on_call_fn *what, void *arg)
{
	struct session_status st;
	struct session *s = NULL;
	unsigned n = 0;
	uint32_t id;

	/* users have numbers, too: the call's own goes first */
	if (slice_u32(slice_cstr(which), UINT32_MAX, &id))
		s = calls_by_id(d->calls, id);
	if (s) {
		what(d, s, arg);
		return 1;
	}
	for (guint i = 0; (s = calls_at(d->calls, i)); i++) {
		session_status(s, &st);
		if (st.state == CALL_OVER || !is_with(s, which))
			continue;
		what(d, s, arg);
		n++;
	}
	return n;
}

static void user_hangs_up(struct daemon *d, struct session *s, void *unused)
{
	struct session_status st;

	(void)unused;
	session_status(s, &st);
	daemon_keep_down(d, st.name, true);
	session_hangup(s);
}

unsigned daemon_hangup(struct daemon *d, const char *which)
{
	return each_call(d, which, user_hangs_up, NULL);
}

struct holding {
	bool hold;
	unsigned able;
};

static void user_holds(struct daemon *d, struct session *s, void *arg)
{
	struct holding *h = arg;

	(void)d;
	if (session_terms(s)->legacy)
		return;
	h->able++;
	session_hold(s, h->hold);
}

unsigned daemon_hold(
	struct daemon *d, const char *which, bool hold, unsigned *able)
{
	struct holding h = {.hold = hold};
	unsigned n = each_call(d, which, user_holds, &h);

	*able = h.able;
	return n;
}
