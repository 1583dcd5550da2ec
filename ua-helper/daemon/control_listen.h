/*
 * control_listen.h - the control socket in the file system: made, and who
 * may use it.
 */
#ifndef SIPVPN_CONTROL_LISTEN_H
#define SIPVPN_CONTROL_LISTEN_H

#include <gio/gio.h>
#include <stdbool.h>
#include <sys/types.h>

/*
 * Listen at path. Its folder has to be there; only that of CONTROL_PATH is
 * made. A socket that nobody listens at any more is replaced. NULL with *error:
 * the path cannot be used, or another daemon uses it.
 */
GSocket *control_listen(const char *path, GError **error);

/*
 * Is the other end root, ourselves, or a member of the group that the socket
 * at path belongs to? *uid is set whenever the kernel tells, else to -1.
 */
bool control_peer_allowed(GSocket *socket, const char *path, uid_t *uid);

#endif
