/*
 * spawn.h - start a program that inherits what it is given and nothing else.
 *
 * Not g_spawn: that hands a file which is no program to /bin/sh.
 */
#ifndef SIPVPN_SPAWN_H
#define SIPVPN_SPAWN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define SPAWN_MAX_FDS 2 /* certificate and key */

struct spawn {
	const char *path;
	char *const *argv, *const *envp;
	int input;      /* becomes standard input; -1: /dev/null */
	int output;     /* becomes standard output and standard error */
	const int *fds; /* n_fds descriptors that become 3, 4, ... */
	size_t n_fds;
	bool group;        /* in a process group of its own */
	bool orphan_ends;  /* SIGTERM when the calling thread ends */
	bool no_new_privs; /* prctl(2): not even a set-user-ID program helps */
};

/*
 * The new process's id, or -1 with errno of what failed, execve() included.
 * It gets default signal handlers and no other descriptor, and CAP_NET_ADMIN
 * if we have it, whoever we are. Call it from the main thread.
 * Descriptors 0, 1 and 2 must be open here.
 */
pid_t spawn(const struct spawn *s);

#endif
