/*
 * sipvpn_keep.c - protected media sections leave the server as they came. By
 * one lump that replaces the whole body, those of the others made empty.
 */
#include "sipvpn_keep.h"

#include "core/data_lump.h"
#include "core/dprint.h"
#include "core/mem/mem.h"
#include "core/msg_translator.h"
#include "core/parser/parse_content.h"

#include "kam_slice.h"
#include "sipvpn_body.h"
#include "sipvpn_came.h"
#include "sipvpn_merge.h"
#include "sipvpn_stats.h"

static struct sipvpn_media_set protected;
static bool only_vpn; /* protected are the VPN forms, nothing else */

/* What stands behind the headers, to the end of the packet. */
static bool present_body(struct sip_msg *msg, struct slice *body)
{
	const char *start = get_body(msg);
	const char *end = msg->buf + msg->len;

	if (!start || start >= end)
		return false;
	*body = (struct slice){start, (size_t)(end - start)};
	return true;
}

static struct slice content_type(const struct sip_msg *msg)
{
	return msg->content_type ? slice_of_str(&msg->content_type->body)
				 : SLICE("");
}

/* In failure_route the edits of request_route are in shared memory. */
static bool is_shared(const struct lump *l)
{
	for (; l; l = l->next)
		if (l->flags & LUMPFLAG_SHMEM)
			return true;
	return false;
}

/*
 * A lump that leaves no trace. Its text stays: for a branch it belongs to the
 * request the lump was copied from.
 */
static void silence_one(struct lump *l)
{
	l->len = 0;
	if (l->op == LUMP_ADD_SUBST)
		l->u.subst = SUBST_NOP;
	else if (l->op == LUMP_ADD_OPT)
		l->u.cond = COND_FALSE;
}

static void silence(struct lump *list, const struct lump *but)
{
	for (struct lump *l = list; l; l = l->next) {
		if (l == but)
			continue;
		silence_one(l);
		for (struct lump *b = l->before; b; b = b->before)
			silence_one(b);
		for (struct lump *a = l->after; a; a = a->after)
			silence_one(a);
	}
}

/* One edit in place of all; takes text (pkg memory) over on success. */
static bool replace_body(struct sip_msg *msg, struct slice body, str text)
{
	struct lump *all;

	all = del_lump(msg, (int)(body.p - msg->buf), (int)body.len, 0);
	if (!all)
		return false;
	if (text.len > 0 && !insert_new_lump_after(all, text.s, text.len, 0)) {
		silence_one(all);
		return false;
	}
	silence(msg->body_lumps, all);
	return true;
}

static enum sipvpn_merge merge(const struct sip_msg *msg, struct slice came,
	struct slice edited, struct sbuf *out)
{
	return sipvpn_merge_body(
		&protected, content_type(msg), came, edited, out);
}

/* Write the body that is to leave. *text is pkg memory. */
static enum sipvpn_merge merged_body(const struct sip_msg *msg,
	struct slice came, struct slice edited, str *text)
{
	struct sbuf out = sbuf_over(NULL, 0);
	enum sipvpn_merge ret = merge(msg, came, edited, &out);

	if (ret != SIPVPN_MERGE_NO_SPACE)
		return ret;
	out = sbuf_over(pkg_malloc(out.len), out.len);
	if (!out.p) {
		PKG_MEM_ERROR;
		return ret;
	}
	ret = merge(msg, came, edited, &out);
	if (ret == SIPVPN_MERGE_DONE)
		*text = str_of_slice(sbuf_slice(&out));
	else
		pkg_free(out.p);
	return ret;
}

static enum sipvpn_keep failed(
	const struct sip_msg *msg, enum sipvpn_keep reason, const char *text)
{
	sipvpn_stats_count(SIPVPN_RESTORE_FAILED);
	LM_WARN("protected media not put back into a %s: %s\n",
		msg->first_line.type == SIP_REQUEST ? "request" : "reply",
		text);
	return reason;
}

static enum sipvpn_keep restore(struct sip_msg *msg, struct slice body,
	struct slice came, struct slice edited)
{
	str text = STR_NULL;

	switch (merged_body(msg, came, edited, &text)) {
	case SIPVPN_MERGE_NOTHING:
		return SIPVPN_KEPT;
	case SIPVPN_MERGE_COUNT:
	case SIPVPN_MERGE_UNCLEAR:
		return failed(msg, SIPVPN_KEEP_CHANGED,
			"others have added or removed media sections");
	case SIPVPN_MERGE_NO_SPACE:
		return failed(msg, SIPVPN_KEEP_INTERNAL, "out of memory");
	case SIPVPN_MERGE_DONE:
		break;
	}
	if (slice_eq(slice_of_str(&text), edited)) {
		pkg_free(text.s);
		return SIPVPN_KEPT;
	}
	if (!replace_body(msg, body, text)) {
		pkg_free(text.s);
		return failed(msg, SIPVPN_KEEP_INTERNAL, "out of memory");
	}
	sipvpn_stats_count(SIPVPN_RESTORED);
	return SIPVPN_KEPT;
}

/* A datagram may go on behind the body, RFC 3261 section 18.3. */
static struct slice as_long_as_said(
	const struct sip_msg *msg, struct slice body)
{
	long length = msg->content_length ? get_content_length(msg) : -1;

	if (length >= 0 && (size_t)length < body.len)
		body.len = (size_t)length;
	return body;
}

/*
 * Is there something to put back? *body is what the lumps edit, *came what
 * has been received: another text when the script has replaced the message.
 */
static bool find_edited(
	struct sip_msg *msg, struct slice *body, struct slice *came)
{
	bool replaced = sipvpn_came_body(msg, came);

	if ((!msg->body_lumps && !replaced) || !present_body(msg, body))
		return false;
	if (!replaced)
		*came = as_long_as_said(msg, *body);
	else if (!msg->body_lumps && slice_eq(*came, *body))
		return false;
	return sipvpn_media_in(&protected, *came);
}

enum sipvpn_keep sipvpn_keep_restore(struct sip_msg *msg)
{
	struct dest_info nowhere;
	enum sipvpn_keep ret;
	struct slice body, came;
	unsigned int len;
	char *edited;
	int error;

	if (!find_edited(msg, &body, &came))
		return SIPVPN_KEPT;
	if (is_shared(msg->body_lumps))
		return failed(msg, SIPVPN_KEEP_NOT_HERE,
			"not possible in a failure_route");
	init_dest_info(&nowhere);
	edited = build_body(msg, &len, &error, &nowhere);
	if (!edited)
		return failed(msg, SIPVPN_KEEP_INTERNAL, "no body");
	ret = restore(msg, body, came, (struct slice){edited, len});
	pkg_free(edited);
	return ret;
}

bool sipvpn_keep_concerns(struct sip_msg *msg, bool *late)
{
	bool media;

	if (!(msg->REQ_METHOD & (METHOD_INVITE | METHOD_UPDATE | METHOD_PRACK)))
		return false;
	*late = false;
	if (sipvpn_body_media(msg, &media) && only_vpn)
		return true;
	if (!only_vpn && sipvpn_media_in(&protected, sipvpn_body_around(msg)))
		return true;
	*late = msg->REQ_METHOD == METHOD_INVITE &&
		(!media || !sipvpn_body_any(msg));
	return *late;
}

int sipvpn_keep_init(const str *protect)
{
	if (!sipvpn_media_parse(slice_of_str(protect), &protected)) {
		LM_ERR("parameter protect: '%.*s' is not up to %d of \"MEDIA "
		       "[PROTO [FMT]]; ...\"\n",
			STR_FMT(protect), SIPVPN_MEDIA_MAX);
		return -1;
	}
	only_vpn = slice_eq(slice_of_str(protect), SLICE(SIPVPN_MEDIA_VPN));
	return sipvpn_came_init(&protected);
}
