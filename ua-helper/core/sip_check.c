/* sip_check.c - is the head of a SIP message well-formed? PURE. */
#include "core/sip_scan.h"

#include "core/sip_check.h"
#include "core/sip_frame.h"

#define MAX_CSEQ 2147483647U /* RFC 3261 section 8.1.1.5: below 2^31 */

/* --- header fields -------------------------------------------------------- */

static bool date(struct slice v)
{
	/* section 20.17: RFC 1123's form, GMT alone; a is a letter, 0 a digit
	 */
	static const struct slice form =
		SLICE_INIT("aaa, 00 aaa 0000 00:00:00 GMT");

	if (v.len != form.len)
		return false;
	for (size_t i = 0; i < form.len; i++) {
		char c = slice_lower(v.p[i]);
		bool fits = v.p[i] == form.p[i];

		if (form.p[i] == 'a')
			fits = c >= 'a' && c <= 'z';
		else if (form.p[i] == '0')
			fits = c >= '0' && c <= '9';
		if (!fits)
			return false;
	}
	return true;
}

static bool call_id(struct slice v)
{
	for (size_t i = 0; i < v.len; i++)
		if ((unsigned char)v.p[i] <= ' ')
			return false;
	return v.len > 0;
}

static bool max_forwards(struct slice v)
{
	uint32_t n;

	return slice_u32(v, 255, &n); /* section 20.22 */
}

static bool content_type(struct slice v)
{
	return sip_scan_token(&v, NULL) && sip_scan_char(&v, '/') &&
	       sip_scan_token(&v, NULL) && sip_scan_params(&v) && v.len == 0;
}

static bool via(struct slice v)
{
	do {
		if (!sip_scan_token(&v, NULL) || !sip_scan_char(&v, '/') ||
			!sip_scan_token(&v, NULL) || !sip_scan_char(&v, '/') ||
			!sip_scan_token(&v, NULL) || !sip_scan_blank(&v) ||
			!sip_scan_host_port(&v) || !sip_scan_params(&v))
			return false;
	} while (sip_scan_char(&v, ','));
	return v.len == 0;
}

static bool address(struct slice v)
{
	return sip_scan_address(&v, false) && sip_scan_params(&v) && v.len == 0;
}

static bool contact(struct slice v)
{
	if (slice_eq(v, SLICE("*")))
		return true;
	do {
		if (!sip_scan_address(&v, false) || !sip_scan_params(&v))
			return false;
	} while (sip_scan_char(&v, ','));
	return v.len == 0;
}

static bool route(struct slice v)
{
	do {
		if (!sip_scan_address(&v, true) || !sip_scan_params(&v))
			return false;
	} while (sip_scan_char(&v, ','));
	return v.len == 0;
}

/* The number; the method is left in *v. */
static bool cseq(struct slice *v)
{
	struct slice number;
	uint32_t n;

	return sip_scan_token(v, &number) && slice_u32(number, MAX_CSEQ, &n) &&
	       v->len > 0;
}

static bool any_cseq(struct slice v)
{
	return cseq(&v);
}

enum {
	VIA,
	FROM,
	TO,
	CALL_ID,
	CSEQ,
	N_NEEDED, /* those above have to be there */
};

struct field {
	struct slice name;
	struct slice shorter; /* section 7.3.3 */
	bool many;
	bool (*good)(struct slice value);
	const char *why;
};

static const struct field fields[] = {
	[VIA] = {SLICE_INIT("via"), SLICE_INIT("v"), true, via,
		"Via is malformed"},
	[FROM] = {SLICE_INIT("from"), SLICE_INIT("f"), false, address,
		"From is malformed, or there twice"},
	[TO] = {SLICE_INIT("to"), SLICE_INIT("t"), false, address,
		"To is malformed, or there twice"},
	[CALL_ID] = {SLICE_INIT("call-id"), SLICE_INIT("i"), false, call_id,
		"Call-ID is malformed, or there twice"},
	[CSEQ] = {SLICE_INIT("cseq"), SLICE_INIT(""), false, any_cseq,
		"CSeq is malformed, there twice, or its number is too large"},
	{SLICE_INIT("max-forwards"), SLICE_INIT(""), false, max_forwards,
		"Max-Forwards is no number up to 255, or there twice"},
	{SLICE_INIT("contact"), SLICE_INIT("m"), true, contact,
		"Contact is malformed"},
	{SLICE_INIT("route"), SLICE_INIT(""), true, route,
		"Route is malformed"},
	{SLICE_INIT("record-route"), SLICE_INIT(""), true, route,
		"Record-Route is malformed"},
	{SLICE_INIT("date"), SLICE_INIT(""), false, date,
		"Date is not of the form that RFC 1123 wants, in GMT"},
	{SLICE_INIT("content-type"), SLICE_INIT("c"), false, content_type,
		"Content-Type is malformed, or there twice"},
};
#define N_FIELDS (sizeof(fields) / sizeof(fields[0]))

/* Index of the field that the line is, N_FIELDS for others. */
static size_t field_of(struct slice line, struct slice *value)
{
	struct slice name = SLICE("");
	size_t i = 0;

	*value = line;
	(void)slice_cut(value, ':', &name);
	name = sip_scan_trim(name);
	*value = sip_scan_trim(*value);
	for (; i < N_FIELDS; i++)
		if (slice_caseeq(name, fields[i].name) ||
			(name.len == 1 &&
				slice_caseeq(name, fields[i].shorter)))
			break;
	return i;
}

static bool header_line(struct slice line)
{
	struct slice name = line;

	return memchr(line.p, ':', line.len) && sip_scan_token(&name, NULL) &&
	       name.len > 0 && *name.p == ':';
}

/* NULL, or what is wrong. method: of the request, empty for a response. */
static const char *headers(struct slice rest, struct slice method)
{
	bool seen[N_FIELDS] = {false};
	struct slice line;

	while (sip_frame_line(&rest, &line)) {
		struct slice value;
		size_t i;

		if (sip_scan_trim(line).len == 0)
			continue;
		if (!header_line(line))
			return "a header line has no name";
		i = field_of(line, &value);
		if (i == N_FIELDS)
			continue;
		if ((seen[i] && !fields[i].many) || !fields[i].good(value))
			return fields[i].why;
		seen[i] = true;
		if (i == CSEQ && method.len > 0 && cseq(&value) &&
			!slice_eq(value, method))
			return "CSeq names another method";
	}
	for (size_t i = 0; i < N_NEEDED; i++)
		if (!seen[i])
			return "a mandatory header is missing";
	return NULL;
}

/* --- start lines ---------------------------------------------------------- */

/* "SIP/2.0"; *other: it is another version. */
static bool version(struct slice v, bool *other)
{
	struct slice s = v;
	struct slice major;
	uint32_t n;

	*other = false;
	if (!slice_caseeq(
		    (struct slice){s.p, s.len < 4 ? s.len : 4}, SLICE("SIP/")))
		return false;
	s = slice_skip(s, 4);
	if (!slice_cut(&s, '.', &major) || !slice_u32(major, UINT32_MAX, &n) ||
		!slice_u32(s, UINT32_MAX, &n))
		return false;
	*other = !slice_caseeq(v, SLICE("SIP/2.0"));
	return true;
}

static bool response_line(struct slice line)
{
	struct slice part;
	uint32_t status;
	bool other;

	return slice_cut(&line, ' ', &part) && version(part, &other) &&
	       !other && slice_cut(&line, ' ', &part) && part.len == 3 &&
	       slice_u32(part, 699, &status) && status >= 100;
}

/* Section 19.1.1: no headers in a Request-URI. */
static bool has_headers(struct slice uri)
{
	struct slice user;
	struct slice rest = uri;

	if (memchr(uri.p, '@', uri.len))
		(void)slice_cut(&rest, '@', &user);
	return rest.len > 0 && memchr(rest.p, '?', rest.len);
}

static void request_line(struct slice line, struct sip_verdict *v)
{
	struct slice rest = line;
	struct slice uri = SLICE("");
	struct slice scheme = SLICE("");
	struct slice opaque;
	bool other;

	(void)slice_cut(&rest, ' ', &v->method);
	(void)slice_cut(&rest, ' ', &uri);
	v->status = 400;
	v->why = "the request line is malformed";
	opaque = v->method;
	if (!sip_scan_token(&opaque, NULL) || opaque.len > 0 ||
		!version(rest, &other) || !sip_scan_uri(uri))
		return;
	if (other) {
		v->status = 505;
		v->why = "only SIP/2.0 is spoken here";
		return;
	}
	opaque = uri;
	(void)slice_cut(&opaque, ':', &scheme);
	if (!slice_caseeq(scheme, SLICE("sip")) &&
		!slice_caseeq(scheme, SLICE("sips"))) {
		v->status = 416;
		v->why = "only sip: and sips: URIs are served here";
		return;
	}
	if (has_headers(uri)) {
		v->why = "a Request-URI has no headers";
		return;
	}
	v->status = 0;
	v->why = "";
}

struct sip_verdict sip_check(struct slice head)
{
	struct sip_verdict v = {.method = SLICE(""), .why = ""};
	struct slice rest = head;
	struct slice line = SLICE("");
	const char *why;

	/* section 7.5: empty lines before the start line are skipped */
	while (line.len == 0 && sip_frame_line(&rest, &line))
		if (line.len > 0 && line.p[line.len - 1] == '\r')
			line.len--;
	v.request = line.len < 4 ||
		    !slice_caseeq((struct slice){line.p, 4}, SLICE("SIP/"));
	if (v.request) {
		request_line(line, &v);
	} else if (!response_line(line)) {
		v.status = 400;
		v.why = "the status line is malformed";
	}
	if (v.status == 505)
		return v; /* nobody knows how its headers would look */
	why = headers(rest, v.request ? v.method : SLICE(""));
	if (why && v.status != 400) {
		v.status = 400;
		v.why = why;
	}
	return v;
}

bool sip_check_known_method(struct slice method)
{
	static const struct slice known[] = {SLICE_INIT("INVITE"),
		SLICE_INIT("ACK"), SLICE_INIT("CANCEL"), SLICE_INIT("BYE"),
		SLICE_INIT("OPTIONS"), SLICE_INIT("REGISTER"),
		SLICE_INIT("PRACK"), SLICE_INIT("SUBSCRIBE"),
		SLICE_INIT("NOTIFY"), SLICE_INIT("PUBLISH"), SLICE_INIT("INFO"),
		SLICE_INIT("REFER"), SLICE_INIT("MESSAGE"),
		SLICE_INIT("UPDATE")};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (slice_eq(method, known[i]))
			return true;
	return false;
}

/* --- refusing ------------------------------------------------------------- */

static void put_via(
	struct slice line, const struct sip_refusal *how, struct sbuf *out)
{
	sbuf_put(out, line);
	/* behind the last of a list it would belong to another hop */
	if (memchr(line.p, ',', line.len))
		return;
	sbuf_put(out, SLICE(";received="));
	sbuf_put(out, how->host);
	sbuf_put(out, SLICE(";rport="));
	sbuf_u64(out, how->port);
}

static bool has_tag(struct slice to)
{
	static const struct slice tag = SLICE_INIT("tag");
	struct slice part;

	while (slice_cut(&to, ';', &part)) {
		struct slice next = sip_scan_trim(to);

		if (next.len > tag.len &&
			slice_caseeq((struct slice){next.p, tag.len}, tag) &&
			(next.p[tag.len] == '=' || next.p[tag.len] == ' '))
			return true;
	}
	return false;
}

static void put_line(struct slice line, size_t field, bool first,
	const struct sip_refusal *how, struct sbuf *out)
{
	line = sip_scan_trim(line);
	if (field == VIA && first)
		put_via(line, how, out);
	else
		sbuf_put(out, line);
	if (field == TO && !has_tag(line)) {
		sbuf_put(out, SLICE(";tag="));
		sbuf_put(out, how->tag);
	}
	sbuf_put(out, SLICE("\r\n"));
}

bool sip_refuse(
	struct slice head, const struct sip_refusal *how, struct sbuf *out)
{
	bool seen[N_NEEDED] = {false};
	struct slice line;
	struct slice value;

	sbuf_put(out, SLICE("SIP/2.0 "));
	sbuf_u64(out, how->status);
	sbuf_char(out, ' ');
	sbuf_put(out, how->phrase);
	sbuf_put(out, SLICE("\r\n"));
	while (sip_frame_line(&head, &line)) {
		size_t i = field_of(line, &value);

		if (i >= N_NEEDED || (seen[i] && i != VIA) || value.len == 0)
			continue;
		put_line(line, i, !seen[i], how, out);
		seen[i] = true;
	}
	sbuf_put(out, how->extra);
	sbuf_put(out, SLICE("Content-Length: 0\r\n\r\n"));
	return seen[VIA] && sbuf_ok(out);
}
