/* sip_frame.c - is a datagram one whole SIP message? PURE. */
#include "core/sip_frame.h"

/* End of the header: offset of the line end before the empty line. */
static bool header_end(struct slice s, size_t *head, size_t *body)
{
	for (size_t i = 0; i + 1 < s.len; i++) {
		if (s.p[i] != '\n')
			continue;
		if (s.p[i + 1] == '\n') {
			*head = i + 1;
			*body = i + 2;
			return true;
		}
		if (i + 2 < s.len && s.p[i + 1] == '\r' && s.p[i + 2] == '\n') {
			*head = i + 1;
			*body = i + 3;
			return true;
		}
	}
	return false;
}

/* Also what stands between the parts of a folded line. */
static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct slice trim(struct slice s)
{
	while (s.len > 0 && blank(*s.p))
		s = slice_skip(s, 1);
	while (s.len > 0 && blank(s.p[s.len - 1]))
		s.len--;
	return s;
}

bool sip_frame_line(struct slice *rest, struct slice *line)
{
	struct slice more;

	if (!slice_cut(rest, '\n', line))
		return false;
	while (rest->len > 0 && (*rest->p == ' ' || *rest->p == '\t') &&
		slice_cut(rest, '\n', &more))
		line->len = (size_t)(more.p + more.len - line->p);
	return true;
}

/* Is the line Content-Length (or its short form l)? Then *value is set. */
static bool content_length(struct slice line, struct slice *value)
{
	struct slice name;
	struct slice rest = line;

	if (!memchr(line.p, ':', line.len) || !slice_cut(&rest, ':', &name))
		return false;
	name = trim(name);
	if (!slice_caseeq(name, SLICE("content-length")) &&
		!slice_caseeq(name, SLICE("l")))
		return false;
	*value = trim(rest);
	return true;
}

static bool only_keepalive(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] != '\r' && s.p[i] != '\n' && s.p[i] != '\0')
			return false;
	return true;
}

/* Content-Length of f->head into *length; *seen: there is one. */
static bool find_length(struct sip_frame *f, bool *seen, uint32_t *length)
{
	struct slice rest = f->head;
	struct slice line;
	struct slice value;
	uint32_t another;

	*seen = false;
	*length = 0;
	f->length_line = (struct slice){f->head.p, 0};
	while (sip_frame_line(&rest, &line)) {
		if (line.len == 0 || !content_length(line, &value))
			continue;
		f->length_line = line;
		if (!slice_u32(value, UINT32_MAX, &another) ||
			(*seen && another != *length))
			return false;
		*length = another;
		*seen = true;
	}
	return true;
}

enum sip_frame_verdict sip_frame_datagram(
	struct slice datagram, struct sip_frame *out)
{
	size_t head = 0;
	size_t body = 0;
	uint32_t length;
	bool seen;

	if (only_keepalive(datagram))
		return SIP_FRAME_KEEPALIVE;
	if (!header_end(datagram, &head, &body))
		return SIP_FRAME_NO_END;
	out->head = (struct slice){datagram.p, head};
	out->body = slice_skip(datagram, body);
	if (!find_length(out, &seen, &length))
		return SIP_FRAME_BAD_LENGTH;
	if (!seen)
		return SIP_FRAME_WHOLE;
	if (length > out->body.len)
		return SIP_FRAME_SHORT;
	out->body.len = length;
	return SIP_FRAME_WHOLE;
}

/* Line ends before a message: pings, or what the one before was too long. */
static enum sip_stream_verdict line_ends(struct slice s, size_t *used)
{
	if (s.p[0] == '\n') {
		*used = 1;
		return SIP_STREAM_PONG;
	}
	if (s.len < 2)
		return SIP_STREAM_MORE;
	*used = s.p[1] == '\n' ? 2 : 1;
	if (s.len >= 4 && memcmp(s.p, "\r\n\r\n", 4) == 0) {
		*used = 4;
		return SIP_STREAM_PING;
	}
	/* half a ping: the other half is on its way */
	if (s.len == 3 && memcmp(s.p, "\r\n\r", 3) == 0)
		return SIP_STREAM_MORE;
	return SIP_STREAM_PONG;
}

enum sip_stream_verdict sip_frame_stream(struct slice s, size_t *used)
{
	struct sip_frame f;
	size_t head = 0;
	size_t body = 0;
	uint32_t length;
	bool seen;

	if (s.len == 0)
		return SIP_STREAM_MORE;
	if (s.p[0] == '\r' || s.p[0] == '\n')
		return line_ends(s, used);
	*used = s.len;
	if (!header_end(s, &head, &body))
		return s.len > SIP_FRAME_STREAM_MAX ? SIP_STREAM_BROKEN
						    : SIP_STREAM_MORE;
	f.head = (struct slice){s.p, head};
	*used = body;
	if (!find_length(&f, &seen, &length) ||
		length > SIP_FRAME_STREAM_MAX -
				 (body < SIP_FRAME_STREAM_MAX
						 ? body
						 : SIP_FRAME_STREAM_MAX))
		return SIP_STREAM_BROKEN;
	if (length > s.len - body)
		return SIP_STREAM_MORE;
	*used = body + length;
	return SIP_STREAM_MESSAGE;
}
