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

static bool wrong(const char *path, const char *why)
{
	(void)fprintf(stderr, "sipvpn-ua: password file %s: %s\n", path, why);
	return false;
}

static bool take_line(const char *path, char *buf, size_t n, char **out)
{
	size_t len = 0;

	while (len < n && buf[len] != '\r' && buf[len] != '\n')
		len++;
	if (len == 0)
		return wrong(path, "its first line is empty");
	if (len == MAX_PASSWORD)
		return wrong(path, "its first line is too long");
	if (memchr(buf, '\0', len))
		return wrong(path, "is not text");
	password_free(*out);
	*out = g_strndup(buf, len);
	return true;
}

bool password_from_file(const char *path, char **out)
{
	char buf[MAX_PASSWORD];
	struct stat st;
	bool ok;
	ssize_t n = -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return wrong(path, g_strerror(errno));
	if (fstat(fd, &st) == 0)
		n = read(fd, buf, MAX_PASSWORD);
	if (n < 0)
		ok = wrong(path, g_strerror(errno));
	else if (S_ISREG(st.st_mode) && (st.st_mode & 077) != 0)
		ok = wrong(path, "others may read it (chmod 600 it)");
	else
		ok = take_line(path, buf, (size_t)n, out);
	close(fd);
	explicit_bzero(buf, sizeof(buf));
	return ok;
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
