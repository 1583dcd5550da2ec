/*
 * options_int.h - what the parts of the command line share; for options*.c
 * only.
 *
 * options.c        which options there are, and what goes together
 * options_value.c  what may stand behind one
 */
#ifndef SIPVPN_OPTIONS_INT_H
#define SIPVPN_OPTIONS_INT_H

#include <glib.h>

#include "daemon/options.h"

/* What can follow "sip:" and "@" without escaping (RFC 3261 section 25.1). */
#define USER_CHARS G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "-_.!~*'()&=+$,;?/"
#define HOST_CHARS G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "-.:"
#define GROUP_CHARS G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "-_.@"

/* Says on standard error what is wrong; false, for the caller to return. */
bool options_wrong(const char *format, ...) G_GNUC_PRINTF(1, 2);
void options_replace(char **where, const char *text);

/* Each: false when it has been said that text is none. */
bool options_take_port(char option, const char *text, uint16_t *out);
bool options_take_address(
	char option, const char *text, struct vpnsdp_addr *out);
/* chars: all that may be in it. */
bool options_take_name(
	const char *option, const char *text, const char *chars, char **out);
/* The first is the server, the others are for when it fails. */
bool options_take_server(const char *text, struct options *o);
bool options_take_transport(const char *text, struct options *o);
bool options_take_peer(const char *text, struct options *o);
/* Looked at now, so that a bad one does not show in the middle of a call. */
bool options_take_secret(const char *path, struct options *o);

#endif
