/*
 * control_line.h - the lines of a byte stream, as the control socket has
 * them: one JSON object each.
 *
 * PURE. The memory is the caller's; it bounds the length of a line.
 */
#ifndef SIPVPN_CONTROL_LINE_H
#define SIPVPN_CONTROL_LINE_H

#include "slice.h"

/* Far more than a request needs, and than a client can hurt us with. */
#define CONTROL_LINE_MAX 65536

enum control_line_verdict {
	CONTROL_LINE_MORE, /* no whole line yet: read on */
	CONTROL_LINE_READY,
	CONTROL_LINE_TOO_LONG, /* and stays so: the stream is lost */
};

struct control_line {
	char *buf;
	size_t cap;
	size_t start;   /* what is before was handed out */
	size_t scanned; /* no line end before this */
	size_t end;
};

/* buf: cap bytes, at least 1, that outlive *l. */
void control_line_init(struct control_line *l, char *buf, size_t cap);

/*
 * Where the next bytes go, and how many at most. Slices handed out before
 * are void then. 0: take lines out first.
 */
char *control_line_space(struct control_line *l, size_t *room);
/* So many bytes, at most the room, were written there. */
void control_line_added(struct control_line *l, size_t n);

/*
 * The next line, without its end (LF, or CR LF), which counts as part of the
 * cap bytes it may have. *line points into buf, and is set for READY only.
 */
enum control_line_verdict control_line_next(
	struct control_line *l, struct slice *line);

#endif
