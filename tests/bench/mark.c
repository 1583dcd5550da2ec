/*
 * mark.c - tell callgrind from outside where to count. Preloaded into the
 * server: a datagram "BENCH ..." is for this file and not for the server.
 *
 *   BENCH on          count from here
 *   BENCH dump NAME   write what was counted since, begin again
 *   BENCH off         count no more
 *
 * Each is answered with the same text. Without valgrind it does nothing else.
 */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include <valgrind/callgrind.h>

#define MAX_LABEL 32

typedef ssize_t receive(
	int, void *, size_t, int, struct sockaddr *, socklen_t *);

static bool starts(const char *text, ssize_t len, const char *prefix)
{
	size_t n = strlen(prefix);

	return len >= (ssize_t)n && memcmp(text, prefix, n) == 0;
}

static void dump(const char *text, size_t len)
{
	char label[MAX_LABEL + 1] = "";

	memcpy(label, text, len < MAX_LABEL ? len : MAX_LABEL);
	CALLGRIND_DUMP_STATS_AT(label);
}

/* True when the datagram was ours. */
static bool obey(const char *text, ssize_t len)
{
	if (starts(text, len, "BENCH on"))
		CALLGRIND_START_INSTRUMENTATION;
	else if (starts(text, len, "BENCH dump "))
		dump(text + 11, (size_t)len - 11);
	else if (starts(text, len, "BENCH off"))
		CALLGRIND_STOP_INSTRUMENTATION;
	else
		return false;
	return true;
}

ssize_t recvfrom(int fd, void *restrict buf, size_t size, int flags,
	__SOCKADDR_ARG from, socklen_t *restrict from_len)
{
	static receive *real;
	ssize_t len;

	if (!real)
		real = (receive *)dlsym(RTLD_NEXT, "recvfrom");
	for (;;) {
		socklen_t room = from_len ? *from_len : 0;

		len = real(fd, buf, size, flags, from.__sockaddr__, from_len);
		if (!obey(buf, len))
			return len;
		(void)sendto(fd, buf, (size_t)len, 0, from.__sockaddr__,
			from_len ? *from_len : 0);
		if (from_len)
			*from_len = room;
	}
}
