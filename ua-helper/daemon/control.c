/* control.c - the control socket. */
#include "daemon/control.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#include "daemon/control_client.h"
#include "daemon/control_listen.h"

#define MAX_CLIENTS 64 /* each has a line's memory: 4 MB in all */
#define PAUSE_MS 1000  /* until files are free again, perhaps */
#define MAX_OF_USER 48 /* the rest is left to other users, root first */

struct control {
	char *path;
	const struct control_ops *ops;
	void *arg;
	struct log *log;
	GSocket *socket;
	GSource *incoming; /* NULL while pause runs */
	guint pause;
	GPtrArray *users; /* struct user */
	/* events meanwhile, struct held: a call's come after its id; or NULL */
	GPtrArray *held;
};

/* One client and what it has asked for. */
struct user {
	struct control *control;
	struct control_client *client;
	uid_t uid;
	bool watches;
	json_int_t watch_id;
	GPtrArray *calls; /* struct watched_call */
};

struct watched_call {
	char *id;
	json_int_t request;
	bool attached; /* ends with the client */
};

static void watched_call_free(gpointer p)
{
	struct watched_call *w = p;

	g_free(w->id);
	g_free(w);
}

static void user_free(gpointer p)
{
	struct user *u = p;

	g_ptr_array_unref(u->calls);
	control_client_free(u->client);
	g_free(u);
}

/* ---------------------------------------------------------------- requests */

struct held {
	json_t *event;
	char *call;
	bool over;
};

static void tell_held(struct control *c)
{
	GPtrArray *held = g_steal_pointer(&c->held);

	for (guint i = 0; i < held->len; i++) {
		struct held *h = held->pdata[i];

		control_event(c, h->event, h->call, h->over);
		g_free(h->call);
		g_free(h);
	}
	g_ptr_array_unref(held);
}

static void call_requested(struct user *u, const struct control_request *r)
{
	struct control *c = u->control;
	struct control_problem problem;
	const char *id;

	c->held = g_ptr_array_new();
	id = c->ops->call(c->arg, r, &problem);
	if (id) {
		struct watched_call *w = g_new0(struct watched_call, 1);

		w->id = g_strdup(id);
		w->request = r->id;
		w->attached = !r->background;
		g_ptr_array_add(u->calls, w);
		control_client_send(u->client,
			control_answer(r->id, "call", json_string(id)));
	} else {
		control_client_send(
			u->client, control_refusal(r->id, &problem));
	}
	tell_held(c);
}

static void carry_out(struct user *u, const struct control_request *r)
{
	struct control *c = u->control;
	struct control_problem problem;
	bool ok = true;
	json_t *result = NULL;
	const char *what = "done";

	switch (r->op) {
	case CONTROL_OP_STATUS:
		what = "status";
		result = c->ops->status(c->arg);
		break;
	case CONTROL_OP_WATCH:
		u->watches = true;
		u->watch_id = r->id;
		result = json_true();
		break;
	case CONTROL_OP_HANGUP:
		ok = c->ops->hangup(c->arg, r->call, &problem);
		result = json_true();
		break;
	case CONTROL_OP_HOLD:
	case CONTROL_OP_RESUME:
		ok = c->ops->hold(
			c->arg, r->call, r->op == CONTROL_OP_HOLD, &problem);
		result = json_true();
		break;
	case CONTROL_OP_REGISTER:
		ok = c->ops->reregister(c->arg, r->account, &problem);
		result = json_true();
		break;
	case CONTROL_OP_VERSION:
		what = "version";
		result = json_string(SIPVPN_VERSION);
		break;
	case CONTROL_OP_CALL:
		call_requested(u, r);
		return;
	}
	control_client_send(u->client, ok ? control_answer(r->id, what, result)
					  : control_refusal(r->id, &problem));
}

static void on_line(void *arg, struct control_client *client, struct slice line)
{
	struct user *u = arg;
	struct control_request request;
	struct control_problem problem;

	if (control_request_parse(line, &request, &problem))
		carry_out(u, &request);
	else
		control_client_send(
			client, control_refusal(request.id, &problem));
	control_request_clear(&request);
}

static void on_gone(void *arg, struct control_client *client, const char *why)
{
	struct user *u = arg;
	struct control *c = u->control;
	struct control_problem unused;

	(void)client;
	if (why)
		log_fault(c->log, "control socket: a client of user %u %s",
			(unsigned)u->uid, why);
	while (u->calls->len > 0) {
		struct watched_call *w =
			g_ptr_array_steal_index(u->calls, u->calls->len - 1);

		if (w->attached)
			(void)c->ops->hangup(c->arg, w->id, &unused);
		watched_call_free(w);
	}
	g_ptr_array_remove(c->users, u);
}

/* ------------------------------------------------------------------ events */

static void tell(struct user *u, json_int_t id, json_t *event)
{
	control_client_tell(
		u->client, control_answer(id, "event", json_incref(event)));
}

/* To whom this call belongs, if it is u's. */
static void tell_caller(
	struct user *u, json_t *event, const char *call, bool over)
{
	for (guint i = 0; i < u->calls->len; i++) {
		struct watched_call *w = u->calls->pdata[i];

		if (strcmp(w->id, call) != 0)
			continue;
		tell(u, w->request, event);
		if (over)
			g_ptr_array_remove_index(u->calls, i);
		return;
	}
}

void control_event(
	struct control *control, json_t *event, const char *call, bool over)
{
	if (control->held) {
		struct held *h = g_new0(struct held, 1);

		*h = (struct held){event, g_strdup(call), over};
		g_ptr_array_add(control->held, h);
		return;
	}
	for (guint i = 0; i < control->users->len; i++) {
		struct user *u = control->users->pdata[i];

		if (u->watches)
			tell(u, u->watch_id, event);
		if (call)
			tell_caller(u, event, call, over);
	}
	json_decref(event);
}

/* ------------------------------------------------------------- connections */

static unsigned clients_of(const struct control *c, uid_t uid)
{
	unsigned n = 0;

	for (guint i = 0; i < c->users->len; i++) {
		const struct user *u = c->users->pdata[i];

		n += u->uid == uid;
	}
	return n;
}

/* One line, as far as the socket takes it at once; then good-bye. */
static void turn_away(GSocket *socket, const char *code, const char *text)
{
	struct control_problem problem;
	json_t *answer;
	char *line;
	char *out;

	(void)control_problem_set(&problem, code, "%s", text);
	answer = control_refusal(0, &problem);
	line = json_dumps(answer, JSON_COMPACT);
	out = g_strdup_printf("%s\n", line ? line : "");
	g_socket_set_blocking(socket, FALSE);
	(void)g_socket_send(socket, out, strlen(out), NULL, NULL);
	g_free(out);
	free(line);
	json_decref(answer);
}

static void welcome(struct control *c, GSocket *socket, uid_t uid)
{
	struct user *u = g_new0(struct user, 1);
	struct control_client_env env = {
		.line = on_line, .gone = on_gone, .arg = u};

	u->control = c;
	u->uid = uid;
	u->calls = g_ptr_array_new_with_free_func(watched_call_free);
	g_ptr_array_add(c->users, u);
	u->client = control_client_new(socket, &env);
}

static void take_clients(struct control *c);

static gboolean on_pause_over(gpointer arg)
{
	struct control *c = arg;

	c->pause = 0;
	take_clients(c);
	return G_SOURCE_REMOVE;
}

/* The client still waits, so that the next look would come at once. */
static void pause_taking(struct control *c, const char *why)
{
	log_fault(c->log, "control socket: %s", why);
	g_source_destroy(c->incoming);
	g_clear_pointer(&c->incoming, g_source_unref);
	c->pause = g_timeout_add(PAUSE_MS, on_pause_over, c);
}

static gboolean on_incoming(
	GSocket *listening, GIOCondition condition, gpointer arg)
{
	struct control *c = arg;
	GError *error = NULL;
	GSocket *socket = g_socket_accept(listening, NULL, &error);
	uid_t uid;

	(void)condition;
	if (!socket) {
		pause_taking(c, error->message);
		g_error_free(error);
		return G_SOURCE_REMOVE;
	}
	if (!control_peer_allowed(socket, c->path, &uid)) {
		log_fault(c->log,
			"control socket: user %u is refused, being neither "
			"root nor a member of the socket's group",
			(unsigned)uid);
		turn_away(socket, "not-allowed",
			"root and the members of the socket's group may "
			"control this daemon");
	} else if (c->users->len >= MAX_CLIENTS ||
		   (uid != 0 && clients_of(c, uid) >= MAX_OF_USER)) {
		turn_away(socket, "busy",
			"too many clients; end one, or try again later");
	} else {
		welcome(c, socket, uid);
	}
	g_object_unref(socket);
	return G_SOURCE_CONTINUE;
}

static void take_clients(struct control *c)
{
	c->incoming = g_socket_create_source(c->socket, G_IO_IN, NULL);
	/* first those who are in, among them those who are about to leave */
	g_source_set_priority(c->incoming, G_PRIORITY_DEFAULT + 1);
	g_source_set_callback(c->incoming, G_SOURCE_FUNC(on_incoming), c, NULL);
	g_source_attach(c->incoming, NULL);
}

/* ------------------------------------------------------------- from and to */

struct control *control_new(const char *path, const struct control_ops *ops,
	void *arg, struct log *log, GError **error)
{
	struct control *c;
	GSocket *socket = control_listen(path, error);

	if (!socket)
		return NULL;
	c = g_new0(struct control, 1);
	c->path = g_strdup(path);
	c->ops = ops;
	c->arg = arg;
	c->log = log;
	c->users = g_ptr_array_new_with_free_func(user_free);
	c->socket = socket;
	take_clients(c);
	return c;
}

void control_free(struct control *c)
{
	if (!c)
		return;
	g_clear_handle_id(&c->pause, g_source_remove);
	if (c->incoming)
		g_source_destroy(c->incoming);
	g_clear_pointer(&c->incoming, g_source_unref);
	(void)g_unlink(c->path);
	g_object_unref(c->socket);
	g_ptr_array_unref(c->users);
	g_free(c->path);
	g_free(c);
}
