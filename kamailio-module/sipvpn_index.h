/*
 * sipvpn_index.h - from a hash to the numbers of the records that have it.
 *
 * PURE: memory comes from the caller's functions. Open addressing over 32-bit
 * cells; a cell holds a record's number + 1, or 0 when it is free. Every
 * record begins with its hash, so the index grows without reading the rest.
 */
#ifndef SIPVPN_INDEX_H
#define SIPVPN_INDEX_H

#include "sipvpn_vec.h"

struct sipvpn_index {
	struct sipvpn_vec cells;
	uint32_t used;
};

void sipvpn_index_init(struct sipvpn_index *x, const struct sipvpn_mem *mem);
void sipvpn_index_free(struct sipvpn_index *x);

/* Make room for one more record. False when memory is short. */
bool sipvpn_index_room(
	struct sipvpn_index *x, const struct sipvpn_vec *records);
/* Enter a record; sipvpn_index_room() has made room for it. */
void sipvpn_index_put(struct sipvpn_index *x, uint32_t hash, uint32_t number);

/*
 * Walk over the candidates for a hash: set *at to the hash, then call until
 * it says false. Candidates may have another hash.
 */
static inline bool sipvpn_index_next(
	const struct sipvpn_index *x, uint32_t *at, uint32_t *number)
{
	uint32_t cell;

	if (x->cells.len == 0)
		return false;
	*at &= x->cells.len - 1;
	cell = *(uint32_t *)sipvpn_vec_at(&x->cells, *at);
	if (cell == 0)
		return false;
	*number = cell - 1;
	*at += 1;
	return true;
}

#endif
