/* control_listen.c - the control socket in the file system. */
#include "daemon/control_listen.h"

#include <errno.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/control.h"

#define BACKLOG 128 /* connections not yet accepted; more have to wait */

/* NGROUPS_MAX of Linux is 65536; a process with more than this is refused. */
#define MAX_GROUPS 1024

/* A socket that a daemon has left behind? Only then may it be removed. */
static bool make_way(const char *path, GSocketAddress *address, GError **error)
{
	struct stat st;
	GSocket *probe;
	GError *answer = NULL;
	bool ok = true;

	if (lstat(path, &st) != 0)
		return true;
	if (!S_ISSOCK(st.st_mode)) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_EXISTS,
			"control socket %s: something else is there", path);
		return false;
	}
	probe = g_socket_new(
		G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, 0, error);
	if (!probe)
		return false;
	g_socket_set_blocking(probe, FALSE); /* its backlog may be full */
	(void)g_socket_connect(probe, address, NULL, &answer);
	if (g_error_matches(
		    answer, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED)) {
		(void)g_unlink(path);
	} else {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE,
			"control socket %s: %s", path,
			answer ? answer->message
			       : "another sipvpn-ua daemon listens there");
		ok = false;
	}
	g_clear_error(&answer);
	g_object_unref(probe);
	return ok;
}

static GSocket *bind_at(
	const char *path, GSocketAddress *address, GError **error)
{
	GSocket *socket = g_socket_new(
		G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, 0, error);

	if (!socket)
		return NULL;
	if (g_socket_bind(socket, address, TRUE, error)) {
		/* before it listens; see control_peer_allowed() for the rest */
		(void)g_chmod(path, 0660);
		g_socket_set_blocking(socket, FALSE);
		g_socket_set_listen_backlog(socket, BACKLOG);
		if (g_socket_listen(socket, error))
			return socket;
	}
	g_prefix_error(error, "control socket %s: ", path);
	g_object_unref(socket);
	return NULL;
}

/* That of the default is below /run, and gone after each boot. */
static bool have_folder(const char *path, GError **error)
{
	char *folder = g_path_get_dirname(path);
	char *usual = g_path_get_dirname(CONTROL_PATH);
	int err = 0;

	if (strcmp(folder, usual) == 0 && g_mkdir(folder, 0755) != 0 &&
		errno != EEXIST)
		err = errno;
	else if (!g_file_test(folder, G_FILE_TEST_IS_DIR))
		err = ENOENT;
	if (err == ENOENT)
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
			"control socket %s: there is no folder %s; make it, or "
			"choose another path with --socket or control =",
			path, folder);
	else if (err != 0)
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(err),
			"control socket %s: the folder %s cannot be made: %s; "
			"choose another path with --socket or control =",
			path, folder, g_strerror(err));
	g_free(folder);
	g_free(usual);
	return err == 0;
}

GSocket *control_listen(const char *path, GError **error)
{
	GSocket *socket = NULL;
	GSocketAddress *address;

	if (strlen(path) >= sizeof(((struct sockaddr_un *)0)->sun_path)) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_FILENAME_TOO_LONG,
			"control socket %s: the path has more than %zu bytes",
			path, sizeof(((struct sockaddr_un *)0)->sun_path) - 1);
		return NULL;
	}
	if (!have_folder(path, error))
		return NULL;
	address = g_unix_socket_address_new(path);
	if (make_way(path, address, error))
		socket = bind_at(path, address, error);
	g_object_unref(address);
	return socket;
}

/* The supplementary groups that the peer had when it connected. */
static bool has_group(int fd, gid_t group)
{
	gid_t groups[MAX_GROUPS];
	socklen_t len = sizeof(groups);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) != 0)
		return false;
	for (size_t i = 0; i < len / sizeof(groups[0]); i++)
		if (groups[i] == group)
			return true;
	return false;
}

bool control_peer_allowed(GSocket *socket, const char *path, uid_t *uid)
{
	int fd = g_socket_get_fd(socket);
	struct ucred peer;
	socklen_t len = sizeof(peer);
	struct stat st;

	*uid = (uid_t)-1;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0)
		return false;
	*uid = peer.uid;
	if (peer.uid == 0 || peer.uid == geteuid())
		return true;
	if (stat(path, &st) != 0 || (st.st_mode & S_IWGRP) == 0)
		return false;
	return peer.gid == st.st_gid || has_group(fd, st.st_gid);
}
