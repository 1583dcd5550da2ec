/*
 * sipvpn_net.c - a group's subnet: what lies in it, and what is free.
 *
 * PURE: no memory, no Kamailio.
 */
#include "sipvpn_net.h"

#define MIN_BITS 8 /* nobody's private network is larger */
#define MIN_HOST 2 /* bits: two usable addresses, as many as a tunnel has */
#define V4_BITS 32
#define V6_BITS 128

static unsigned int width(const struct vpnsdp_addr *a)
{
	return a->family == 4 ? V4_BITS : V6_BITS;
}

static bool bit(const struct vpnsdp_addr *a, unsigned int i)
{
	return a->b[i / 8] >> (7 - i % 8) & 1;
}

bool sipvpn_subnet_parse(struct slice text, struct sipvpn_subnet *out)
{
	struct sipvpn_subnet net;
	struct slice addr;
	uint32_t bits;

	if (!slice_cut(&text, '/', &addr) || !slice_u32(text, V6_BITS, &bits))
		return false;
	if (!vpnsdp_addr_parse(addr, &net.base) ||
		!vpnsdp_addr_unicast(&net.base))
		return false;
	if (bits < MIN_BITS || bits + MIN_HOST > width(&net.base))
		return false;
	for (unsigned int i = bits; i < width(&net.base); i++)
		if (bit(&net.base, i))
			return false;
	net.bits = (uint8_t)bits;
	*out = net;
	return true;
}

void sipvpn_subnet_write(const struct sipvpn_subnet *net, struct sbuf *out)
{
	if (net->base.family == 0)
		return;
	vpnsdp_addr_write(&net->base, out);
	sbuf_char(out, '/');
	sbuf_u64(out, net->bits);
}

bool sipvpn_subnet_usable(
	const struct sipvpn_subnet *net, const struct vpnsdp_addr *addr)
{
	bool zeros = true, ones = true;

	if (addr->family == 0 || addr->family != net->base.family)
		return false;
	for (unsigned int i = 0; i < net->bits; i++)
		if (bit(addr, i) != bit(&net->base, i))
			return false;
	for (unsigned int i = net->bits; i < width(addr); i++) {
		if (bit(addr, i))
			zeros = false;
		else
			ones = false;
	}
	return !zeros && !ones;
}

/* The last four bytes: all of IPv4, the end of IPv6. */
static uint8_t *tail(struct vpnsdp_addr *a)
{
	return a->family == 4 ? a->b : a->b + 12;
}

static uint32_t low_bits(const struct vpnsdp_addr *a)
{
	const uint8_t *b = a->family == 4 ? a->b : a->b + 12;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
	       (uint32_t)b[2] << 8 | b[3];
}

/* What the numbers of a subnet end at; none is UINT32_MAX. */
static uint32_t usable(const struct sipvpn_subnet *net)
{
	unsigned int host = width(&net->base) - net->bits;

	if (host >= 32)
		return UINT32_MAX - 1;
	return (1U << host) - 2;
}

bool sipvpn_subnet_nth(
	const struct sipvpn_subnet *net, uint32_t n, struct vpnsdp_addr *out)
{
	struct vpnsdp_addr a = net->base;
	uint32_t low;
	uint8_t *b;

	if (a.family == 0 || n >= usable(net))
		return false;
	low = low_bits(&a) | (n + 1);
	b = tail(&a);
	b[0] = (uint8_t)(low >> 24);
	b[1] = (uint8_t)(low >> 16 & 0xff);
	b[2] = (uint8_t)(low >> 8 & 0xff);
	b[3] = (uint8_t)(low & 0xff);
	*out = a;
	return true;
}

bool sipvpn_subnet_number(const struct sipvpn_subnet *net,
	const struct vpnsdp_addr *addr, uint32_t *n)
{
	struct vpnsdp_addr same;
	uint32_t host;

	if (!sipvpn_subnet_usable(net, addr))
		return false;
	host = low_bits(addr) ^ low_bits(&net->base);
	/* An IPv6 address may differ above its last 32 bits as well. */
	if (host == 0 || !sipvpn_subnet_nth(net, host - 1, &same) ||
		!vpnsdp_addr_eq(addr, &same))
		return false;
	*n = host - 1;
	return true;
}

void sipvpn_window_begin(struct sipvpn_window *w, uint32_t first)
{
	memset(w, 0, sizeof(*w));
	w->first = first;
}

void sipvpn_window_take(struct sipvpn_window *w, uint32_t n)
{
	if (n < w->first || n - w->first >= SIPVPN_WINDOW)
		return;
	n -= w->first;
	w->taken[n / 8] = (uint8_t)(w->taken[n / 8] | 1U << n % 8);
}

bool sipvpn_window_lowest(const struct sipvpn_window *w, uint32_t *n)
{
	for (uint32_t i = 0; i < SIPVPN_WINDOW; i++) {
		if (w->taken[i / 8] >> i % 8 & 1)
			continue;
		*n = w->first + i;
		return true;
	}
	return false;
}
