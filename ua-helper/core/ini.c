/* ini.c - the lines of a configuration file. PURE. */
#include "core/ini.h"

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct slice trim(struct slice s)
{
	while (s.len > 0 && blank(s.p[0]))
		s = slice_skip(s, 1);
	while (s.len > 0 && blank(s.p[s.len - 1]))
		s.len--;
	return s;
}

/* Letters, digits and what else names are made of. */
static bool all_of(struct slice s, struct slice more)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = slice_lower(s.p[i]);

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
			!memchr(more.p, c, more.len))
			return false;
	}
	return s.len > 0;
}

static bool has_control(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] < ' ' && s.p[i] != '\t')
			return true;
	return s.len > 0 && memchr(s.p, 0x7f, s.len);
}

static enum ini_kind bad(struct ini_line *out, const char *why)
{
	out->why = why;
	return INI_BAD;
}

static enum ini_kind section(struct slice line, struct ini_line *out)
{
	struct slice kind;

	if (line.p[line.len - 1] != ']')
		return bad(out, "no ] at the end of the line");
	line.len--;
	line = trim(slice_skip(line, 1));
	if (!slice_cut(&line, ' ', &kind))
		return bad(out, "a section without a name");
	out->key = kind;
	out->value = trim(line);
	if (!all_of(kind, SLICE("_-")) ||
		(out->value.len > 0 && !all_of(out->value, SLICE("_-.@"))))
		return bad(out, "a section's name is made of letters, digits "
				"and _ - . @");
	return INI_SECTION;
}

static enum ini_kind one(struct slice line, struct ini_line *out)
{
	struct slice key;

	if (has_control(line))
		return bad(out, "a control character");
	if (line.p[0] == '[')
		return section(line, out);
	if (!memchr(line.p, '=', line.len))
		return bad(out, "neither [section] nor key = value");
	(void)slice_cut(&line, '=', &key);
	out->key = trim(key);
	out->value = trim(line);
	if (!all_of(out->key, SLICE("_-")))
		return bad(out, "a key is made of letters, digits and _ -");
	return INI_KEY;
}

struct ini ini_over(struct slice text)
{
	return (struct ini){text, 0};
}

enum ini_kind ini_next(struct ini *in, struct ini_line *out)
{
	struct slice line;

	*out = (struct ini_line){.key = SLICE(""), .value = SLICE("")};
	while (slice_cut(&in->rest, '\n', &line)) {
		out->number = ++in->number;
		if (line.len > 0 && line.p[line.len - 1] == '\r')
			line.len--;
		line = trim(line);
		if (line.len == 0 || line.p[0] == '#' || line.p[0] == ';')
			continue;
		out->kind = one(line, out);
		return out->kind;
	}
	out->kind = INI_END;
	return INI_END;
}
