/* password.c - the SIP password. */
#include "daemon/password.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_PASSWORD 1024 /* far more than anybody types */

struct rule {
	mode_t forbidden;
	bool owned; /* a file, by root or us; else it may be a pipe */
	const char *way_out;
};

static bool wrong(char **why, const char *what)
{
	*why = g_strdup(what);
	return false;
}

static bool take_line(const char *buf, size_t n, char **out, char **why)
{
	size_t len = 0;

	while (len < n && buf[len] != '\r' && buf[len] != '\n')
		len++;
	if (len == 0)
		return wrong(why, "its first line is empty");
	if (len == MAX_PASSWORD)
		return wrong(why, "its first line is too long");
	if (memchr(buf, '\0', len))
		return wrong(why, "is not text");
	password_free(*out);
	*out = g_strndup(buf, len);
	return true;
}

static bool take_file(
	const char *path, const struct rule *rule, char **out, char **why)
{
	char buf[MAX_PASSWORD];
	struct stat st;
	bool ok;
	ssize_t n = -1;
	/* a FIFO that a daemon may not wait for is refused below */
	int fd = open(
		path, O_RDONLY | O_CLOEXEC | (rule->owned ? O_NONBLOCK : 0));

	if (fd < 0)
		return wrong(why, g_strerror(errno));
	if (fstat(fd, &st) == 0)
		n = read(fd, buf, MAX_PASSWORD);
	if (n < 0)
		ok = wrong(why, g_strerror(errno));
	else if (rule->owned && !S_ISREG(st.st_mode))
		ok = wrong(why, "is not a file");
	else if (S_ISREG(st.st_mode) && (st.st_mode & rule->forbidden) != 0)
		ok = wrong(why, rule->way_out);
	else if (rule->owned && st.st_uid != 0 && st.st_uid != geteuid())
		ok = wrong(why, "belongs to somebody else (chown it)");
	else
		ok = take_line(buf, (size_t)n, out, why);
	close(fd);
	explicit_bzero(buf, sizeof(buf));
	return ok;
}

bool password_from_file(const char *path, char **out)
{
	static const struct rule rule = {
		077, false, "others may read it (chmod 600 it)"};
	char *why = NULL;

	if (take_file(path, &rule, out, &why))
		return true;
	(void)fprintf(stderr, "sipvpn-ua: password file %s: %s\n", path, why);
	g_free(why);
	return false;
}

bool password_from_config(const char *path, char **out, char **why)
{
	static const struct rule rule = {037, true,
		"others may read or change it (chmod 600 or 640 it)"};

	return take_file(path, &rule, out, why);
}

char *password_from_environment(void)
{
	char *value = getenv("SIPVPN_PASSWORD");
	char *copy;

	if (!value || value[0] == '\0')
		return NULL;
	copy = g_strdup(value);
	/* /proc/PID/environ shows the start of the stack for ever: wipe it */
	explicit_bzero(value, strlen(value));
	(void)unsetenv("SIPVPN_PASSWORD");
	return copy;
}

void password_free(char *password)
{
	if (password)
		explicit_bzero(password, strlen(password));
	g_free(password);
}
