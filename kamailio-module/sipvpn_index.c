/*
 * sipvpn_index.c - from a hash to the numbers of the records that have it.
 *
 * PURE: memory comes from the caller's functions.
 */
#include "sipvpn_index.h"

void sipvpn_index_init(struct sipvpn_index *x, const struct sipvpn_mem *mem)
{
	sipvpn_vec_init(&x->cells, mem, sizeof(uint32_t));
	x->used = 0;
}

void sipvpn_index_free(struct sipvpn_index *x)
{
	sipvpn_vec_free(&x->cells);
	x->used = 0;
}

static bool alloc_cells(struct sipvpn_vec *cells, uint32_t n)
{
	uint32_t at;

	while (cells->len < n) {
		uint32_t piece = n - cells->len;

		if (piece > 1U << cells->shift)
			piece = 1U << cells->shift;
		if (!sipvpn_vec_reserve(cells, piece, &at))
			return false;
	}
	return true;
}

static void put(struct sipvpn_vec *cells, uint32_t hash, uint32_t number)
{
	uint32_t mask = cells->len - 1;
	uint32_t i = hash & mask;
	uint32_t *cell;

	while (*(cell = sipvpn_vec_at(cells, i)) != 0)
		i = (i + 1) & mask;
	*cell = number + 1;
}

/* At most every second cell is taken: an unlucky walk stays short. */
bool sipvpn_index_room(struct sipvpn_index *x, const struct sipvpn_vec *records)
{
	struct sipvpn_vec cells;
	uint32_t n = x->cells.len;

	if (x->used < n / 2)
		return true;
	if (n > UINT32_MAX / 2)
		return false;
	sipvpn_vec_init(&cells, x->cells.mem, x->cells.size);
	if (!alloc_cells(&cells, n ? n * 2 : 1U << cells.shift)) {
		sipvpn_vec_free(&cells);
		return false;
	}
	for (uint32_t i = 0; i < n; i++) {
		uint32_t cell = *(uint32_t *)sipvpn_vec_at(&x->cells, i);

		if (cell)
			put(&cells,
				*(uint32_t *)sipvpn_vec_at(records, cell - 1),
				cell - 1);
	}
	sipvpn_vec_free(&x->cells);
	x->cells = cells;
	return true;
}

void sipvpn_index_put(struct sipvpn_index *x, uint32_t hash, uint32_t number)
{
	put(&x->cells, hash, number);
	x->used++;
}
