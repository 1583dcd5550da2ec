/*
 * vpnsdp_priv.h - what the codec's own files share; nobody else includes it.
 *
 * PURE: C11 and mem* only.
 */
#ifndef SIPVPN_VPNSDP_PRIV_H
#define SIPVPN_VPNSDP_PRIV_H

#include "vpnsdp.h"

/* What may stand at session level and in the VPN section, which then wins. */
struct vpnsdp_level {
	struct vpnsdp_error
		conn_at; /* the c= line; line 0 when there is none */
	bool has_direction;
	enum vpnsdp_direction direction;
	enum vpnsdp_setup setup;
	bool has_fingerprint;
	bool other_fingerprint;
	uint8_t fingerprint[VPNSDP_FINGERPRINT_LEN];
	struct slice ice_ufrag, ice_pwd;
};

/* The value of an m= line; what is missing is empty. */
struct vpnsdp_mline {
	struct slice media, port, proto, fmt;
	struct slice tail; /* proto and fmt in one */
};

/*
 * Read one "a=" value: what vpnsdp_level holds and, where v is not NULL, what
 * only the VPN section may hold; all else is skipped.
 */
enum vpnsdp_err vpnsdp_attr(
	struct slice attr, struct vpnsdp_level *lv, struct vpnsdp *v);

struct vpnsdp_mline vpnsdp_mline_split(struct slice value);

/* Is this line (without its end) an m= line of one of the three VPN forms? */
bool vpnsdp_vpn_line(struct slice line);

/*
 * Cut the next word off *rest; empty at the end. RFC 8866 section 9 has one
 * space between two fields, senders have more.
 */
struct slice vpnsdp_word(struct slice *rest);

/* Without the blanks at both ends. */
struct slice vpnsdp_trim(struct slice s);

#define VPNSDP_BLOCK                                                           \
	128 /* bytes a step: whole vectors, whatever their size                \
	     */

/*
 * Are there two bytes beside each other, first and second, in VPNSDP_BLOCK
 * bytes and the one behind them? Bits of fold do not count in the second; it
 * has them set. Without a branch, so that a compiler makes vectors of it.
 */
static inline bool vpnsdp_block_has(
	const char *p, char first, char second, char fold)
{
	unsigned char least = 0xff;

	for (size_t i = 0; i < VPNSDP_BLOCK; i++) {
		unsigned char differs =
			(unsigned char)((p[i] ^ first) |
					((p[i + 1] | fold) ^ second));

		least = differs < least ? differs : least;
	}
	return least == 0;
}

/* The first c in what lies between p and end; end when there is none. */
static inline const char *vpnsdp_find_char(
	const char *p, const char *end, char c)
{
	const char *at = memchr(p, c, (size_t)(end - p));

	return at ? at : end;
}

/* 0 to 15, or -1 when it is none. */
static inline int vpnsdp_hex_digit(char c)
{
	unsigned int digit = (unsigned char)c - (unsigned int)'0';
	unsigned int letter = ((unsigned char)c | 0x20U) - (unsigned int)'a';

	if (digit <= 9)
		return (int)digit;
	return letter <= 5 ? (int)letter + 10 : -1;
}

/* Bytes from '!' to '~', and blanks where they are allowed. */
bool vpnsdp_printable(struct slice s, bool blanks);

/* May this be a group's name: one that needs no escaping anywhere? */
bool vpnsdp_valid_id(struct slice id);

/* A dotted quad and nothing else. */
bool vpnsdp_parse_v4(struct slice text, uint8_t out[static 4]);

#endif
