/* spawn.c - fork and execve; see spawn.h. */
#include "tunnel/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* Between fork() and execve() only what is async-signal-safe. */
static int become(const struct spawn *s, pid_t parent)
{
	int input = s->input;

	if (s->group && setpgid(0, 0) < 0)
		return errno;
	/* OpenVPN ends when its management connection closes, and says goodbye
	 * first; a second signal at that moment would cut it short */
	if (s->group && prctl(PR_SET_PDEATHSIG, SIGTERM) < 0)
		return errno;
	if (getppid() != parent) /* it was faster than prctl() */
		return ESRCH;
	if (input < 0)
		input = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (input < 0 || dup2(input, STDIN_FILENO) < 0 ||
		dup2(s->output, STDOUT_FILENO) < 0 ||
		dup2(s->output, STDERR_FILENO) < 0)
		return errno;
	close_on_exec_from(STDERR_FILENO + 1);
	default_signals();
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
		err = become(s, parent);
		(void)!write(failed[1], &err, sizeof(err));
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
