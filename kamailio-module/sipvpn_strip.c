/*
 * sipvpn_strip.c - close the VPN sections of a message that goes on.
 */
#include "sipvpn_strip.h"

#include "core/data_lump.h"
#include "core/dprint.h"
#include "core/mem/mem.h"
#include "core/msg_translator.h"

#include "sipvpn_body.h"
#include "vpnsdp/vpnsdp.h"

/*
 * The body as it would leave now. *built is what to free, NULL when nobody
 * has edited the body.
 */
static bool body_as_sent(struct sip_msg *msg, struct slice came,
	struct slice *body, char **built)
{
	unsigned int len = 0;
	int error = 0;

	*built = NULL;
	*body = came;
	if (!msg->body_lumps)
		return true;
	*built = build_body(msg, &len, &error, NULL);
	if (error || !*built)
		return false;
	*body = (struct slice){*built, len};
	return true;
}

/* Lumps of a stored message belong to all processes: hands off. */
static bool are_ours(const struct lump *first)
{
	for (const struct lump *l = first; l; l = l->next)
		if (l->flags & LUMPFLAG_SHMEM)
			return false;
	return true;
}

/* An edit of length 0 does nothing; its text may be another branch's too. */
static void silence(struct lump *first)
{
	for (struct lump *l = first; l; l = l->next) {
		l->len = 0;
		for (struct lump *b = l->before; b; b = b->before)
			b->len = 0;
		for (struct lump *a = l->after; a; a = a->after)
			a->len = 0;
	}
}

/* Takes text over, which is of pkg memory. */
static bool replace(struct sip_msg *msg, const char *at, char *text, size_t len)
{
	int offset = (int)(at - msg->buf);
	struct lump *gone;

	silence(msg->body_lumps);
	gone = del_lump(msg, offset, (int)msg->len - offset, HDR_OTHER_T);
	if (gone && insert_new_lump_after(gone, text, (int)len, HDR_OTHER_T))
		return true;
	pkg_free(text);
	return false;
}

static enum sipvpn_strip strip(
	struct sip_msg *msg, const char *at, struct slice body)
{
	struct sbuf out = sbuf_over(NULL, 0);
	char *text;

	vpnsdp_strip(body, &out);
	text = pkg_malloc(out.len + 1);
	if (!text) {
		PKG_MEM_ERROR;
		return SIPVPN_STRIP_FAILED;
	}
	out = sbuf_over(text, out.len);
	vpnsdp_strip(body, &out);
	if (slice_eq(body, sbuf_slice(&out))) {
		pkg_free(text);
		return SIPVPN_STRIP_NOTHING;
	}
	return replace(msg, at, text, out.len) ? SIPVPN_STRIP_DONE
					       : SIPVPN_STRIP_FAILED;
}

enum sipvpn_strip sipvpn_strip(struct sip_msg *msg)
{
	enum sipvpn_strip ret = SIPVPN_STRIP_FAILED;
	struct slice came, body;
	char *built = NULL;

	if (!sipvpn_body_behind(msg, &came))
		return SIPVPN_STRIP_NOTHING;
	if (!are_ours(msg->body_lumps) ||
		!body_as_sent(msg, came, &body, &built))
		goto out;
	ret = vpnsdp_mentions(body) ? strip(msg, came.p, body)
				    : SIPVPN_STRIP_NOTHING;
out:
	if (ret == SIPVPN_STRIP_FAILED)
		LM_ERR("cannot take a VPN section out of a message\n");
	if (built)
		pkg_free(built);
	return ret;
}

bool sipvpn_strip_left(struct slice sdp)
{
	struct sbuf out = sbuf_over(NULL, 0);
	struct vpnsdp vpn;

	if (vpnsdp_parse(sdp, &vpn, NULL) != VPNSDP_OK || vpn.port > 0)
		return false;
	vpnsdp_strip(sdp, &out);
	return out.len == sdp.len;
}
