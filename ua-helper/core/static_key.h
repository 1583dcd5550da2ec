/*
 * static_key.h - the key that both ends of a legacy tunnel have in a file.
 *
 * PURE. The format is that of "openvpn --genkey secret". Parsed and printed
 * again, so that nothing else in the file gets into a configuration.
 */
#ifndef SIPVPN_STATIC_KEY_H
#define SIPVPN_STATIC_KEY_H

#include "vpnsdp.h"

#define STATIC_KEY_LEN 256 /* bytes: two ciphers' and two HMACs' of 64 */
/* 256 bytes in hex are 512; the rest is lines, comments, somebody's notes */
#define STATIC_KEY_MAX_FILE 4096

/* False when it is none. *key is set only on success. */
bool static_key_parse(struct slice text, uint8_t key[static STATIC_KEY_LEN]);

void static_key_write(
	const uint8_t key[static STATIC_KEY_LEN], struct sbuf *out);

#endif
