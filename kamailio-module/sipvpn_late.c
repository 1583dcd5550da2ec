/*
 * sipvpn_late.c - what replies to an INVITE have said of the VPN.
 */
#include "sipvpn_late.h"

#include "core/dprint.h"
#include "core/mem/shm_mem.h"
#include "core/parser/parse_to.h"

#include "kam_slice.h"
#include "sipvpn_record.h"

/* Whoever is called says what To tags there are, and how many. */
#define MAX_KEPT 32

static bool find_tag(struct sip_msg *msg, struct slice *tag)
{
	if (parse_to_header(msg) < 0 || !msg->to)
		return false;
	*tag = slice_of_str(&get_to(msg)->tag_value);
	return true;
}

static struct sipvpn_late *newest(struct sipvpn_late *const *late)
{
	return __atomic_load_n(late, __ATOMIC_ACQUIRE);
}

static struct sipvpn_late *find(
	struct sipvpn_late *const *late, struct slice tag, uint32_t rseq)
{
	struct sipvpn_late *one = newest(late);

	while (one && (one->rseq != rseq || !slice_eq(one->to_tag, tag)))
		one = one->next;
	return one;
}

static bool has_2xx(struct sipvpn_late *const *late)
{
	const struct sipvpn_late *one = newest(late);

	while (one && one->rseq != 0)
		one = one->next;
	return one;
}

static bool is_full(const struct sipvpn_late *late)
{
	int n = 0;

	for (; late; late = late->next)
		n++;
	return n >= MAX_KEPT;
}

/* The text stands behind it. */
static struct sipvpn_late *make(struct slice tag, struct slice group)
{
	struct sipvpn_late *new;
	char *text;

	new = shm_malloc(sizeof(*new) + tag.len + group.len);
	if (!new) {
		SHM_MEM_ERROR;
		return NULL;
	}
	text = (char *)(new + 1);
	*new = (struct sipvpn_late){.to_tag = slice_copy(tag, &text)};
	new->in.group = slice_copy(group, &text);
	return new;
}

/* An ACK or a PRACK may be looking, in another process. */
static void publish(struct sipvpn_late **late, struct sipvpn_late *new)
{
	new->next = *late;
	__atomic_store_n(late, new, __ATOMIC_RELEASE);
}

static struct sipvpn_late *make_for(struct sipvpn_late *const *late,
	struct slice tag, struct slice group, uint32_t rseq)
{
	struct sipvpn_late *new;

	if (is_full(*late)) {
		LM_INFO("too many replies to one INVITE speak of a VPN\n");
		return NULL;
	}
	new = make(tag, group);
	if (new)
		new->rseq = rseq;
	return new;
}

bool sipvpn_late_set(
	struct sipvpn_late **late, struct sip_msg *reply, uint32_t rseq)
{
	const struct sipvpn_record *r = sipvpn_record_get(reply);
	struct sipvpn_late *new;
	struct slice tag;

	if (rseq == 0 && has_2xx(late))
		return true;
	if (!r || !find_tag(reply, &tag))
		return false;
	if (find(late, tag, rseq))
		return true;
	new = make_for(late, tag, (struct slice){r->group, r->group_len}, rseq);
	if (!new)
		return false;
	new->in.assigns = r->assigns;
	new->in.epoch = r->epoch;
	publish(late, new);
	return true;
}

bool sipvpn_late_no(struct sipvpn_late **late, struct sip_msg *reply,
	uint32_t rseq, bool alone)
{
	struct sipvpn_late *new;
	struct slice tag;

	if (!find_tag(reply, &tag))
		return false;
	if (find(late, tag, rseq))
		return true;
	new = make_for(late, tag, SLICE(""), rseq);
	if (!new)
		return false;
	new->no = true;
	new->alone = alone;
	publish(late, new);
	return true;
}

void sipvpn_late_free(struct sipvpn_late *late)
{
	struct sipvpn_late *next;

	for (; late; late = next) {
		next = late->next;
		shm_free(late);
	}
}

struct sipvpn_late *sipvpn_late_early(
	struct sipvpn_late *const *late, struct sip_msg *prack, uint32_t rseq)
{
	struct slice tag;

	return newest(late) && find_tag(prack, &tag) ? find(late, tag, rseq)
						     : NULL;
}

const struct sipvpn_admitted *sipvpn_late_for(
	struct sipvpn_late *const *late, struct sip_msg *ack)
{
	const struct sipvpn_late *one = sipvpn_late_early(late, ack, 0);

	return one ? &one->in : NULL;
}

const struct sipvpn_late *sipvpn_late_first(
	struct sipvpn_late *const *late, struct sip_msg *reply)
{
	const struct sipvpn_late *found = NULL;
	struct slice tag;

	if (!find_tag(reply, &tag))
		return NULL;
	/* the newest is in front */
	for (const struct sipvpn_late *one = newest(late); one; one = one->next)
		if (slice_eq(one->to_tag, tag))
			found = one;
	return found;
}

bool sipvpn_late_any_no(struct sipvpn_late *const *late)
{
	const struct sipvpn_late *one = newest(late);

	while (one && !one->no)
		one = one->next;
	return one;
}
