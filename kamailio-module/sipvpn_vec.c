/*
 * sipvpn_vec.c - an array that grows slab by slab and never moves.
 *
 * PURE: memory comes from the caller's functions.
 */
#include "sipvpn_vec.h"

#include <string.h>

#define FIRST_ROOM 16U /* slabs; 4 MB before the list of them is moved */

void sipvpn_vec_init(
	struct sipvpn_vec *v, const struct sipvpn_mem *mem, uint32_t size)
{
	*v = (struct sipvpn_vec){.mem = mem, .size = size};
	while ((uint64_t)size << (v->shift + 1) <= SIPVPN_SLAB)
		v->shift++;
}

void sipvpn_vec_free(struct sipvpn_vec *v)
{
	for (uint32_t i = 0; i < v->n_slabs; i++)
		v->mem->put(v->slab[i]);
	if (v->slab)
		v->mem->put(v->slab);
	sipvpn_vec_init(v, v->mem, v->size);
}

static bool more_room(struct sipvpn_vec *v)
{
	uint32_t room = v->room ? v->room * 2 : FIRST_ROOM;
	char **slab = v->mem->get(room * sizeof(*slab));

	if (!slab)
		return false;
	if (v->slab) {
		memcpy(slab, v->slab, v->n_slabs * sizeof(*slab));
		v->mem->put(v->slab);
	}
	v->slab = slab;
	v->room = room;
	return true;
}

static bool add_slab(struct sipvpn_vec *v)
{
	size_t bytes = (size_t)v->size << v->shift;
	char *slab;

	if (v->n_slabs == v->room && !more_room(v))
		return false;
	slab = v->mem->get(bytes);
	if (!slab)
		return false;
	memset(slab, 0, bytes);
	v->slab[v->n_slabs++] = slab;
	return true;
}

bool sipvpn_vec_reserve(struct sipvpn_vec *v, uint32_t n, uint32_t *at)
{
	uint64_t per_slab = 1ULL << v->shift;
	uint64_t start = v->len;
	uint64_t left = v->n_slabs * per_slab - start;

	if (n > per_slab)
		return false;
	/* A slab not begun yet is as good as none: no two can be waiting. */
	if (left < n) {
		start = v->n_slabs * per_slab;
		if (start + n > UINT32_MAX || !add_slab(v))
			return false;
	}
	*at = (uint32_t)start;
	v->len = (uint32_t)(start + n);
	return true;
}
