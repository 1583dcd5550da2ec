/* pool.c - pairs of tunnel addresses. PURE. */
#include "core/pool.h"

static size_t length(const struct vpnsdp_addr *a)
{
	return a->family == 6 ? 16 : 4;
}

static bool bit(const struct vpnsdp_addr *a, size_t n)
{
	return a->b[n / 8] & (0x80 >> n % 8);
}

static bool starts_as(
	const struct vpnsdp_addr *a, const struct vpnsdp_addr *b, size_t bits)
{
	for (size_t i = 0; i < bits; i++)
		if (bit(a, i) != bit(b, i))
			return false;
	return true;
}

static bool private_net(const struct pool *p)
{
	static const struct pool nets[] = {
		{{4, {10}}, 8}, {{4, {172, 16}}, 12}, {{4, {192, 168}}, 16},
		{{4, {100, 64}}, 10}, /* RFC 6598 */
		{{6, {0xfc}}, 7},     /* RFC 4193 */
	};

	for (size_t i = 0; i < sizeof(nets) / sizeof(nets[0]); i++)
		if (nets[i].net.family == p->net.family &&
			p->bits >= nets[i].bits &&
			starts_as(&p->net, &nets[i].net, nets[i].bits))
			return true;
	return false;
}

bool pool_parse(struct slice text, struct pool *out)
{
	struct slice address;
	struct pool p;
	uint32_t bits;

	if (!slice_cut(&text, '/', &address) ||
		!vpnsdp_addr_parse(address, &p.net) ||
		!slice_u32(text, (uint32_t)length(&p.net) * 8 - 3, &bits))
		return false;
	p.bits = (uint8_t)bits;
	for (size_t i = bits; i < length(&p.net) * 8; i++)
		if (bit(&p.net, i))
			return false;
	if (!private_net(&p))
		return false;
	*out = p;
	return true;
}

/* a + n, within 32 bits of host part. */
static struct vpnsdp_addr plus(struct vpnsdp_addr a, uint32_t n)
{
	uint32_t carry = n;

	for (size_t i = length(&a); i-- > 0 && carry > 0;) {
		carry += a.b[i];
		a.b[i] = (uint8_t)carry;
		carry >>= 8;
	}
	return a;
}

bool pool_take(const struct pool *pool, uint32_t seed, pool_free_fn *is_free,
	void *arg, struct vpnsdp_addr *local, struct vpnsdp_addr *remote)
{
	size_t host_bits = length(&pool->net) * 8 - pool->bits;
	/* without the first pair (the network's own address) and the last
	 * one (broadcast) */
	uint32_t pairs =
		host_bits > 24 ? (1U << 23) - 2 : (1U << (host_bits - 1)) - 2;

	for (uint32_t i = 0; i < pairs && i < POOL_TRIES; i++) {
		uint32_t n = (seed % pairs + i) % pairs + 1;
		struct vpnsdp_addr one = plus(pool->net, 2 * n);
		struct vpnsdp_addr two = plus(pool->net, 2 * n + 1);

		if (!is_free(arg, &one, &two))
			continue;
		*local = one;
		*remote = two;
		return true;
	}
	return false;
}

/* FNV-1a, 32 bits: spreads, and is in no need of a secret here. */
static uint32_t spread(struct slice s)
{
	uint32_t h = 2166136261U;

	for (size_t i = 0; i < s.len; i++) {
		h ^= (unsigned char)slice_lower(s.p[i]);
		h *= 16777619U;
	}
	return h;
}

uint32_t pool_seed(struct slice one, struct slice other)
{
	return spread(one) ^ spread(other);
}
