/*
 * fuzz_ini.c - any bytes as a configuration file: what is found lies inside,
 * in order, and is made of what it says. Rule: a finding is a trap.
 */
#include <stdlib.h>
#include "core/ini.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(ok)                                                               \
	do {                                                                   \
		if (!(ok))                                                     \
			__builtin_trap();                                      \
	} while (0)

static bool within(struct slice s, struct slice whole)
{
	return s.len == 0 ||
	       (s.p >= whole.p && s.p + s.len <= whole.p + whole.len);
}

static void check_text(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		MUST((unsigned char)s.p[i] >= ' ' || s.p[i] == '\t');
	if (s.len > 0)
		MUST(s.p[0] != ' ' && s.p[s.len - 1] != ' ');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* a copy of its own: the sanitizer sees the first byte too many */
	char *copy = malloc(size ? size : 1);
	struct slice all = {copy, size};
	struct ini in = ini_over(all);
	struct ini_line line;
	unsigned before = 0;

	MUST(copy);
	if (size)
		memcpy(copy, data, size);
	while (ini_next(&in, &line) != INI_END) {
		MUST(line.number > before && line.number <= size + 1);
		before = line.number;
		if (line.kind == INI_BAD) {
			MUST(line.why);
			continue;
		}
		MUST(line.key.len > 0 && within(line.key, all) &&
			within(line.value, all));
		check_text(line.key);
		check_text(line.value);
	}
	MUST(in.rest.len == 0);
	free(copy);
	return 0;
}
