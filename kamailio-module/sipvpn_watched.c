/*
 * sipvpn_watched.c - what a transaction remembers, in shared memory.
 */
#include "sipvpn_watched.h"

#include "core/dprint.h"
#include "core/mem/shm_mem.h"

#define ROOM 160 /* two addresses-of-record and a group, mostly */

static const struct sipvpn_watched others[2] = {
	{.judged = true, .other = true},
	{.judged = true, .other = true, .invite.begins = true},
};

const struct sipvpn_watched *sipvpn_watched_other(bool begins)
{
	return &others[begins];
}

bool sipvpn_watched_is_common(const struct sipvpn_watched *w)
{
	return w == &others[0] || w == &others[1];
}

struct sipvpn_watched *sipvpn_watched_new(void)
{
	struct sipvpn_watched *w = shm_malloc(sizeof(*w) + ROOM);

	if (!w) {
		SHM_MEM_ERROR;
		return NULL;
	}
	*w = (struct sipvpn_watched){.judged = false};
	return w;
}

void sipvpn_watched_free(void *param)
{
	struct sipvpn_watched *w = param;

	if (sipvpn_watched_is_common(w))
		return;
	sipvpn_late_free(w->invite.late);
	if (w->text)
		shm_free(w->text);
	shm_free(w);
}

static size_t aor_size(const struct sipvpn_aor *aor)
{
	return aor->user.len + aor->domain.len;
}

bool sipvpn_watched_remember(struct sipvpn_watched *w,
	const struct sipvpn_pair *pair, const struct sipvpn_admitted *in)
{
	size_t size = aor_size(&pair->caller) + aor_size(&pair->callee) +
		      in->group.len;
	char *at = (char *)(w + 1);

	if (size > ROOM) {
		w->text = shm_malloc(size);
		if (!w->text) {
			SHM_MEM_ERROR;
			return false;
		}
		at = w->text;
	}
	w->pair.from_callee = pair->from_callee;
	w->pair.caller = sipvpn_aor_copy(&pair->caller, &at);
	w->pair.callee = sipvpn_aor_copy(&pair->callee, &at);
	w->in.group = slice_copy(in->group, &at);
	w->in.assigns = in->assigns;
	w->in.epoch = in->epoch;
	return true;
}
