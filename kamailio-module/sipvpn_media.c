/*
 * sipvpn_media.c - which media sections are protected.
 *
 * PURE: slices in, verdict out.
 */
#include "sipvpn_media.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool sipvpn_media_parse(struct slice text, struct sipvpn_media_set *out)
{
	struct sipvpn_media_set set = {.n = 0};
	struct slice kind;

	while (slice_cut(&text, ';', &kind)) {
		struct sipvpn_media m;

		m.media = slice_word(&kind);
		m.proto = slice_word(&kind);
		m.fmt = slice_word(&kind);
		if (m.media.len == 0) /* a ';' at the end does no harm */
			continue;
		if (slice_word(&kind).len > 0 || set.n == SIPVPN_MEDIA_MAX)
			return false;
		set.kinds[set.n++] = m;
	}
	if (set.n == 0)
		return false;
	*out = set;
	return true;
}

static bool one_of(struct slice words, struct slice wanted)
{
	struct slice found;

	do {
		found = slice_word(&words);
		if (slice_caseeq(found, wanted))
			return true;
	} while (found.len > 0);
	return false;
}

/* "m=media port proto fmt ...", cut into media, proto and the formats. */
static bool split(struct slice line, struct sipvpn_media *m)
{
	struct slice rest = SLICE(""); /* "m=" alone has none */

	if (!slice_starts(line, SLICE("m=")))
		return false;
	line = slice_skip(line, 2);
	slice_cut(&line, '\n', &rest);
	m->media = slice_word(&rest);
	/*
	 * A line with two blanks leaves a relay with two ports, the new one
	 * and the old one. No protocol begins with a digit.
	 */
	do
		m->proto = slice_word(&rest);
	while (m->proto.len > 0 && is_digit(m->proto.p[0]));
	m->fmt = rest;
	return true;
}

bool sipvpn_media_has(const struct sipvpn_media_set *set, struct slice line)
{
	struct sipvpn_media m;

	if (!split(line, &m))
		return false;
	for (size_t i = 0; i < set->n; i++) {
		const struct sipvpn_media *kind = &set->kinds[i];

		if (slice_caseeq(m.media, kind->media) &&
			(kind->proto.len == 0 ||
				slice_caseeq(m.proto, kind->proto)) &&
			(kind->fmt.len == 0 || one_of(m.fmt, kind->fmt)))
			return true;
	}
	return false;
}

bool sipvpn_media_in(const struct sipvpn_media_set *set, struct slice sdp)
{
	struct slice line;

	while (slice_cut(&sdp, '\n', &line))
		if (sipvpn_media_has(set, line))
			return true;
	return false;
}

bool sipvpn_media_refused(struct slice line)
{
	struct slice port = SLICE("");

	slice_cut(&line, '\n', &port);
	(void)slice_word(&port);
	port = slice_word(&port);
	for (size_t i = 0; i < port.len; i++)
		if (port.p[i] != '0')
			return false;
	return port.len > 0;
}
