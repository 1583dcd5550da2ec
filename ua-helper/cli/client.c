/* client.c - the client's end of the control socket. */
#include "cli/client.h"

#include <errno.h>
#include <glib.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/show.h"
#include "core/control_line.h"

/* A daemon answers within milliseconds, on a machine under load in seconds. */
#define ANSWER_MS 10000
/* A status of thousands of calls is a long line. */
#define ANSWER_MAX ((size_t)16 << 20)

struct client {
	int fd;
	int signals; /* -1: not caught */
	struct control_line lines;
	char *buf;
};

static const char *path_or_usual(const char *path)
{
	return path ? path : CLI_SOCKET;
}

struct client *client_open(const char *path, bool *absent)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	struct client *c;
	int fd;

	path = path_or_usual(path);
	*absent = false;
	errno = ENAMETOOLONG;
	if (g_strlcpy(at.sun_path, path, sizeof(at.sun_path)) >=
		sizeof(at.sun_path))
		return NULL;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return NULL;
	if (connect(fd, (struct sockaddr *)&at, sizeof(at)) != 0) {
		int why = errno;

		close(fd);
		*absent = why == ENOENT || why == ECONNREFUSED;
		errno = why;
		return NULL;
	}
	c = g_new0(struct client, 1);
	c->fd = fd;
	c->signals = -1;
	c->buf = g_malloc(ANSWER_MAX);
	control_line_init(&c->lines, c->buf, ANSWER_MAX);
	return c;
}

void client_close(struct client *c)
{
	if (!c)
		return;
	close(c->fd);
	if (c->signals >= 0)
		close(c->signals);
	g_free(c->buf);
	g_free(c);
}

enum exit_code client_unusable(const char *path)
{
	int why = errno;

	path = path_or_usual(path);
	if (why == ENOENT || why == ECONNREFUSED)
		(void)fprintf(stderr,
			"sipvpn-ua: no daemon listens at %s: start it with "
			"'systemctl start sipvpn-ua' or 'sipvpn-ua daemon'\n",
			path);
	else if (why == EACCES)
		(void)fprintf(stderr,
			"sipvpn-ua: you may not use %s: be root, or a member "
			"of its group\n",
			path);
	else
		(void)fprintf(stderr, "sipvpn-ua: control socket %s: %s\n",
			path, g_strerror(why));
	return EXIT_NO_DAEMON;
}

enum exit_code client_lost(void)
{
	(void)fputs("sipvpn-ua: the daemon has gone\n", stderr);
	return EXIT_NO_DAEMON;
}

bool client_catch_signals(struct client *c)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return false;
	c->signals = signalfd(-1, &set, SFD_CLOEXEC);
	return c->signals >= 0;
}

bool client_ask(struct client *c, json_int_t id, const char *what, json_t *more)
{
	json_t *request =
		json_pack("{s:i, s:I, s:s}", "v", 1, "id", id, "do", what);
	char *line;
	char *out;
	size_t len;
	size_t sent = 0;

	if (more)
		(void)json_object_update(request, more);
	line = json_dumps(request, JSON_COMPACT);
	out = g_strconcat(line ? line : "", "\n", NULL);
	len = strlen(out);
	while (sent < len) {
		ssize_t n = send(c->fd, out + sent, len - sent, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			break;
		sent += n > 0 ? (size_t)n : 0;
	}
	g_free(out);
	free(line);
	json_decref(request);
	json_decref(more);
	return sent == len;
}

/* CLIENT_TIMEOUT when there is no whole line yet. */
static enum client_news take_line(struct client *c, json_t **out)
{
	struct slice line;
	json_error_t error;

	switch (control_line_next(&c->lines, &line)) {
	case CONTROL_LINE_MORE:
		return CLIENT_TIMEOUT;
	case CONTROL_LINE_TOO_LONG:
		return CLIENT_GONE;
	case CONTROL_LINE_READY:
		break;
	}
	*out = json_loadb(line.p, line.len, 0, &error);
	return *out ? CLIENT_LINE : CLIENT_GONE;
}

static bool read_more(struct client *c)
{
	size_t room;
	char *space = control_line_space(&c->lines, &room);
	ssize_t n = recv(c->fd, space, room, 0);

	if (n <= 0)
		return n < 0 && errno == EINTR;
	control_line_added(&c->lines, (size_t)n);
	return true;
}

enum client_news client_next(struct client *c, int timeout_ms, json_t **out)
{
	struct pollfd fds[] = {{.fd = c->fd, .events = POLLIN},
		{.fd = c->signals, .events = POLLIN}};
	gint64 until = g_get_monotonic_time() + (gint64)timeout_ms * 1000;

	for (;;) {
		enum client_news news = take_line(c, out);
		gint64 left = (until - g_get_monotonic_time() + 999) / 1000;
		int rc;

		if (news != CLIENT_TIMEOUT)
			return news;
		if (timeout_ms >= 0 && left <= 0)
			return CLIENT_TIMEOUT;
		rc = poll(fds, 2, timeout_ms < 0 ? -1 : (int)left);
		if (rc < 0 && errno != EINTR)
			return CLIENT_GONE;
		if (rc > 0 && (fds[1].revents & POLLIN)) {
			struct signalfd_siginfo unused;

			(void)!read(c->signals, &unused, sizeof(unused));
			return CLIENT_SIGNAL;
		}
		if (rc > 0 && fds[0].revents && !read_more(c))
			return CLIENT_GONE;
	}
}

json_int_t client_id(const json_t *object)
{
	return json_integer_value(json_object_get(object, "id"));
}

enum exit_code client_refused(const json_t *error)
{
	static const struct {
		const char *code;
		enum exit_code exit;
	} exits[] = {
		{"request", EXIT_USAGE},
		{"version", EXIT_NO_DAEMON},
		{"not-allowed", EXIT_NO_DAEMON},
		{"busy", EXIT_NO_DAEMON},
		{"unreachable", EXIT_UNREACHABLE},
		{"call", EXIT_CALL},
		{"account", EXIT_USAGE},
	};
	const char *code = json_string_value(json_object_get(error, "code"));
	char text[SHOW_MAX];

	(void)fprintf(stderr, "sipvpn-ua: %s\n", show(error, "text", text));
	for (size_t i = 0; i < G_N_ELEMENTS(exits); i++)
		if (g_strcmp0(exits[i].code, code) == 0)
			return exits[i].exit;
	return EXIT_INTERNAL;
}

static enum exit_code wait_answer(struct client *c, json_t **answer)
{
	json_t *got = NULL;
	const json_t *error;
	enum exit_code code;

	switch (client_next(c, ANSWER_MS, &got)) {
	case CLIENT_LINE:
		break;
	case CLIENT_TIMEOUT:
		(void)fputs("sipvpn-ua: the daemon does not answer\n", stderr);
		return EXIT_NO_DAEMON;
	case CLIENT_SIGNAL:
	case CLIENT_GONE:
		return client_lost();
	}
	error = json_object_get(got, "error");
	if (!error) {
		*answer = got;
		return EXIT_OK;
	}
	code = client_refused(error);
	json_decref(got);
	return code;
}

enum exit_code client_request(
	const char *path, const char *what, json_t *more, json_t **answer)
{
	bool absent;
	struct client *c = client_open(path, &absent);
	enum exit_code code;

	if (!c) {
		code = client_unusable(path);
		json_decref(more);
		return code;
	}
	/* what we are not allowed to ask is answered all the same */
	(void)client_ask(c, 1, what, more);
	code = wait_answer(c, answer);
	client_close(c);
	return code;
}
