/*
 * sipvpn_late.c - the VPN section that the 2xx to an INVITE has offered.
 */
#include "sipvpn_late.h"

#include "core/dprint.h"
#include "core/mem/shm_mem.h"
#include "core/parser/parse_to.h"

#include "kam_slice.h"
#include "sipvpn_record.h"

/* The text of both stands behind it. */
struct sipvpn_late {
	struct slice to_tag;
	struct sipvpn_admitted in;
};

static bool find_tag(struct sip_msg *msg, struct slice *tag)
{
	if (parse_to_header(msg) < 0 || !msg->to)
		return false;
	*tag = slice_of_str(&get_to(msg)->tag_value);
	return true;
}

bool sipvpn_late_set(struct sipvpn_late **late, struct sip_msg *reply)
{
	const struct sipvpn_record *r = sipvpn_record_get(reply);
	struct sipvpn_late *new;
	struct slice tag;
	char *text;

	if (*late)
		return true;
	if (!r || !find_tag(reply, &tag))
		return false;
	new = shm_malloc(sizeof(*new) + tag.len + r->group_len);
	if (!new) {
		SHM_MEM_ERROR;
		return false;
	}
	text = (char *)(new + 1);
	if (tag.len > 0)
		memcpy(text, tag.p, tag.len);
	memcpy(text + tag.len, r->group, r->group_len);
	new->to_tag = (struct slice){text, tag.len};
	new->in = (struct sipvpn_admitted){
		{text + tag.len, r->group_len}, r->assigns, r->epoch};
	/* an ACK may be looking, in another process */
	__atomic_store_n(late, new, __ATOMIC_RELEASE);
	return true;
}

void sipvpn_late_free(struct sipvpn_late *late)
{
	if (late)
		shm_free(late);
}

const struct sipvpn_admitted *sipvpn_late_for(
	struct sipvpn_late *const *late, struct sip_msg *ack)
{
	const struct sipvpn_late *one = __atomic_load_n(late, __ATOMIC_ACQUIRE);
	struct slice tag;

	if (!one || !find_tag(ack, &tag) || !slice_eq(one->to_tag, tag))
		return NULL;
	return &one->in;
}
