/*
 * sipvpn_file.c - load the membership from a file, for sites without a
 * database.
 */
#include "sipvpn_file.h"

#include <errno.h>
#include <stdio.h>

#include "core/dprint.h"

#include "sipvpn_line.h"

#define MAX_LINE 1024 /* bytes: two names of SIPVPN_MAX_NAME and the rest */

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

/* The rest of a line that is too long. */
static void skip_line(FILE *file)
{
	int c;

	do {
		c = getc(file);
	} while (c != EOF && c != '\n');
}

static bool load_lines(
	FILE *file, struct slice home_domain, struct sipvpn_load *load)
{
	char text[MAX_LINE];

	for (uint32_t number = 1; fgets(text, sizeof(text), file); number++) {
		struct slice line = {text, strlen(text)};
		enum sipvpn_row result = SIPVPN_ROW_BAD_LINE;

		if (line.len > 0 && text[line.len - 1] == '\n')
			line.len--;
		else if (line.len == sizeof(text) - 1)
			skip_line(file);
		if (line.len < sizeof(text) - 1)
			result = add_line(
				load->snapshot, line, home_domain, number);
		if (!sipvpn_rows_note(load, SLICE("line"), number, result))
			return false;
	}
	return true;
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
		LM_ERR("cannot read %s\n", path);
		ok = false;
	}
	(void)fclose(file);
	return ok;
}
