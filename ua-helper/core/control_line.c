/* control_line.c - the lines of a byte stream. */
#include "core/control_line.h"

void control_line_init(struct control_line *l, char *buf, size_t cap)
{
	*l = (struct control_line){.buf = buf, .cap = cap};
}

char *control_line_space(struct control_line *l, size_t *room)
{
	/* here and not for each line: many short ones would move it often */
	if (l->start > 0) {
		memmove(l->buf, l->buf + l->start, l->end - l->start);
		l->end -= l->start;
		l->scanned -= l->start;
		l->start = 0;
	}
	*room = l->cap - l->end;
	return l->buf + l->end;
}

void control_line_added(struct control_line *l, size_t n)
{
	l->end += n;
}

enum control_line_verdict control_line_next(
	struct control_line *l, struct slice *line)
{
	/* what came in single bytes is not searched again from the start */
	const char *lf = memchr(l->buf + l->scanned, '\n', l->end - l->scanned);
	size_t at;

	if (!lf) {
		l->scanned = l->end;
		return l->end - l->start == l->cap ? CONTROL_LINE_TOO_LONG
						   : CONTROL_LINE_MORE;
	}
	at = (size_t)(lf - l->buf);
	*line = (struct slice){l->buf + l->start, at - l->start};
	if (line->len > 0 && line->p[line->len - 1] == '\r')
		line->len--;
	l->start = at + 1;
	l->scanned = l->start;
	return CONTROL_LINE_READY;
}
