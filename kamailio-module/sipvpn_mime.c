/*
 * sipvpn_mime.c - find the SDP with the VPN section in a message body.
 *
 * PURE: slices in, slice out.
 */
#include "sipvpn_mime.h"

/* RFC 2046 section 5.1.1 */
#define MAX_BOUNDARY 70

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct slice trim(struct slice s)
{
	while (s.len > 0 && is_space(s.p[0]))
		s = slice_skip(s, 1);
	while (s.len > 0 && is_space(s.p[s.len - 1]))
		s.len--;
	return s;
}

/* "application/sdp; charset=..." -> "application/sdp" and the parameters. */
static struct slice media_type(struct slice type, struct slice *params)
{
	struct slice head = SLICE("");

	*params = type;
	slice_cut(params, ';', &head);
	return trim(head);
}

/* A boundary with ';' or '"' in it (quoted) is not looked for. */
static bool find_boundary(struct slice params, struct slice *boundary)
{
	struct slice param, name;

	while (slice_cut(&params, ';', &param)) {
		if (!slice_cut(&param, '=', &name) ||
			!slice_caseeq(trim(name), SLICE("boundary")))
			continue;
		param = trim(param);
		if (param.len >= 2 && param.p[0] == '"' &&
			param.p[param.len - 1] == '"')
			param = (struct slice){param.p + 1, param.len - 2};
		if (param.len == 0 || param.len > MAX_BOUNDARY)
			return false;
		*boundary = param;
		return true;
	}
	return false;
}

struct slice sipvpn_mime_behind_header(struct slice text)
{
	struct slice line;

	while (slice_line(&text, &line) && line.len > 0)
		;
	return text;
}

/* "--boundary", or "--boundary--", which is the last. */
static bool is_delimiter(struct slice line, struct slice boundary, bool *last)
{
	struct slice tail;

	if (!slice_starts(line, SLICE("--")))
		return false;
	line = slice_skip(line, 2);
	if (!slice_starts(line, boundary))
		return false;
	tail = trim(slice_skip(line, boundary.len));
	*last = slice_eq(tail, SLICE("--"));
	return tail.len == 0 || *last;
}

/*
 * The next part: from behind a delimiter line to the next one. The line end
 * in front of a delimiter belongs to the delimiter.
 */
static bool next_part(struct slice *rest, struct slice boundary,
	struct slice *part, bool *last)
{
	const char *start = rest->p;
	const char *end = start;
	struct slice line;

	while (slice_line(rest, &line)) {
		if (is_delimiter(line, boundary, last)) {
			*part = (struct slice){start, (size_t)(end - start)};
			return true;
		}
		end = line.p + line.len;
	}
	return false;
}

/* Cut a part's header off; *type is its Content-Type, with folded lines. */
static void part_header(struct slice *part, struct slice *type)
{
	struct slice line, name;
	bool in_type = false;

	/* RFC 2046 section 5.1: a part without one is plain text. */
	*type = SLICE("text/plain");
	while (slice_line(part, &line) && line.len > 0) {
		if (is_space(line.p[0])) {
			if (in_type)
				type->len =
					(size_t)(line.p + line.len - type->p);
			continue;
		}
		slice_cut(&line, ':', &name);
		name = trim(name);
		in_type = slice_caseeq(name, SLICE("content-type")) ||
			  slice_caseeq(name, SLICE("c"));
		if (in_type)
			*type = line;
	}
}

/* What is looked for. */
struct search {
	sipvpn_mime_wanted *wanted;
	const void *arg;
};

static bool find(const struct search *search, struct slice type,
	struct slice body, int depth, struct slice *sdp)
{
	struct slice params, boundary, part, media;
	bool last = false;

	media = media_type(type, &params);
	if (media.len == 0 || slice_caseeq(media, SLICE("application/sdp"))) {
		if (!search->wanted(body, search->arg))
			return false;
		*sdp = body;
		return true;
	}
	if (depth == SIPVPN_MIME_DEPTH || media.len < 10 ||
		!slice_caseeq(
			(struct slice){media.p, 10}, SLICE("multipart/")) ||
		!find_boundary(params, &boundary))
		return false;
	/* What stands before the first delimiter is no part. */
	if (!next_part(&body, boundary, &part, &last))
		return false;
	while (!last && next_part(&body, boundary, &part, &last)) {
		part_header(&part, &type);
		if (find(search, type, part, depth + 1, sdp))
			return true;
	}
	return false;
}

bool sipvpn_mime_find_if(struct slice type, struct slice body,
	sipvpn_mime_wanted *wanted, const void *arg, struct slice *sdp)
{
	const struct search search = {wanted, arg};

	return find(&search, type, body, 0, sdp);
}

static bool has_vpn(struct slice sdp, const void *arg)
{
	(void)arg;
	return vpnsdp_mentions(sdp);
}

bool sipvpn_mime_find(struct slice type, struct slice body, struct slice *sdp)
{
	return sipvpn_mime_find_if(type, body, has_vpn, NULL, sdp);
}
