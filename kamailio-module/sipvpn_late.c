/*
 * sipvpn_late.c - VPN sections that replies have offered and that may pass.
 */
#include "sipvpn_late.h"

#include "core/dprint.h"
#include "core/mem/shm_mem.h"
#include "core/parser/parse_to.h"

#include "kam_slice.h"
#include "sipvpn_record.h"

/* The text of both stands behind it. */
struct sipvpn_late {
	struct sipvpn_late *next;
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

static const struct sipvpn_late *find(
	const struct sipvpn_late *late, struct slice tag)
{
	while (late && !slice_eq(late->to_tag, tag))
		late = late->next;
	return late;
}

bool sipvpn_late_add(struct sipvpn_late **list, struct sip_msg *reply)
{
	const struct sipvpn_record *r = sipvpn_record_get(reply);
	struct sipvpn_late *late;
	struct slice tag;
	char *text;

	if (!r || !find_tag(reply, &tag))
		return false;
	if (find(*list, tag))
		return true;
	late = shm_malloc(sizeof(*late) + tag.len + r->group_len);
	if (!late) {
		SHM_MEM_ERROR;
		return false;
	}
	text = (char *)(late + 1);
	if (tag.len > 0)
		memcpy(text, tag.p, tag.len);
	memcpy(text + tag.len, r->group, r->group_len);
	late->next = *list;
	late->to_tag = (struct slice){text, tag.len};
	late->in = (struct sipvpn_admitted){
		{text + tag.len, r->group_len}, r->assigns, r->epoch};
	/* an ACK may be looking, in another process */
	__atomic_store_n(list, late, __ATOMIC_RELEASE);
	return true;
}

void sipvpn_late_free(struct sipvpn_late *list)
{
	while (list) {
		struct sipvpn_late *next = list->next;

		shm_free(list);
		list = next;
	}
}

const struct sipvpn_admitted *sipvpn_late_find(
	struct sipvpn_late *const *list, struct sip_msg *ack)
{
	const struct sipvpn_late *late =
		__atomic_load_n(list, __ATOMIC_ACQUIRE);
	struct slice tag;

	if (!late || !find_tag(ack, &tag))
		return NULL;
	late = find(late, tag);
	return late ? &late->in : NULL;
}
