/*
 * token.h - unguessable names: tags, branches, Call-IDs, tls-ids
 * (RFC 3261 section 19.3 and RFC 8842 section 4 want strong randomness).
 */
#ifndef SIPVPN_TOKEN_H
#define SIPVPN_TOKEN_H

#include <stddef.h>

#define TOKEN_LEN 32 /* hexadecimal digits: 128 bits */

/* A fresh token, terminated. Aborts when the kernel has no randomness. */
void token_fill(char out[static TOKEN_LEN + 1]);

#endif
