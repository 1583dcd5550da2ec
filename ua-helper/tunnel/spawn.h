/*
 * spawn.h - start a program that inherits nothing.
 *
 * Not g_spawn: that hands a file which is no program to /bin/sh.
 */
#ifndef SIPVPN_SPAWN_H
#define SIPVPN_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

struct spawn {
	const char *path;
	char *const *argv, *const *envp;
	int input;  /* becomes standard input; -1: /dev/null */
	int output; /* becomes standard output and standard error */
	bool group; /* in a process group of its own */
};

/*
 * The new process's id, or -1 with errno of what failed, execve() included.
 * It gets default signal handlers and no other descriptor; in a group of its
 * own also SIGTERM when the calling thread ends: call it from the main thread.
 * Descriptors 0, 1 and 2 must be open here.
 */
pid_t spawn(const struct spawn *s);

#endif
