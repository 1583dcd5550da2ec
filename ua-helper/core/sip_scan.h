/*
 * sip_scan.h - the words that SIP headers are made of (RFC 3261 section 25.1).
 *
 * PURE. Each function takes what it names off the front of *s, with the blanks
 * around it where the grammar has them, folded lines included; false: it does
 * not begin with that.
 */
#ifndef SIPVPN_SIP_SCAN_H
#define SIPVPN_SIP_SCAN_H

#include "slice.h"

/* SLICE() where C wants a constant. */
#define SLICE_INIT(literal)                                                    \
	{                                                                      \
		"" literal, sizeof(literal) - 1                                \
	}

/* Without the blanks at both ends. */
struct slice sip_scan_trim(struct slice s);
/* A token; *token (may be NULL) is set on success. */
bool sip_scan_token(struct slice *s, struct slice *token);
bool sip_scan_char(struct slice *s, char c);
/* Was there a blank just before? */
bool sip_scan_blank(struct slice *s);
/* host [":" port]; also an IPv6 address in brackets. */
bool sip_scan_host_port(struct slice *s);
/* None or more of ";name", ";name=value". */
bool sip_scan_params(struct slice *s);
/* name-addr, or addr-spec unless brackets is set; without its parameters. */
bool sip_scan_address(struct slice *s, bool brackets);

/* All of s is a URI: a scheme, and no character that ends one. */
bool sip_scan_uri(struct slice s);

#endif
