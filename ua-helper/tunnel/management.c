/* management.c - OpenVPN's management socket; see management.h. */
#include "tunnel/management.h"

#include <errno.h>
#include <glib-unix.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct management {
	char *dir; /* mode 0700; NULL when removed */
	struct sockaddr_un addr;
	int listener, conn; /* -1: none */
	guint listener_id, conn_id;
	struct lines lines;
	lines_fn *line;
	void *arg;
};

static void close_fd(int *fd, guint *source_id)
{
	g_clear_handle_id(source_id, g_source_remove);
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

static void remove_dir(struct management *m)
{
	if (m->dir == NULL)
		return;
	(void)g_unlink(m->addr.sun_path);
	(void)g_rmdir(m->dir);
	g_clear_pointer(&m->dir, g_free);
}

/*
 * Make the directory and write the socket's path. A run-time directory of our
 * own is best; a long one does not fit into a socket's address.
 */
static bool make_dir(struct management *m)
{
	/* systemd's RuntimeDirectory=, the user's, or whatever there is */
	const char *bases[] = {g_getenv("RUNTIME_DIRECTORY"),
		g_getenv("XDG_RUNTIME_DIR"), "/run", "/tmp"};

	for (size_t i = 0; i < G_N_ELEMENTS(bases); i++) {
		size_t cap = sizeof(m->addr.sun_path);
		char *dir;

		if (bases[i] == NULL || bases[i][0] != '/')
			continue;
		dir = g_strdup_printf("%s/sipvpn-XXXXXX", bases[i]);
		if ((size_t)g_snprintf(m->addr.sun_path, cap, "%s/m", dir) <
				cap &&
			g_mkdtemp(dir) != NULL) {
			g_snprintf(m->addr.sun_path, cap, "%s/m", dir);
			m->dir = dir;
			return true;
		}
		g_free(dir);
	}
	return false;
}

static gboolean on_conn(gint fd, GIOCondition cond, gpointer data)
{
	struct management *m = data;

	(void)cond;
	if (lines_read(&m->lines, fd, m->line, m->arg))
		return G_SOURCE_CONTINUE;
	m->conn_id = 0;
	close_fd(&m->conn, &m->conn_id);
	return G_SOURCE_REMOVE;
}

/* One connection is all there will be: nothing of it stays on disk. */
static void accept_one(struct management *m)
{
	int fd = accept4(m->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	m->conn = fd;
	m->conn_id =
		g_unix_fd_add(fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_conn, m);
	remove_dir(m);
}

static gboolean on_listener(gint fd, GIOCondition cond, gpointer data)
{
	struct management *m = data;

	(void)fd;
	(void)cond;
	accept_one(m);
	if (m->conn < 0)
		return G_SOURCE_CONTINUE;
	m->listener_id = 0;
	close_fd(&m->listener, &m->listener_id);
	return G_SOURCE_REMOVE;
}

struct management *management_new(lines_fn *line, void *arg)
{
	struct management *m = g_new0(struct management, 1);
	int err;

	m->conn = -1;
	m->line = line;
	m->arg = arg;
	m->addr.sun_family = AF_UNIX;
	m->listener =
		socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (m->listener < 0 || !make_dir(m) ||
		bind(m->listener, (struct sockaddr *)&m->addr,
			sizeof(m->addr)) < 0 ||
		listen(m->listener, 1) < 0) {
		err = errno;
		management_free(m);
		errno = err;
		return NULL;
	}
	m->listener_id = g_unix_fd_add(m->listener, G_IO_IN, on_listener, m);
	return m;
}

const char *management_path(const struct management *m)
{
	return m->addr.sun_path;
}

void management_send(struct management *m, const char *commands)
{
	/* A few words always fit; when OpenVPN has gone, its end is noticed. */
	if (m->conn >= 0)
		(void)!send(m->conn, commands, strlen(commands), MSG_NOSIGNAL);
}

void management_drain(struct management *m)
{
	if (m->conn < 0 && m->listener >= 0)
		accept_one(m);
	if (m->conn >= 0)
		lines_drain(&m->lines, m->conn, m->line, m->arg);
}

void management_free(struct management *m)
{
	if (m == NULL)
		return;
	close_fd(&m->listener, &m->listener_id);
	close_fd(&m->conn, &m->conn_id);
	remove_dir(m);
	g_free(m);
}
