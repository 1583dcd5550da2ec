/* lines.c - lines from a descriptor; see lines.h. */
#include "tunnel/lines.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define READ_SIZE 4096
#define DRAIN_READS 64 /* of a program that wrote without end: 256 KB */

static void finish(struct lines *l, lines_fn *fn, void *arg)
{
	if (l->len > 0 && l->buf[l->len - 1] == '\r')
		l->len--;
	l->buf[l->len] = '\0';
	fn(arg, l->buf, l->cut);
	l->len = 0;
	l->cut = false;
}

static void feed(
	struct lines *l, const char *p, size_t n, lines_fn *fn, void *arg)
{
	while (n > 0) {
		const char *end = memchr(p, '\n', n);
		size_t part = end ? (size_t)(end - p) : n;
		size_t room = LINES_MAX - l->len;

		if (part > room)
			l->cut = true;
		memcpy(l->buf + l->len, p, part < room ? part : room);
		l->len += part < room ? part : room;
		if (end) {
			finish(l, fn, arg);
			part++;
		}
		p += part;
		n -= part;
	}
}

bool lines_read(struct lines *l, int fd, lines_fn *fn, void *arg)
{
	char buf[READ_SIZE];
	ssize_t n;

	do {
		n = read(fd, buf, sizeof(buf));
	} while (n < 0 && errno == EINTR);
	if (n > 0) {
		feed(l, buf, (size_t)n, fn, arg);
		return true;
	}
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return true;
	if (l->len > 0)
		finish(l, fn, arg);
	return false;
}

void lines_drain(struct lines *l, int fd, lines_fn *fn, void *arg)
{
	for (int i = 0; i < DRAIN_READS; i++) {
		char buf[READ_SIZE];
		ssize_t n = read(fd, buf, sizeof(buf));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		feed(l, buf, (size_t)n, fn, arg);
	}
	if (l->len > 0)
		finish(l, fn, arg);
}

void lines_printable(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}
