/*
 * sipvpn_param.c - a parameter in the Record-Route of a request that is about
 * to be forwarded.
 */
#include "sipvpn_param.h"

#include "core/data_lump.h"
#include "core/dprint.h"
#include "core/mem/mem.h"

#define MAX_HEADERS 4 /* rr writes two between different sockets */
#define MAX_TEXT 512  /* as rr limits its parameters */

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
 * What is replaced in a copy belongs to the request that it was copied from.
 * An edit that branch_route has made is no copy, and owns its text. From 6.1
 * on another flag says that it is of Record-Route.
 */
static bool append(
	struct lump *l, struct slice param, char common[static MAX_TEXT])
{
	int whose = l->flags & (LUMPFLAG_DUPED | LUMPFLAG_SHMEM);
	bool own = whose == LUMPFLAG_NONE;
	size_t len = (size_t)l->len;
	char *text = own ? pkg_malloc(len + param.len) : common;

	if (!own && (whose != LUMPFLAG_DUPED || len + param.len > MAX_TEXT))
		return false;
	if (!text) {
		PKG_MEM_ERROR;
		return false;
	}
	memcpy(text, l->u.value, len);
	memcpy(text + len, param.p, param.len);
	if (own)
		pkg_free(l->u.value);
	l->u.value = text;
	l->len += (int)param.len;
	return true;
}

bool sipvpn_param_add(struct sip_msg *msg, struct slice param)
{
	/* until the branch's text is written, which is next */
	static char texts[MAX_HEADERS][MAX_TEXT];
	size_t n = 0;

	for (struct lump *l = msg->add_rm; l && n < MAX_HEADERS; l = l->next) {
		struct lump *end = end_of_uri(l);

		if (end && append(end, param, texts[n]))
			n++;
	}
	return n > 0;
}
