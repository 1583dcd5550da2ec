/* token.c - unguessable names. */
#include "sip/token.h"

#include <glib.h>
#include <stdint.h>
#include <sys/random.h>

void token_fill(char out[static TOKEN_LEN + 1])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t raw[TOKEN_LEN / 2];

	/* up to 256 bytes come whole or not at all (getrandom(2)) */
	if (getrandom(raw, sizeof(raw), 0) != (ssize_t)sizeof(raw))
		g_error("no random numbers from the kernel");
	for (size_t i = 0; i < sizeof(raw); i++) {
		out[2 * i] = digits[raw[i] >> 4];
		out[2 * i + 1] = digits[raw[i] & 15];
	}
	out[TOKEN_LEN] = '\0';
}
