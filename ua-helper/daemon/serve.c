/* serve.c - the daemon behind a control socket. */
#include "daemon/serve.h"

#include "daemon/control.h"
#include "daemon/status_json.h"

struct serve {
	struct daemon *daemon;
	struct control *control;
	unsigned watch;
	char call[16]; /* the number of the last one, as text */
};

static json_t *status(void *arg)
{
	struct serve *s = arg;

	return status_json(s->daemon);
}

/* The kind of a problem, for programs. */
static const char *problem_code(enum exit_code code)
{
	switch (code) {
	case EXIT_USAGE:
		return "request";
	case EXIT_UNREACHABLE:
		return "unreachable";
	case EXIT_CALL:
		return "call";
	default:
		return "internal";
	}
}

static const char *call(void *arg, const struct control_request *request,
	struct control_problem *problem)
{
	struct serve *s = arg;
	struct daemon_dial dial = {.account = request->account,
		.peer = request->user,
		.group = request->group};
	enum exit_code code = EXIT_INTERNAL;
	char *why = NULL;
	unsigned id = daemon_call(s->daemon, &dial, &code, &why);

	if (id == 0) {
		(void)control_problem_set(
			problem, problem_code(code), "%s", why);
		g_free(why);
		return NULL;
	}
	(void)g_snprintf(s->call, sizeof(s->call), "%u", id);
	return s->call;
}

static bool hangup(
	void *arg, const char *which, struct control_problem *problem)
{
	struct serve *s = arg;

	if (daemon_hangup(s->daemon, which) > 0)
		return true;
	return control_problem_set(
		problem, "call", "there is no call '%.60s'", which);
}

static bool hold(
	void *arg, const char *which, bool on, struct control_problem *problem)
{
	struct serve *s = arg;
	unsigned able;

	if (daemon_hold(s->daemon, which, on, &able) == 0)
		return control_problem_set(
			problem, "call", "there is no call '%.60s'", which);
	if (able > 0)
		return true;
	return control_problem_set(problem, "call",
		"call '%.60s' is with a peer of 2007 (legacy), which knows no "
		"hold",
		which);
}

static bool reregister(
	void *arg, const char *account, struct control_problem *problem)
{
	struct serve *s = arg;

	if (daemon_register(s->daemon, account) > 0)
		return true;
	return control_problem_set(problem, "account",
		"there is no account '%.60s'", account ? account : "");
}

static void on_event(void *arg, const struct daemon_event *ev)
{
	struct serve *s = arg;
	json_t *event = event_json(s->daemon, ev);
	char id[16];

	if (!event)
		return;
	if (ev->call)
		(void)g_snprintf(id, sizeof(id), "%u", ev->call->id);
	control_event(s->control, event, ev->call ? id : NULL,
		ev->type == DAEMON_CALL_OVER);
}

struct serve *serve_new(
	struct daemon *d, struct log *log, const char *path, GError **error)
{
	static const struct control_ops ops = {
		.status = status,
		.call = call,
		.hangup = hangup,
		.hold = hold,
		.reregister = reregister,
	};
	struct serve *s = g_new0(struct serve, 1);

	s->daemon = d;
	s->control = control_new(path, &ops, s, log, error);
	if (!s->control) {
		g_free(s);
		return NULL;
	}
	s->watch = daemon_watch(d, on_event, s);
	return s;
}

void serve_free(struct serve *s)
{
	if (!s)
		return;
	daemon_unwatch(s->daemon, s->watch);
	control_free(s->control);
	g_free(s);
}
