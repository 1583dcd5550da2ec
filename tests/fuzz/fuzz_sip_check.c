/*
 * fuzz_sip_check.c - any bytes as the head of a SIP message: what is said to
 * be well-formed has what a message needs, and a refusal is well-formed
 * whenever what it repeats is. Rule: a finding is a trap, never a message.
 */
#include <stdlib.h>
#include "core/sip_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(ok)                                                               \
	do {                                                                   \
		if (!(ok))                                                     \
			__builtin_trap();                                      \
	} while (0)

static bool has(struct slice all, struct slice part)
{
	for (; all.len >= part.len; all = slice_skip(all, 1))
		if (slice_caseeq((struct slice){all.p, part.len}, part))
			return true;
	return false;
}

static void check_refusal(struct slice head, const struct sip_verdict *v)
{
	static char text[70000];
	static const struct sip_refusal how = {
		.status = 400,
		.phrase = {"No", 2},
		.tag = {"t", 1},
		.host = {"192.0.2.1", 9},
		.port = 5060,
		.extra = {"Warning: 399 a \"b\"\r\n", 20},
	};
	struct sbuf out = sbuf_over(text, sizeof(text));
	struct sip_verdict again;

	if (!sip_refuse(head, &how, &out))
		return;
	MUST(out.len <= sizeof(text));
	/* without the empty line at the end, as heads are */
	again = sip_check((struct slice){text, out.len - 2});
	MUST(!again.request);
	if (v->request && v->status == 0)
		MUST(again.status == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* a copy of its own: the sanitizer sees the first byte too many */
	char *copy = malloc(size ? size : 1);
	struct slice head = {copy, size};
	struct sip_verdict v;

	MUST(copy);
	if (size)
		memcpy(copy, data, size);
	v = sip_check(head);
	MUST(v.why && (v.why[0] == '\0') == (v.status == 0));
	MUST(v.status == 0 || v.status == 400 || v.status == 416 ||
		v.status == 505);
	MUST(v.method.len == 0 ||
		(v.method.p >= copy &&
			v.method.p + v.method.len <= copy + size));
	if (v.status == 0) {
		MUST(has(head, SLICE("CSeq")));
		MUST(!v.request || v.method.len > 0);
	}
	check_refusal(head, &v);
	free(copy);
	return 0;
}
