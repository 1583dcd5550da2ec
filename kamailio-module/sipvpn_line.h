/*
 * sipvpn_line.h - one line of the file that holds groups and members.
 *
 * PURE.
 *
 *   # a comment
 *   group lab
 *   group site hub 10.8.0.0/24 fd00:8::/64
 *   member lab 2500@example.org
 *   member site 2500@example.org hub 10.8.0.1 fd00:8::1
 */
#ifndef SIPVPN_LINE_H
#define SIPVPN_LINE_H

#include "sipvpn_snapshot.h"

enum sipvpn_line {
	SIPVPN_LINE_EMPTY, /* or a comment */
	SIPVPN_LINE_GROUP,
	SIPVPN_LINE_MEMBER,
	SIPVPN_LINE_BAD,
};

/* What a line says, with slices into it. The ids are not in it. */
struct sipvpn_line_words {
	struct sipvpn_group_row group; /* SIPVPN_LINE_GROUP */
	struct slice in;               /* SIPVPN_LINE_MEMBER: its group */
	struct sipvpn_member_row member;
};

/*
 * home_domain: of a member written without one. Only the words are sorted
 * here; the snapshot judges what they say.
 */
enum sipvpn_line sipvpn_line_read(struct slice line, struct slice home_domain,
	struct sipvpn_line_words *out);

#endif
