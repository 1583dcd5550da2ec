/*
 * text.h - a terminated line for people, put together from slices.
 *
 * PURE. Text that a peer wrote is made printable and, if need be, shortened
 * visibly ("..."): it is for reading, never for deciding.
 */
#ifndef SIPVPN_TEXT_H
#define SIPVPN_TEXT_H

#include "sbuf.h"

/* Replace buf by the parts, in order; cap > 3. Ends with a part whose p is
 * NULL. */
void text_join(char *buf, size_t cap, const struct slice *parts);

/* text_join(buf, cap, SLICE("a"), b, ...) */
#define TEXT_JOIN(buf, cap, ...)                                               \
	text_join(buf, cap, (const struct slice[]){__VA_ARGS__, {NULL, 0}})

#define TEXT_MAX 512 /* the longest sentence of ours is far shorter */

/* A terminated string of ours as a slice. */
struct slice text_slice(const char *s);

#endif
