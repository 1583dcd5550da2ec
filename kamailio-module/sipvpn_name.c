/*
 * sipvpn_name.c - which names of groups and members can stand in a message.
 *
 * PURE.
 */
#include "sipvpn_name.h"

#include "vpnsdp/vpnsdp.h"

/* Visible, and none of the characters that must not stand there. */
static bool is_plain(struct slice s, struct slice without)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~' ||
			memchr(without.p, s.p[i], without.len))
			return false;
	return s.len > 0;
}

bool sipvpn_name_is_group(struct slice s)
{
	return s.len <= VPNSDP_MAX_VPN_ID && is_plain(s, SLICE("\"\\"));
}

bool sipvpn_name_is_user(struct slice s)
{
	return is_plain(s, SLICE("\"\\<>:@"));
}

static bool is_letter_or_digit(char c)
{
	c = slice_lower(c);
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_made_of(struct slice s, struct slice others)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_letter_or_digit(s.p[i]) &&
			!memchr(others.p, s.p[i], others.len))
			return false;
	return s.len > 0;
}

bool sipvpn_name_is_host(struct slice s)
{
	if (s.len < 2 || s.p[0] != '[' || s.p[s.len - 1] != ']')
		return is_made_of(s, SLICE(".-_"));
	return is_made_of((struct slice){s.p + 1, s.len - 2}, SLICE(".:"));
}
