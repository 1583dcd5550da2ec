/* control_client.c - one connection to the control socket. */
#include "daemon/control_client.h"

#include <stdlib.h>

#include "core/control_line.h"
#include "daemon/control_request.h"

/* With so much unread, no further request is looked at... */
#define BACKLOG_FULL (64 * 1024)
/*
 * ... and who lets so many events wait is dropped. Hanging up all of 256 calls
 * makes about 600 at once.
 */
#define EVENTS_LOST 4000

struct control_client {
	struct control_client_env env;
	GSocket *socket;
	GSource *readable, *writable; /* NULL: not waited for */
	GSource *burial;
	struct control_line lines;
	char buf[CONTROL_LINE_MAX];
	GByteArray *out; /* what the socket did not take yet */
	unsigned events; /* that came since it was empty */
	bool finishing;  /* nothing more is read */
	bool pumping;    /* within line() */
	const char *why;
};

static void pump(struct control_client *c);

static void drop_source(GSource **source)
{
	if (!*source)
		return;
	g_source_destroy(*source);
	g_clear_pointer(source, g_source_unref);
}

static gboolean bury(gpointer arg)
{
	struct control_client *c = arg;

	drop_source(&c->burial);
	c->env.gone(c->env.arg, c, c->why);
	return G_SOURCE_REMOVE;
}

/* The connection is over; said from the main loop. */
static void lose(struct control_client *c, const char *why)
{
	drop_source(&c->readable);
	drop_source(&c->writable);
	c->finishing = true;
	g_byte_array_set_size(c->out, 0);
	if (c->burial)
		return;
	c->why = why;
	c->burial = g_idle_source_new();
	/* who has left must not count when the next one comes */
	g_source_set_priority(c->burial, G_PRIORITY_HIGH);
	g_source_set_callback(c->burial, bury, c, NULL);
	g_source_attach(c->burial, NULL);
}

/* ---------------------------------------------------------------- writing */

static gboolean on_writable(
	GSocket *socket, GIOCondition condition, gpointer arg);

static void flush(struct control_client *c)
{
	GError *error = NULL;
	gssize n = 0;

	if (c->burial || c->out->len == 0)
		return;
	n = g_socket_send(c->socket, (const char *)c->out->data, c->out->len,
		NULL, &error);
	if (n < 0 &&
		!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
		lose(c, NULL);
	g_clear_error(&error);
	if (n > 0)
		g_byte_array_remove_range(c->out, 0, (guint)n);
	if (c->out->len == 0) {
		c->events = 0;
		drop_source(&c->writable);
	} else if (!c->writable && !c->burial) {
		c->writable = g_socket_create_source(c->socket, G_IO_OUT, NULL);
		g_source_set_callback(
			c->writable, G_SOURCE_FUNC(on_writable), c, NULL);
		g_source_attach(c->writable, NULL);
	}
}

static gboolean on_writable(
	GSocket *socket, GIOCondition condition, gpointer arg)
{
	struct control_client *c = arg;

	(void)socket;
	(void)condition;
	flush(c);
	pump(c);
	return G_SOURCE_CONTINUE;
}

void control_client_send(struct control_client *c, json_t *object)
{
	char *line = object ? json_dumps(object, JSON_COMPACT) : NULL;

	json_decref(object);
	if (line && !c->burial) {
		g_byte_array_append(
			c->out, (const guint8 *)line, (guint)strlen(line));
		g_byte_array_append(c->out, (const guint8 *)"\n", 1);
		flush(c);
	}
	free(line);
}

void control_client_tell(struct control_client *c, json_t *object)
{
	c->events++;
	control_client_send(c, object);
	if (c->events > EVENTS_LOST)
		lose(c, "does not read what it asked for");
}

void control_client_finish(struct control_client *c)
{
	drop_source(&c->readable);
	c->finishing = true;
	if (c->out->len == 0)
		lose(c, NULL);
}

/* ---------------------------------------------------------------- reading */

static gboolean on_readable(
	GSocket *socket, GIOCondition condition, gpointer arg)
{
	struct control_client *c = arg;
	size_t room;
	char *space = control_line_space(&c->lines, &room);
	GError *error = NULL;
	gssize n = g_socket_receive(socket, space, room, NULL, &error);

	(void)condition;
	if (n > 0) {
		control_line_added(&c->lines, (size_t)n);
		pump(c);
	} else if (n == 0) {
		/* who has only shut down its side still gets its answers */
		control_client_finish(c);
	} else if (!g_error_matches(
			   error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
		lose(c, NULL);
	}
	g_clear_error(&error);
	return G_SOURCE_CONTINUE;
}

static void too_long(struct control_client *c)
{
	struct control_problem problem;

	(void)control_problem_set(&problem, "request",
		"a line has %d bytes at most", CONTROL_LINE_MAX - 1);
	control_client_send(c, control_refusal(0, &problem));
	control_client_finish(c);
}

/* Take the lines that have come, as long as their answers are read. */
static void pump(struct control_client *c)
{
	enum control_line_verdict verdict = CONTROL_LINE_READY;
	struct slice line;

	if (c->pumping)
		return;
	c->pumping = true;
	while (!c->finishing && c->out->len < BACKLOG_FULL &&
		verdict == CONTROL_LINE_READY) {
		verdict = control_line_next(&c->lines, &line);
		if (verdict == CONTROL_LINE_READY)
			c->env.line(c->env.arg, c, line);
	}
	c->pumping = false;
	if (verdict == CONTROL_LINE_TOO_LONG)
		too_long(c);
	if (c->finishing) {
		if (c->out->len == 0)
			lose(c, NULL);
	} else if (verdict != CONTROL_LINE_MORE) {
		drop_source(&c->readable);
	} else if (!c->readable) {
		c->readable = g_socket_create_source(c->socket, G_IO_IN, NULL);
		g_source_set_callback(
			c->readable, G_SOURCE_FUNC(on_readable), c, NULL);
		g_source_attach(c->readable, NULL);
	}
}

struct control_client *control_client_new(
	GSocket *socket, const struct control_client_env *env)
{
	struct control_client *c = g_new0(struct control_client, 1);

	c->env = *env;
	c->socket = g_object_ref(socket);
	c->out = g_byte_array_new();
	g_socket_set_blocking(socket, FALSE);
	control_line_init(&c->lines, c->buf, sizeof(c->buf));
	pump(c);
	return c;
}

void control_client_free(struct control_client *c)
{
	if (!c)
		return;
	drop_source(&c->readable);
	drop_source(&c->writable);
	drop_source(&c->burial);
	g_object_unref(c->socket);
	g_byte_array_unref(c->out);
	g_free(c);
}
