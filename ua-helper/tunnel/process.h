/*
 * process.h - a child process in the main loop: its input, its lines, its end.
 */
#ifndef SIPVPN_PROCESS_H
#define SIPVPN_PROCESS_H

#include <stdbool.h>
#include <stddef.h>

#include "tunnel/lines.h"

struct process;

struct process_conf {
	char *const *argv; /* argv[0]: a path, or a name looked up in PATH */
	char *const *envp;
	/* all of standard input, PIPE_BUF bytes at most; NULL: /dev/null */
	const char *input;
	size_t input_len;
	/* input stays open until process_feed() or process_free() */
	bool input_later;
	/* n_fds descriptors that it gets as 3, 4, ... (SPAWN_MAX_FDS) */
	const int *fds;
	size_t n_fds;
	bool no_new_privs;
	/* to end it: SIGTERM, again after again_ms (0: not), SIGKILL after
	 * kill_ms */
	unsigned again_ms, kill_ms;
	/* in a process group of its own, which is signalled as a whole */
	bool group;
	/* SIGTERM when we end, whatever the reason */
	bool orphan_ends;
	lines_fn *line; /* standard output and error, one line a call */
	/* Last call. Wait status of waitpid(2). Nobody of the group is left. */
	void (*ended)(void *arg, int status);
	void *arg;
};

/*
 * Start it. Calls come from the main loop. conf is only read during this
 * call. NULL with errno when it cannot be executed.
 */
struct process *process_start(const struct process_conf *conf);

/*
 * For one with input_later: write conf's input and end it there; line, ended
 * and arg are conf's from now on. False: it does not read any more.
 */
bool process_feed(struct process *p, const struct process_conf *conf);

/* Begin to end it; ended() follows. Harmless twice. */
void process_end(struct process *p);

/* Kills first what still runs. Allowed from within ended(). */
void process_free(struct process *p);

#endif
