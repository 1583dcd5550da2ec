/*
 * ini.h - the lines of a configuration file, one by one.
 *
 * PURE.
 *
 *   # a comment, on a line of its own
 *   [daemon]
 *   [account home]
 *   user = 2500
 *
 * What sections and keys there are is the reader's affair; here they only
 * must look like some: nothing is skipped silently.
 */
#ifndef SIPVPN_INI_H
#define SIPVPN_INI_H

#include "slice.h"

enum ini_kind {
	INI_END,
	INI_SECTION, /* key: its kind ("account"); value: its name, or empty */
	INI_KEY,     /* key, value: without blanks around them */
	INI_BAD,     /* why */
};

struct ini_line {
	enum ini_kind kind;
	unsigned number;         /* from 1 */
	struct slice key, value; /* into the text */
	const char *why;
};

struct ini {
	struct slice rest;
	unsigned number;
};

struct ini ini_over(struct slice text);

/* The next line that is neither empty nor a comment; INI_END after the last,
 * also when asked again. */
enum ini_kind ini_next(struct ini *in, struct ini_line *out);

#endif
