/*
 * sipvpn_siphash.h - a keyed hash, so that callers cannot choose user names
 * that collide.
 *
 * PURE. SipHash-1-3 of Aumasson and Bernstein: enough for a hash table whose
 * values are never shown to anybody, and for a pass that opens nothing but a
 * judgement on the two it names.
 */
#ifndef SIPVPN_SIPHASH_H
#define SIPVPN_SIPHASH_H

#include "vpnsdp/slice.h"

struct sipvpn_hash_key {
	uint64_t k0, k1;
};

uint64_t sipvpn_siphash(const struct sipvpn_hash_key *key, struct slice text);

#endif
