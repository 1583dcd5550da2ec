/*
 * sipvpn_siphash.c - a keyed hash, so that callers cannot choose user names
 * that collide.
 *
 * PURE.
 */
#include "sipvpn_siphash.h"

struct state {
	uint64_t a, b, c, d;
};

static inline uint64_t rotate(uint64_t x, unsigned int bits)
{
	return x << bits | x >> (64 - bits);
}

static inline void mix(struct state *s)
{
	s->a += s->b;
	s->c += s->d;
	s->b = rotate(s->b, 13) ^ s->a;
	s->d = rotate(s->d, 16) ^ s->c;
	s->a = rotate(s->a, 32);
	s->c += s->b;
	s->a += s->d;
	s->b = rotate(s->b, 17) ^ s->c;
	s->d = rotate(s->d, 21) ^ s->a;
	s->c = rotate(s->c, 32);
}

/* Eight bytes, least significant first, whatever the machine. */
static uint64_t whole_word(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
	       (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 |
	       (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
	       (uint64_t)p[7] << 56;
}

/* Less than eight. */
static uint64_t word(const char *p, size_t n)
{
	uint64_t w = 0;

	for (size_t i = 0; i < n; i++)
		w |= (uint64_t)(unsigned char)p[i] << (8 * i);
	return w;
}

uint64_t sipvpn_siphash(const struct sipvpn_hash_key *key, struct slice text)
{
	/* "somepseudorandomlygeneratedbytes", as the algorithm has it */
	struct state s = {
		key->k0 ^ 0x736f6d6570736575U,
		key->k1 ^ 0x646f72616e646f6dU,
		key->k0 ^ 0x6c7967656e657261U,
		key->k1 ^ 0x7465646279746573U,
	};
	size_t rest = text.len % 8;
	uint64_t w;

	for (size_t i = 0; i + 8 <= text.len; i += 8) {
		w = whole_word(text.p + i);
		s.d ^= w;
		mix(&s);
		s.a ^= w;
	}
	w = (uint64_t)text.len << 56;
	if (rest > 0 && text.len > 8) /* the rest of the last eight bytes */
		w |= whole_word(text.p + text.len - 8) >> (8 * (8 - rest));
	else if (rest > 0)
		w |= word(text.p, rest);
	s.d ^= w;
	mix(&s);
	s.a ^= w;
	s.c ^= 0xff;
	for (int i = 0; i < 3; i++)
		mix(&s);
	return s.a ^ s.b ^ s.c ^ s.d;
}
