/* secret.c - a static key's file; see secret.h. */
#include "tunnel/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <sys/stat.h>
#include <unistd.h>

/* All of it, one byte more than allowed included; -1 with errno. */
static ssize_t read_all(int fd, char *buf, size_t cap)
{
	size_t len = 0;

	while (len < cap) {
		ssize_t n = read(fd, buf + len, cap - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

bool secret_read(
	const char *path, uint8_t key[static STATIC_KEY_LEN], const char **why)
{
	char text[STATIC_KEY_MAX_FILE + 1];
	struct stat st;
	ssize_t n = -1;
	bool ok = false;
	/* O_NONBLOCK: a FIFO is refused, not waited for */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || fstat(fd, &st) < 0) {
		*why = g_strerror(errno);
		goto out;
	}
	if (!S_ISREG(st.st_mode)) {
		*why = "is not a file";
		goto out;
	}
	if ((st.st_mode & 077) != 0) {
		*why = "others may read it (chmod 600 it)";
		goto out;
	}
	n = read_all(fd, text, sizeof(text));
	if (n < 0) {
		*why = g_strerror(errno);
		goto out;
	}
	ok = static_key_parse((struct slice){text, (size_t)n}, key);
	if (!ok)
		*why = "holds no static key of OpenVPN's (openvpn --genkey "
		       "secret FILE makes one)";
out:
	explicit_bzero(text, sizeof(text));
	if (fd >= 0)
		(void)close(fd);
	return ok;
}
