/* sip_scan.c - the words that SIP headers are made of. PURE. */
#include "core/sip_scan.h"

/* CR and LF are there in folded lines only. */
static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_blanks(struct slice *s)
{
	while (s->len > 0 && blank(*s->p))
		*s = slice_skip(*s, 1);
}

struct slice sip_scan_trim(struct slice s)
{
	skip_blanks(&s);
	while (s.len > 0 && blank(s.p[s.len - 1]))
		s.len--;
	return s;
}

static bool alpha(char c)
{
	c = slice_lower(c);
	return c >= 'a' && c <= 'z';
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool token_char(char c)
{
	static const char others[] = {
		'-', '.', '!', '%', '*', '_', '+', '`', '\'', '~'};

	return alpha(c) || digit(c) || memchr(others, c, sizeof(others));
}

/* Without the blanks behind it. */
static bool word(struct slice *s, bool (*good)(char), struct slice *out)
{
	size_t n = 0;

	while (n < s->len && good(s->p[n]))
		n++;
	*out = (struct slice){s->p, n};
	*s = slice_skip(*s, n);
	return n > 0;
}

bool sip_scan_token(struct slice *s, struct slice *token)
{
	struct slice found;

	skip_blanks(s);
	if (!word(s, token_char, &found))
		return false;
	if (token)
		*token = found;
	skip_blanks(s);
	return true;
}

bool sip_scan_char(struct slice *s, char c)
{
	skip_blanks(s);
	if (s->len == 0 || *s->p != c)
		return false;
	*s = slice_skip(*s, 1);
	skip_blanks(s);
	return true;
}

bool sip_scan_blank(struct slice *s)
{
	return s->len > 0 && blank(s->p[-1]);
}

/* Between quotes; a backslash takes the next byte with it. */
static bool quoted(struct slice *s)
{
	struct slice rest = slice_skip(*s, 1);

	while (rest.len > 0 && *rest.p != '"') {
		if (*rest.p == '\\')
			rest = slice_skip(rest, 1);
		rest = slice_skip(rest, 1);
	}
	if (rest.len == 0)
		return false;
	*s = slice_skip(rest, 1);
	skip_blanks(s);
	return true;
}

static bool host_char(char c)
{
	/* '_' is in no host name and in many a network */
	return alpha(c) || digit(c) || c == '.' || c == '-' || c == '_';
}

static bool in_brackets(char c)
{
	return alpha(c) || digit(c) || c == ':' || c == '.' || c == '%';
}

bool sip_scan_host_port(struct slice *s)
{
	struct slice found;
	uint32_t port;

	skip_blanks(s);
	if (s->len > 0 && *s->p == '[') {
		*s = slice_skip(*s, 1);
		if (!word(s, in_brackets, &found) || !sip_scan_char(s, ']'))
			return false;
	} else if (!word(s, host_char, &found)) {
		return false;
	}
	if (!sip_scan_char(s, ':'))
		return true;
	return word(s, digit, &found) && slice_u32(found, 65535, &port);
}

/* A token, a host, an IPv6 address, brackets or not. */
static bool value_char(char c)
{
	return token_char(c) || c == ':' || c == '[' || c == ']';
}

bool sip_scan_params(struct slice *s)
{
	struct slice found;

	while (sip_scan_char(s, ';')) {
		if (!sip_scan_token(s, NULL))
			return false;
		if (!sip_scan_char(s, '='))
			continue;
		if (s->len > 0 && *s->p == '"') {
			if (!quoted(s))
				return false;
			continue;
		}
		if (!word(s, value_char, &found))
			return false;
		skip_blanks(s);
	}
	return true;
}

static bool uri_char(char c)
{
	return (unsigned char)c > ' ' && c != '\x7f' && c != '<' && c != '>' &&
	       c != '"';
}

/* As written without brackets: these end it (RFC 3261 section 20). */
static bool bare_char(char c)
{
	return uri_char(c) && c != ';' && c != ',' && c != '?';
}

static bool scheme_char(char c)
{
	return alpha(c) || digit(c) || c == '+' || c == '-' || c == '.';
}

bool sip_scan_uri(struct slice s)
{
	struct slice found;

	if (s.len == 0 || !alpha(*s.p) || !word(&s, scheme_char, &found) ||
		s.len < 2 || *s.p != ':')
		return false;
	return word(&s, uri_char, &found) && s.len == 0;
}

/* Of display names; not ASCII is against the grammar and common. */
static bool name_char(char c)
{
	return token_char(c) || (unsigned char)c >= 0x80 || blank(c);
}

bool sip_scan_address(struct slice *s, bool brackets)
{
	struct slice found;
	struct slice rest;

	skip_blanks(s);
	rest = *s;
	if (rest.len > 0 && *rest.p == '"') {
		if (!quoted(&rest))
			return false;
		brackets = true;
	} else {
		(void)word(&rest, name_char, &found);
	}
	if (rest.len > 0 && *rest.p == '<') {
		rest = slice_skip(rest, 1);
		if (!word(&rest, uri_char, &found) || !sip_scan_uri(found) ||
			rest.len == 0 || *rest.p != '>')
			return false;
		*s = slice_skip(rest, 1);
		skip_blanks(s);
		return true;
	}
	if (brackets || !word(s, bare_char, &found) || !sip_scan_uri(found) ||
		(s->len > 0 && *s->p == '?'))
		return false;
	skip_blanks(s);
	return true;
}
