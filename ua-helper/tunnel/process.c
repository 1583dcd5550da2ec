/* process.c - a child process in the main loop; see process.h. */
#include "tunnel/process.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tunnel/spawn.h"

/* How often to look whether the rest of a group is gone: nobody tells. */
#define GROUP_POLL_MS 20
/* Where Debian keeps daemons; not in the PATH of ordinary users. */
#define SBIN "/usr/local/sbin:/usr/sbin:/sbin"

struct process {
	pid_t pid;
	bool reaped, ending, killed, over;
	int status;
	int input; /* -1: all was said */
	int output;
	struct lines lines;
	guint child_id, output_id, timer_id;
	unsigned again_ms, kill_ms;
	bool group;
	lines_fn *line;
	void (*ended)(void *arg, int status);
	void *arg;
};

static void send_signal(struct process *p, int sig)
{
	if (p->group)
		(void)kill(-p->pid, sig);
	else if (!p->reaped)
		(void)kill(p->pid, sig);
}

/* As long as somebody is in the group, its id belongs to nobody else. */
static bool group_left(const struct process *p)
{
	return p->group && kill(-p->pid, 0) == 0;
}

static void report_end(struct process *p)
{
	g_clear_handle_id(&p->timer_id, g_source_remove);
	g_clear_handle_id(&p->output_id, g_source_remove);
	lines_drain(&p->lines, p->output, p->line, p->arg);
	p->over = true;
	p->ended(p->arg, p->status); /* may free p */
}

static gboolean on_kill(gpointer data)
{
	struct process *p = data;

	p->timer_id = 0;
	p->killed = true;
	send_signal(p, SIGKILL);
	return G_SOURCE_REMOVE;
}

static gboolean on_again(gpointer data)
{
	struct process *p = data;

	p->again_ms = 0;
	send_signal(p, SIGTERM);
	p->timer_id = g_timeout_add(p->kill_ms, on_kill, p);
	return G_SOURCE_REMOVE;
}

void process_end(struct process *p)
{
	if (p->ending || p->reaped)
		return;
	p->ending = true;
	send_signal(p, SIGTERM);
	p->timer_id = p->again_ms > 0 ? g_timeout_add(p->again_ms, on_again, p)
				      : g_timeout_add(p->kill_ms, on_kill, p);
}

static bool has_passed(unsigned *ms)
{
	*ms -= *ms < GROUP_POLL_MS ? *ms : GROUP_POLL_MS;
	return *ms == 0;
}

/* The leader has gone: the others have the time that it would have had. */
static gboolean on_group_poll(gpointer data)
{
	struct process *p = data;

	if (group_left(p) && !p->killed) {
		if (p->again_ms > 0) {
			if (has_passed(&p->again_ms))
				send_signal(p, SIGTERM);
		} else if (has_passed(&p->kill_ms)) {
			p->killed = true;
			send_signal(p, SIGKILL);
		}
		return G_SOURCE_CONTINUE;
	}
	p->timer_id = 0;
	report_end(p);
	return G_SOURCE_REMOVE;
}

static void on_child(GPid pid, gint status, gpointer data)
{
	struct process *p = data;

	(void)pid;
	p->child_id = 0;
	p->reaped = true;
	p->status = status;
	g_clear_handle_id(&p->timer_id, g_source_remove);
	if (!group_left(p)) {
		report_end(p);
		return;
	}
	/* a second signal too early would cut OpenVPN's goodbye short */
	if (!p->ending)
		send_signal(p, SIGTERM);
	p->ending = true;
	p->timer_id = g_timeout_add(GROUP_POLL_MS, on_group_poll, p);
}

static gboolean on_output(gint fd, GIOCondition cond, gpointer data)
{
	struct process *p = data;

	(void)cond;
	if (lines_read(&p->lines, fd, p->line, p->arg))
		return G_SOURCE_CONTINUE;
	p->output_id = 0;
	return G_SOURCE_REMOVE;
}

/* Where the program is; NULL when there is none. Free with g_free(). */
static char *find(const char *name)
{
	char **dir, **dirs;
	char *path;

	if (strchr(name, '/') != NULL)
		return g_strdup(name);
	path = g_find_program_in_path(name);
	dirs = g_strsplit(SBIN, ":", -1);
	for (dir = dirs; path == NULL && *dir != NULL; dir++) {
		path = g_build_filename(*dir, name, NULL);
		if (!g_file_test(path, G_FILE_TEST_IS_EXECUTABLE))
			g_clear_pointer(&path, g_free);
	}
	g_strfreev(dirs);
	return path;
}

/*
 * The read end of a pipe that holds the text already and has no writer: so
 * nothing can block, and the key is in no file. -1 with errno.
 */
static int filled_pipe(const char *text, size_t len)
{
	int ends[2];
	ssize_t n;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	(void)fcntl(ends[1], F_SETFL, O_NONBLOCK);
	n = write(ends[1], text, len);
	(void)close(ends[1]);
	if (n == (ssize_t)len)
		return ends[0];
	(void)close(ends[0]);
	errno = EMSGSIZE;
	return -1;
}

/*
 * The end that the program reads; *ours is for what is written later, which
 * must not end us with SIGPIPE: hence no pipe. -1 with errno.
 */
static int open_input(int *ours)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return -1;
	*ours = ends[1];
	return ends[0];
}

/* Start it; *output and *feed (-1: none) are set on success. -1 with errno. */
static pid_t start(const struct process_conf *conf, int *output, int *feed)
{
	struct spawn s = {.argv = conf->argv,
		.envp = conf->envp,
		.input = -1,
		.fds = conf->fds,
		.n_fds = conf->n_fds,
		.group = conf->group,
		.orphan_ends = conf->orphan_ends,
		.no_new_privs = conf->no_new_privs};
	char *path = find(conf->argv[0]);
	int ends[2] = {-1, -1}, ours = -1, err = 0;
	pid_t pid = -1;

	if (path == NULL) {
		errno = ENOENT;
		return -1;
	}
	s.path = path;
	if (conf->input_later)
		s.input = open_input(&ours);
	else if (conf->input != NULL)
		s.input = filled_pipe(conf->input, conf->input_len);
	if (s.input < 0 && (conf->input_later || conf->input != NULL))
		goto out;
	if (pipe2(ends, O_CLOEXEC) < 0)
		goto out;
	(void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
	s.output = ends[1];
	pid = spawn(&s);
out:
	err = errno;
	if (s.input >= 0)
		(void)close(s.input);
	if (ends[1] >= 0)
		(void)close(ends[1]);
	if (pid > 0) {
		*output = ends[0];
		*feed = ours;
	} else {
		if (ends[0] >= 0)
			(void)close(ends[0]);
		if (ours >= 0)
			(void)close(ours);
	}
	g_free(path);
	errno = err;
	return pid;
}

struct process *process_start(const struct process_conf *conf)
{
	struct process *p;
	int output = -1, feed = -1;
	pid_t pid = start(conf, &output, &feed);

	if (pid < 0)
		return NULL;
	p = g_new0(struct process, 1);
	p->pid = pid;
	p->input = feed;
	p->output = output;
	p->group = conf->group;
	p->again_ms = conf->again_ms;
	p->kill_ms = conf->kill_ms;
	p->line = conf->line;
	p->ended = conf->ended;
	p->arg = conf->arg;
	p->child_id = g_child_watch_add(pid, on_child, p);
	p->output_id = g_unix_fd_add(
		output, G_IO_IN | G_IO_HUP | G_IO_ERR, on_output, p);
	return p;
}

bool process_feed(struct process *p, const struct process_conf *conf)
{
	ssize_t n;

	if (p->input < 0 || p->reaped || p->ending)
		return false;
	/* fits into the socket as a whole, see process.h */
	n = send(p->input, conf->input, conf->input_len,
		MSG_NOSIGNAL | MSG_DONTWAIT);
	(void)close(p->input);
	p->input = -1;
	if (n != (ssize_t)conf->input_len)
		return false;
	p->line = conf->line;
	p->ended = conf->ended;
	p->arg = conf->arg;
	return true;
}

void process_free(struct process *p)
{
	if (p == NULL)
		return;
	g_clear_handle_id(&p->child_id, g_source_remove);
	g_clear_handle_id(&p->output_id, g_source_remove);
	g_clear_handle_id(&p->timer_id, g_source_remove);
	if (!p->over)
		send_signal(p, SIGKILL);
	if (!p->reaped)
		while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
			;
	if (p->input >= 0)
		(void)close(p->input);
	(void)close(p->output);
	g_free(p);
}
