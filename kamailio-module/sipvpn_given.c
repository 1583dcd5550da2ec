/*
 * sipvpn_given.c - which addresses the members of a snapshot that grows have,
 * so that none is given twice in a group.
 *
 * PURE: memory comes from the caller's functions.
 */
#include "sipvpn_snapshot_priv.h"

static uint32_t hash_given(const struct sipvpn_snapshot *s, uint32_t group,
	const struct vpnsdp_addr *addr)
{
	size_t len = addr->family == 4 ? 4 : 16;
	char text[sizeof(group) + sizeof(addr->b)];

	memcpy(text, &group, sizeof(group));
	memcpy(text + sizeof(group), addr->b, len);
	return (uint32_t)(sipvpn_siphash(&s->key,
				  (struct slice){text, sizeof(group) + len}) >>
			  32);
}

bool sipvpn_given_is(const struct sipvpn_snapshot *s, uint32_t group,
	const struct vpnsdp_addr *addr)
{
	uint32_t hash = hash_given(s, group, addr);
	uint32_t at = hash, i;

	if (addr->family == 0)
		return false;
	while (sipvpn_index_next(&s->by_given, &at, &i)) {
		const struct given *g = sipvpn_vec_at(&s->given, i);
		const struct link *l;
		struct vpnsdp_addr other;

		if (g->hash != hash || g->v6 != (addr->family == 6))
			continue;
		l = sipvpn_vec_at(&s->links, g->link);
		other = addr->family == 4 ? seat_addr4(&l->seat)
					  : seat_addr6(s, &l->seat);
		if (l->seat.group == group && vpnsdp_addr_eq(&other, addr))
			return true;
	}
	return false;
}

bool sipvpn_given_put(struct sipvpn_snapshot *s, uint32_t link,
	const struct vpnsdp_addr *addr)
{
	const struct link *l = sipvpn_vec_at(&s->links, link);
	struct given *g;
	uint32_t at;

	if (addr->family == 0)
		return true;
	if (!sipvpn_index_room(&s->by_given, &s->given) ||
		!sipvpn_vec_reserve(&s->given, 1, &at))
		return false;
	g = sipvpn_vec_at(&s->given, at);
	g->hash = hash_given(s, l->seat.group, addr);
	g->link = link & INT32_MAX;
	g->v6 = addr->family == 6;
	sipvpn_index_put(&s->by_given, g->hash, at);
	return true;
}
