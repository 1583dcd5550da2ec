/*
 * sipvpn_vec.h - an array that grows slab by slab and never moves.
 *
 * PURE: memory comes from the caller's functions. Slabs are small enough for a
 * fragmented pool to have them still, and large enough that a million members
 * need some hundreds. Elements are addressed by number, so the content means
 * the same wherever it lies.
 */
#ifndef SIPVPN_VEC_H
#define SIPVPN_VEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIPVPN_SLAB 262144U /* bytes; a slab is never larger */

struct sipvpn_mem {
	void *(*get)(size_t size); /* NULL when there is no more */
	void (*put)(void *p);
};

struct sipvpn_vec {
	const struct sipvpn_mem *mem;
	char **slab;
	uint32_t n_slabs;
	uint32_t room;  /* entries slab[] has room for */
	uint32_t len;   /* elements in use, gaps of reserve() included */
	uint32_t size;  /* of an element, bytes */
	uint32_t shift; /* a slab holds 1 << shift elements */
};

void sipvpn_vec_init(
	struct sipvpn_vec *v, const struct sipvpn_mem *mem, uint32_t size);
void sipvpn_vec_free(struct sipvpn_vec *v);

/*
 * Append n zeroed elements that lie in one piece; *at is the first one's
 * number. False when memory is short, or n is more than a slab holds.
 */
bool sipvpn_vec_reserve(struct sipvpn_vec *v, uint32_t n, uint32_t *at);

/* What it holds of the caller's memory. */
static inline size_t sipvpn_vec_bytes(const struct sipvpn_vec *v)
{
	return ((size_t)v->size << v->shift) * v->n_slabs +
	       v->room * sizeof(*v->slab);
}

static inline void *sipvpn_vec_at(const struct sipvpn_vec *v, uint32_t i)
{
	uint32_t in_slab = i & ((1U << v->shift) - 1);

	return v->slab[i >> v->shift] + (size_t)in_slab * v->size;
}

#endif
