/*
 * lines.h - cut what a descriptor delivers into lines of bounded length.
 */
#ifndef SIPVPN_LINES_H
#define SIPVPN_LINES_H

#include <stdbool.h>
#include <stddef.h>

/* OpenVPN's longest log line is its list of pushed options, 1 KB */
#define LINES_MAX 2048

struct lines {
	size_t len;
	bool cut; /* the rest of an over-long line is being skipped */
	char buf[LINES_MAX + 1];
};

/*
 * line is terminated and without its end (CR LF or LF). cut: it was longer
 * than LINES_MAX and this is its beginning. The last line of a stream counts
 * without its end, too.
 */
typedef void lines_fn(void *arg, const char *line, bool cut);

/*
 * Read once what fd (non-blocking) holds. False when there is nothing more to
 * come: end or error.
 */
bool lines_read(struct lines *l, int fd, lines_fn *fn, void *arg);

/* All that fd holds now, but at most so much that this ends. */
void lines_drain(struct lines *l, int fd, lines_fn *fn, void *arg);

/* Everything outside printable ASCII becomes '?'. */
void lines_printable(char *text);

#endif
