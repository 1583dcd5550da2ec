/*
 * sipvpn_line.c - one line of the file that holds groups and members.
 *
 * PURE.
 */
#include "sipvpn_line.h"

/* The next word; empty at the end of the line or at a comment. */
static struct slice word(struct slice *rest)
{
	struct slice w = slice_word(rest);

	if (w.len > 0 && w.p[0] == '#')
		return *rest = SLICE("");
	return w;
}

static bool has(struct slice s, char c)
{
	return s.len > 0 && memchr(s.p, c, s.len);
}

/* Each of the three places is filled once. */
static bool sort_words(struct slice *rest, struct slice *plain,
	struct slice *four, struct slice *six)
{
	struct slice w;

	while ((w = word(rest)).len > 0) {
		struct slice *place = plain;

		if (has(w, ':'))
			place = six;
		else if (has(w, '.') || has(w, '/'))
			place = four;
		if (place->len > 0)
			return false;
		*place = w;
	}
	return true;
}

enum sipvpn_line sipvpn_line_read(struct slice line, struct slice home_domain,
	struct sipvpn_line_words *out)
{
	struct slice kind = word(&line);
	struct sipvpn_group_row *g = &out->group;
	struct sipvpn_member_row *m = &out->member;

	*out = (struct sipvpn_line_words){.in = SLICE("")};
	if (kind.len == 0)
		return SIPVPN_LINE_EMPTY;
	if (slice_eq(kind, SLICE("group"))) {
		g->name = word(&line);
		if (!sort_words(&line, &g->policy, &g->subnet4, &g->subnet6))
			return SIPVPN_LINE_BAD;
		return SIPVPN_LINE_GROUP;
	}
	if (!slice_eq(kind, SLICE("member")))
		return SIPVPN_LINE_BAD;
	out->in = word(&line);
	if (!sipvpn_aor_parse(word(&line), home_domain, &m->who))
		return SIPVPN_LINE_BAD;
	if (!sort_words(&line, &m->role, &m->addr4, &m->addr6))
		return SIPVPN_LINE_BAD;
	return SIPVPN_LINE_MEMBER;
}
