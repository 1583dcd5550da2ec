/*
 * show.h - members of the daemon's JSON as text for people. Others wrote
 * parts of it: nothing in it may work a terminal.
 */
#ifndef SIPVPN_CLI_SHOW_H
#define SIPVPN_CLI_SHOW_H

#include <jansson.h>
#include <stdint.h>

#define SHOW_MAX 256

/* The text of this member, or "-" when there is none; buf, or a constant. */
const char *show(const json_t *object, const char *key, char buf[SHOW_MAX]);
/* The same without blanks, for a column. */
const char *show_word(
	const json_t *object, const char *key, char buf[SHOW_MAX]);
/* As core/units.h has them. */
const char *show_seconds(json_int_t seconds, char buf[SHOW_MAX]);
const char *show_bytes(json_int_t bytes, char buf[SHOW_MAX]);

#endif
