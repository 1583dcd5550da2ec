/*
 * fuzz_control_line.c - any bytes in any pieces on the control socket: the
 * same lines whatever the pieces, and each is a request or is refused in a
 * line. The first byte is the size of a piece.
 */
#include <stdlib.h>

#include "core/control_line.h"
#include "daemon/control_request.h"

#define CAP 256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(ok)                                                               \
	do {                                                                   \
		if (!(ok))                                                     \
			__builtin_trap();                                      \
	} while (0)

static bool within(struct slice s, struct slice whole)
{
	return s.p >= whole.p && s.p + s.len <= whole.p + whole.len;
}

static void check_request(struct slice line)
{
	struct control_request r;
	struct control_problem problem = {0};
	json_t *answer;
	char *out;

	if (control_request_parse(line, &r, &problem)) {
		MUST(r.text && r.op <= CONTROL_OP_VERSION);
		MUST((r.op == CONTROL_OP_CALL) == (r.user != NULL));
		MUST((r.op == CONTROL_OP_HANGUP) == (r.call != NULL));
		control_request_clear(&r);
		return;
	}
	MUST(!r.text && problem.code && problem.text[0] != '\0');
	answer = control_refusal(r.id, &problem);
	MUST(answer);
	out = json_dumps(answer, JSON_COMPACT);
	MUST(out && !strchr(out, '\n'));
	free(out);
	json_decref(answer);
}

/* The line that all from *at on begins with; false: it has no end. */
static bool plain_line(struct slice all, size_t *at, struct slice *line)
{
	struct slice rest = slice_skip(all, *at);
	const char *lf = rest.len ? memchr(rest.p, '\n', rest.len) : NULL;

	if (!lf)
		return false;
	*line = (struct slice){rest.p, (size_t)(lf - rest.p)};
	*at += line->len + 1;
	if (line->len > 0 && line->p[line->len - 1] == '\r')
		line->len--;
	return true;
}

static void check_stream(struct slice all, size_t piece, char *buf)
{
	struct control_line l;
	enum control_line_verdict verdict = CONTROL_LINE_MORE;
	size_t fed = 0;
	size_t at = 0;
	struct slice got;
	struct slice want;

	control_line_init(&l, buf, CAP);
	while (fed < all.len && verdict != CONTROL_LINE_TOO_LONG) {
		size_t room;
		char *space = control_line_space(&l, &room);
		size_t n = all.len - fed < piece ? all.len - fed : piece;

		n = n < room ? n : room;
		MUST(n > 0);
		memcpy(space, all.p + fed, n);
		control_line_added(&l, n);
		fed += n;
		while ((verdict = control_line_next(&l, &got)) ==
			CONTROL_LINE_READY) {
			MUST(plain_line(all, &at, &want));
			MUST(slice_eq(got, want));
			MUST(within(got, (struct slice){buf, CAP}));
			check_request(got);
		}
	}
	if (verdict == CONTROL_LINE_TOO_LONG)
		MUST(!plain_line(
			(struct slice){all.p + at, CAP}, &(size_t){0}, &want));
	else
		MUST(!plain_line(all, &at, &want));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* of its own: the sanitizer sees the first byte too many */
	char *buf = malloc(CAP);

	MUST(buf);
	if (size > 1)
		check_stream((struct slice){(const char *)data + 1, size - 1},
			data[0] ? data[0] : 1, buf);
	free(buf);
	return 0;
}
