/*
 * sipvpn_merge.c - a body as others have edited it, with its protected media
 * sections as they came.
 *
 * PURE: slices in, text out.
 */
#include "sipvpn_merge.h"

#include "sipvpn_mime.h"

/*
 * Lines of the session part that apply to a section without a line of the
 * same kind (RFC 8866 section 5.7 and 6.7, RFC 4145, 8122, 8842 and 8839).
 * With ':' or '=' at its end a word is how the line begins, else all of it.
 */
static const struct kind {
	struct slice words[4];
} connection = {{SLICE("c=")}},
  attributes[] = {
	  {{SLICE("a=sendrecv"), SLICE("a=sendonly"), SLICE("a=recvonly"),
		  SLICE("a=inactive")}},
	  {{SLICE("a=setup:")}},
	  {{SLICE("a=connection:")}},
	  {{SLICE("a=fingerprint:")}},
	  {{SLICE("a=tls-id:")}},
	  {{SLICE("a=ice-ufrag:")}},
	  {{SLICE("a=ice-pwd:")}},
	  {{SLICE("a=ice-options:")}},
};

#define N_ATTRIBUTES (sizeof(attributes) / sizeof(attributes[0]))

struct merge {
	const struct sipvpn_media_set *set;
	struct slice received, edited; /* not read yet */
	struct slice session;          /* as received */
	struct slice session_edited;
	struct slice eol; /* as received */
	struct sbuf *out;
};

/* Cut off what stands before the first m= line. */
static struct slice cut_session(struct slice *rest)
{
	struct slice all = *rest, line;

	while (rest->len > 0 && !slice_starts(*rest, SLICE("m=")))
		slice_cut(rest, '\n', &line);
	all.len -= rest->len;
	return all;
}

/* Cut off an m= line and what follows, up to the next. False at the end. */
static bool cut_section(struct slice *rest, struct slice *section)
{
	struct slice line;

	*section = *rest;
	if (!slice_cut(rest, '\n', &line))
		return false;
	cut_session(rest);
	section->len -= rest->len;
	return true;
}

static size_t count(const struct sipvpn_media_set *set, struct slice sdp)
{
	struct slice section;
	size_t n = 0;

	cut_session(&sdp);
	while (cut_section(&sdp, &section))
		n += sipvpn_media_has(set, section);
	return n;
}

static bool is_kind(const struct kind *kind, struct slice line)
{
	for (size_t i = 0; i < 4 && kind->words[i].len > 0; i++) {
		struct slice word = kind->words[i];
		char last = word.p[word.len - 1];

		if (last == '=' || last == ':' ? slice_starts(line, word)
					       : slice_eq(line, word))
			return true;
	}
	return false;
}

/* The next line of a kind; false when there is none. */
static bool next_of(
	const struct kind *kind, struct slice *rest, struct slice *line)
{
	while (slice_line(rest, line))
		if (is_kind(kind, *line))
			return true;
	return false;
}

/* Does the section need the lines of this kind that the session part had? */
static bool must_take(
	const struct merge *m, const struct kind *kind, struct slice section)
{
	struct slice before = m->session, after = m->session_edited;
	struct slice was, is;

	if (next_of(kind, &section, &was))
		return false;
	while (next_of(kind, &before, &was))
		if (!next_of(kind, &after, &is) || !slice_eq(was, is))
			return true;
	return false;
}

/*
 * Take them. Where the text in front has no line end, as at the end of a part
 * of a multipart, what is added ends without one in its turn.
 */
static void take(struct merge *m, const struct kind *kind, bool ended)
{
	struct slice rest = m->session, line;

	while (next_of(kind, &rest, &line)) {
		if (!ended)
			sbuf_put(m->out, m->eol);
		sbuf_put(m->out, line);
		if (ended)
			sbuf_put(m->out, m->eol);
	}
}

static bool has_end(struct slice text)
{
	return text.len > 0 && text.p[text.len - 1] == '\n';
}

/* Cut off the m= line and an i= line behind it: c= comes next. */
static struct slice cut_head(struct slice *rest)
{
	struct slice head = *rest, line;

	slice_cut(rest, '\n', &line);
	if (slice_starts(*rest, SLICE("i=")))
		slice_cut(rest, '\n', &line);
	head.len -= rest->len;
	return head;
}

/* Cut off all but the empty lines at the end. */
static struct slice cut_lines(struct slice *rest)
{
	struct slice lines = *rest;
	size_t n = rest->len;

	while (n > 0 && (rest->p[n - 1] == '\r' || rest->p[n - 1] == '\n'))
		n--;
	if (n > 0 && n < rest->len && rest->p[n] == '\r')
		n++;
	if (n > 0 && n < rest->len && rest->p[n] == '\n')
		n++;
	lines.len = n;
	*rest = slice_skip(*rest, n);
	return lines;
}

static void put_section(struct merge *m, struct slice section)
{
	struct slice rest = section;
	struct slice head = cut_head(&rest);
	struct slice lines = cut_lines(&rest);
	bool ended = lines.len > 0 ? has_end(lines) : has_end(head);

	sbuf_put(m->out, head);
	if (must_take(m, &connection, section))
		take(m, &connection, has_end(head));
	sbuf_put(m->out, lines);
	for (size_t i = 0; i < N_ATTRIBUTES; i++)
		if (must_take(m, &attributes[i], section))
			take(m, &attributes[i], ended);
	sbuf_put(m->out, rest);
	/* others may have put a section of theirs behind the last one */
	if (m->edited.len > 0 && !has_end(section))
		sbuf_put(m->out, m->eol);
}

/* What one protected section leaves as. */
static void put_instead(struct merge *m, struct slice own, struct slice edited)
{
	if (sipvpn_media_refused(edited) && !sipvpn_media_refused(own))
		sbuf_put(m->out, edited);
	else
		put_section(m, own);
}

/*
 * rtpproxy and nathelper mark a body at its end, so that the next relay leaves
 * it alone. In a section that is put back the mark would be lost: it is as
 * good in the session part.
 */
static void put_mark(struct merge *m)
{
	static const struct kind mark = {{SLICE("a=nortpproxy:")}};
	struct slice came = m->received, rest = m->edited;
	struct slice last = SLICE(""), line;

	while (cut_section(&rest, &line))
		last = line;
	if (!sipvpn_media_has(m->set, last) || sipvpn_media_refused(last) ||
		next_of(&mark, &came, &line) || !next_of(&mark, &last, &line))
		return;
	sbuf_put(m->out, line);
	sbuf_put(m->out, m->eol);
}

static struct slice eol_of(struct slice sdp)
{
	struct slice line = SLICE("");

	slice_cut(&sdp, '\n', &line);
	return line.len > 0 && line.p[line.len - 1] == '\r' ? SLICE("\r\n")
							    : SLICE("\n");
}

static bool next_protected(struct merge *m, struct slice *section)
{
	while (cut_section(&m->received, section))
		if (sipvpn_media_has(m->set, *section))
			return true;
	return false;
}

/* Judge before anything is written. */
static enum sipvpn_merge judge(const struct sipvpn_media_set *set,
	struct slice received, struct slice edited)
{
	size_t n = count(set, received);

	if (n == 0)
		return SIPVPN_MERGE_NOTHING;
	if (n > SIPVPN_MERGE_MAX || n != count(set, edited))
		return SIPVPN_MERGE_COUNT;
	return SIPVPN_MERGE_DONE;
}

enum sipvpn_merge sipvpn_merge_sdp(const struct sipvpn_media_set *set,
	struct slice received, struct slice edited, struct sbuf *out)
{
	enum sipvpn_merge ret = judge(set, received, edited);
	struct merge m = {.set = set, .out = out};
	struct slice own, section;

	if (ret != SIPVPN_MERGE_DONE)
		return ret;
	m.received = received;
	m.edited = edited;
	m.eol = eol_of(received);
	m.session = cut_session(&m.received);
	m.session_edited = cut_session(&m.edited);
	sbuf_put(out, m.session_edited);
	put_mark(&m);
	while (cut_section(&m.edited, &section)) {
		if (sipvpn_media_has(set, section) && next_protected(&m, &own))
			put_instead(&m, own, section);
		else
			sbuf_put(out, section);
	}
	return sbuf_ok(out) ? SIPVPN_MERGE_DONE : SIPVPN_MERGE_NO_SPACE;
}

static bool wanted(struct slice sdp, const void *set)
{
	return sipvpn_media_in(set, sdp);
}

/* The SDP in a body; all that is protected must be in it. */
static enum sipvpn_merge find(const struct sipvpn_media_set *set,
	struct slice type, struct slice body, struct slice *sdp)
{
	struct slice before = body, after;

	if (!sipvpn_media_in(set, body))
		return SIPVPN_MERGE_NOTHING;
	if (!sipvpn_mime_find_if(type, body, wanted, set, sdp))
		return SIPVPN_MERGE_NOTHING;
	before.len = (size_t)(sdp->p - body.p);
	after = slice_skip(body, before.len + sdp->len);
	if (sipvpn_media_in(set, before) || sipvpn_media_in(set, after))
		return SIPVPN_MERGE_UNCLEAR;
	return SIPVPN_MERGE_DONE;
}

enum sipvpn_merge sipvpn_merge_body(const struct sipvpn_media_set *set,
	struct slice type, struct slice received, struct slice edited,
	struct sbuf *out)
{
	struct slice came, leaves;
	enum sipvpn_merge ret;
	size_t before;

	ret = find(set, type, received, &came);
	if (ret != SIPVPN_MERGE_DONE)
		return ret;
	ret = find(set, type, edited, &leaves);
	if (ret != SIPVPN_MERGE_DONE)
		return ret == SIPVPN_MERGE_NOTHING ? SIPVPN_MERGE_COUNT : ret;
	before = (size_t)(leaves.p - edited.p);
	sbuf_put(out, (struct slice){edited.p, before});
	ret = sipvpn_merge_sdp(set, came, leaves, out);
	if (ret != SIPVPN_MERGE_DONE && ret != SIPVPN_MERGE_NO_SPACE)
		return ret;
	sbuf_put(out, slice_skip(edited, before + leaves.len));
	return sbuf_ok(out) ? SIPVPN_MERGE_DONE : SIPVPN_MERGE_NO_SPACE;
}
