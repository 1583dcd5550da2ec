/*
 * secret.h - the file with a legacy peer's static key.
 */
#ifndef SIPVPN_SECRET_H
#define SIPVPN_SECRET_H

#include <stdbool.h>

#include "core/static_key.h"

/*
 * Read it; nobody but its owner may be able to. False: *why says why, in
 * words that live for ever, and key is not touched. The caller wipes key.
 */
bool secret_read(
	const char *path, uint8_t key[static STATIC_KEY_LEN], const char **why);

#endif
