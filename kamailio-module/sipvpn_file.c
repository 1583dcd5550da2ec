/*
 * sipvpn_file.c - load the membership from a file, for sites without a
 * database.
 */
#include "sipvpn_file.h"

#include <errno.h>
#include <stdio.h>

#include "core/dprint.h"

#include "sipvpn_line.h"

#define MAX_LINE 1022 /* bytes: two names of SIPVPN_MAX_NAME and the rest */

static enum sipvpn_row add_line(struct sipvpn_snapshot *s, struct slice line,
	struct slice home_domain, uint32_t number)
{
	struct sipvpn_line_words words;
	uint32_t group;

	switch (sipvpn_line_read(line, home_domain, &words)) {
	case SIPVPN_LINE_EMPTY:
		return SIPVPN_ROW_OK;
	case SIPVPN_LINE_GROUP:
		/* Line numbers rise, as the ids of groups have to. */
		words.group.id = number;
		return sipvpn_snapshot_add_group(s, &words.group);
	case SIPVPN_LINE_MEMBER:
		if (!sipvpn_snapshot_group(s, words.in, &group))
			return SIPVPN_ROW_NO_GROUP;
		words.member.group_id = sipvpn_snapshot_group_id(s, group);
		return sipvpn_snapshot_add_member(s, &words.member);
	case SIPVPN_LINE_BAD:
		break;
	}
	return SIPVPN_ROW_BAD_LINE;
}

enum found { LINE, BAD_LINE, NO_LINE };

/* A byte of zero is what a file has where a disk has lost it. */
static enum found read_line(
	FILE *file, char text[static MAX_LINE], struct slice *line)
{
	enum found result = LINE;
	size_t len = 0;
	int c;

	for (c = getc_unlocked(file); c != EOF && c != '\n';
		c = getc_unlocked(file)) {
		if (c == '\0' || len == MAX_LINE)
			result = BAD_LINE;
		else
			text[len++] = (char)c;
	}
	*line = (struct slice){text, len};
	return c == EOF && len == 0 && result == LINE ? NO_LINE : result;
}

static bool load_lines(
	FILE *file, struct slice home_domain, struct sipvpn_load *load)
{
	char text[MAX_LINE];
	struct slice line;
	enum found found;

	for (uint32_t number = 1;; number++) {
		enum sipvpn_row result = SIPVPN_ROW_BAD_LINE;

		found = read_line(file, text, &line);
		if (found == NO_LINE)
			return true;
		if (found == LINE)
			result = add_line(
				load->snapshot, line, home_domain, number);
		if (!sipvpn_rows_note(load, SLICE("line"), number, result))
			return false;
	}
}

bool sipvpn_file_load(
	const char *path, struct slice home_domain, struct sipvpn_load *load)
{
	FILE *file = fopen(path, "re");
	bool ok;

	if (!file) {
		LM_ERR("cannot open %s: %s\n", path, strerror(errno));
		return false;
	}
	ok = load_lines(file, home_domain, load);
	if (ok && ferror(file)) {
		LM_ERR("cannot read %s: %s\n", path, strerror(errno));
		ok = false;
	}
	(void)fclose(file);
	return ok;
}
