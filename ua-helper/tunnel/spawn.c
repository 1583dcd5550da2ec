/* spawn.c - fork and execve; see spawn.h. */
#include "tunnel/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define FIRST_FD (STDERR_FILENO + 1)

/* close_range() and its flag came with Linux 5.11 */
static void close_on_exec_from(int first)
{
	long limit = sysconf(_SC_OPEN_MAX);

	if (close_range((unsigned)first, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
		return;
	for (int fd = first; fd < limit; fd++)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static void default_signals(void)
{
	const struct sigaction def = {.sa_handler = SIG_DFL};
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		(void)sigaction(sig, &def, NULL); /* SIGKILL refuses */
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/*
 * What we may do by a capability of our program file (setcap) or of our unit
 * is gone after execve(), unless it is "ambient" (capabilities(7)). Root has
 * it anyway, and who has it not gets an error later that says so.
 */
static void keep_net_admin(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	const size_t i = CAP_TO_INDEX(CAP_NET_ADMIN);
	const unsigned bit = CAP_TO_MASK(CAP_NET_ADMIN);

	if (geteuid() == 0 || syscall(SYS_capget, &head, data) < 0 ||
		!(data[i].permitted & bit))
		return;
	data[i].inheritable |= bit;
	if (syscall(SYS_capset, &head, data) == 0)
		(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_ADMIN,
			0, 0);
}

/* A copy with a number that nobody is to get. */
static int out_of_the_way(int fd)
{
	return fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FD + SPAWN_MAX_FDS);
}

static bool place_fds(const struct spawn *s)
{
	int away[SPAWN_MAX_FDS];

	for (size_t i = 0; i < s->n_fds; i++) {
		away[i] = out_of_the_way(s->fds[i]);
		if (away[i] < 0)
			return false;
	}
	for (size_t i = 0; i < s->n_fds; i++)
		if (dup2(away[i], FIRST_FD + (int)i) < 0)
			return false;
	return true;
}

/* Between fork() and execve() only what is async-signal-safe. */
static int become(const struct spawn *s, pid_t parent)
{
	int input = s->input;

	if (s->group && setpgid(0, 0) < 0)
		return errno;
	if (s->orphan_ends && prctl(PR_SET_PDEATHSIG, SIGTERM) < 0)
		return errno;
	if (getppid() != parent) /* it was faster than prctl() */
		return ESRCH;
	if (input < 0)
		input = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (input < 0 || dup2(input, STDIN_FILENO) < 0 ||
		dup2(s->output, STDOUT_FILENO) < 0 ||
		dup2(s->output, STDERR_FILENO) < 0)
		return errno;
	if (!place_fds(s))
		return errno;
	close_on_exec_from(FIRST_FD + (int)s->n_fds);
	default_signals();
	keep_net_admin();
	if (s->no_new_privs && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return errno;
	execve(s->path, s->argv, s->envp);
	return errno;
}

/* What become() failed with; 0 when execve() has closed the pipe's end. */
static int read_errno(int fd)
{
	int err = 0;
	ssize_t n;

	do {
		n = read(fd, &err, sizeof(err));
	} while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(err) ? err : 0;
}

pid_t spawn(const struct spawn *s)
{
	sigset_t all, before;
	pid_t parent = getpid(), pid;
	int failed[2], err;

	if (pipe2(failed, O_CLOEXEC) < 0)
		return -1;
	/* no handler of ours may run in the child */
	sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid == 0) {
		int tell = out_of_the_way(failed[1]);

		err = tell < 0 ? errno : become(s, parent);
		(void)!write(tell < 0 ? failed[1] : tell, &err, sizeof(err));
		_exit(127);
	}
	err = pid < 0 ? errno : 0;
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	(void)close(failed[1]);
	if (pid > 0)
		err = read_errno(failed[0]);
	(void)close(failed[0]);
	if (err == 0)
		return pid;
	if (pid > 0)
		(void)waitpid(pid, NULL, 0);
	errno = err;
	return -1;
}
