/*
 * sipvpn_param.c - a parameter in the Record-Route of a request.
 */
#include "sipvpn_param.h"

#include "core/data_lump.h"
#include "core/dprint.h"
#include "core/mem/mem.h"

#define MAX_HEADERS 4 /* rr writes two between different sockets */
#define MAX_TEXT 512  /* as rr limits its parameters */
#define REQUESTS 4    /* at work at once: a script may send one of its own */

/* The last text of ours in a Record-Route's URI, by rr's own mark. */
static struct lump *end_of_uri(const struct lump *anchor)
{
	struct lump *found = NULL;

	for (struct lump *l = anchor->before; l; l = l->before)
		if (l->type == HDR_RECORDROUTE_T && l->op == LUMP_ADD)
			found = l;
	return found;
}

/*
 * Its text, with room behind it. The server has a mark for an edit whose text
 * is not its own, as in a branch's copy. So it becomes one of these.
 */
static char *take_over(struct lump *l, size_t size, char room[static MAX_TEXT])
{
#if VERSIONVAL < 5005000 /* there the mark is for copies alone */
	(void)room;
	return pkg_realloc(l->u.value, size);
#else
	(void)size;
	memcpy(room, l->u.value, (size_t)l->len);
	pkg_free(l->u.value);
	l->flags |= LUMPFLAG_DUPED;
	return room;
#endif
}

/* There may be other marks beside that. */
static char *make_room(struct lump *l, size_t size, char room[static MAX_TEXT])
{
	if (size > MAX_TEXT)
		return NULL;
	if (l->flags & LUMPFLAG_DUPED)
		return memcpy(room, l->u.value, (size_t)l->len);
	return l->flags & LUMPFLAG_SHMEM ? NULL : take_over(l, size, room);
}

static bool append(
	struct lump *l, struct slice param, char room[static MAX_TEXT])
{
	size_t len = (size_t)l->len;
	char *text = make_room(l, len + param.len, room);

	if (!text)
		return false;
	memcpy(text + len, param.p, param.len);
	l->u.value = text;
	l->len += (int)param.len;
	return true;
}

bool sipvpn_param_add(struct sip_msg *msg, struct slice param)
{
	/* until the request has been written, in the end by this script */
	static char texts[REQUESTS][MAX_HEADERS][MAX_TEXT];
	static unsigned int turn;
	size_t n = 0;

	for (struct lump *l = msg->add_rm; l && n < MAX_HEADERS; l = l->next) {
		struct lump *end = end_of_uri(l);

		if (end && append(end, param, texts[turn % REQUESTS][n]))
			n++;
	}
	if (n > 0)
		turn++;
	return n > 0;
}
