/* units.c - amounts for people. */
#include "core/units.h"

/* n / by, rounded; no sum here that could be too large. */
static uint64_t rounded(uint64_t n, uint64_t by)
{
	return n / by + (n % by >= by - by / 2);
}

void units_bytes(uint64_t n, struct sbuf *out)
{
	static const char units[] = "kMGTPE"; /* 2^64 is 18E */
	uint64_t scale = 1;

	if (n < 1000) {
		sbuf_u64(out, n);
		return;
	}
	for (size_t i = 0; i < sizeof(units) - 1; i++) {
		uint64_t tenths;

		scale *= 1000;
		tenths = rounded(n, scale / 10);
		if (tenths < 100) {
			sbuf_u64(out, tenths / 10);
			sbuf_char(out, '.');
			sbuf_u64(out, tenths % 10);
		} else if (rounded(n, scale) < 1000) {
			sbuf_u64(out, rounded(n, scale));
		} else {
			continue;
		}
		sbuf_char(out, units[i]);
		return;
	}
}

static void two_digits(uint64_t n, struct sbuf *out)
{
	sbuf_char(out, (char)('0' + n / 10));
	sbuf_char(out, (char)('0' + n % 10));
}

void units_seconds(uint64_t s, struct sbuf *out)
{
	if (s >= 3600) {
		sbuf_u64(out, s / 3600);
		sbuf_char(out, ':');
		two_digits(s / 60 % 60, out);
	} else {
		sbuf_u64(out, s / 60);
	}
	sbuf_char(out, ':');
	two_digits(s % 60, out);
}
