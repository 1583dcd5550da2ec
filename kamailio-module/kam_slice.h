/*
 * kam_slice.h - Kamailio's str <-> slice, and nothing else.
 *
 * A str's length is an int and may be negative or its pointer NULL: such a
 * str becomes an empty slice.
 */
#ifndef SIPVPN_KAM_SLICE_H
#define SIPVPN_KAM_SLICE_H

#include "core/str.h"

#include "vpnsdp/slice.h"

static inline struct slice slice_of_str(const str *s)
{
	if (!s->s || s->len <= 0)
		return SLICE("");
	return (struct slice){s->s, (size_t)s->len};
}

/* Only for text that came out of a str: it is known to fit an int. */
static inline str str_of_slice(struct slice s)
{
	return (str){(char *)s.p, (int)s.len};
}

#endif
