/*
 * sipvpn_snapshot_priv.h - how a snapshot is laid out: for the files that
 * build and read it, and nobody else.
 *
 * PURE.
 */
#ifndef SIPVPN_SNAPSHOT_PRIV_H
#define SIPVPN_SNAPSHOT_PRIV_H

#include "sipvpn_index.h"
#include "sipvpn_snapshot.h"

#define SIPVPN_NEAR 16 /* bytes; a telephone number has fifteen at most */

/*
 * A text of a record. Among a million members each place that is looked at
 * is a wait for memory, so what is short stands in the record itself.
 */
union label {
	char near[SIPVPN_NEAR];
	uint32_t far; /* in `text`, when it is longer */
};

/* A group or a domain. */
struct name {
	uint32_t hash;
	uint32_t id; /* the group's in the database */
	union label text;
	uint8_t len;
	uint8_t policy;       /* the group's */
	uint8_t bits4, bits6; /* of the group's subnets; 0: none */
};

/* The rest of a group, seldom looked at. */
struct room {
	uint32_t members;
	uint8_t net4[4];
	uint8_t net6[16];
};

/* Somebody who is in a group at least, mostly in one. */
struct subject {
	uint32_t hash;
	uint32_t domain;
	uint16_t user_len;
	uint16_t n_seats;
	union label user;
	union {
		uint32_t links;          /* growing: the first one + 1 */
		struct sipvpn_seat only; /* then: the one */
		uint32_t seats;          /* or where several are */
	};
};

struct addr6 {
	uint8_t b[16];
};

/* A seat while the snapshot grows. */
struct link {
	struct sipvpn_seat seat;
	uint32_t next; /* + 1; 0 ends the chain */
};

/* An address that a member has. */
struct given {
	uint32_t hash;
	uint32_t link : 31; /* the member's */
	uint32_t v6 : 1;
};

struct sipvpn_snapshot {
	const struct sipvpn_mem *mem;
	struct sipvpn_hash_key key;
	uint32_t members;
	struct sipvpn_vec text, groups, rooms, domains, subjects, seats, addrs6;
	struct sipvpn_index by_group, by_domain, by_subject;
	/* only while it grows */
	struct sipvpn_vec links, given;
	struct sipvpn_index by_given;
};

/* What a look-up is after; domain is not used for names. */
struct wanted {
	struct slice text;
	uint32_t hash;
	uint32_t domain;
};

static inline struct slice text_at(
	const struct sipvpn_snapshot *s, uint32_t at, uint32_t len)
{
	return (struct slice){sipvpn_vec_at(&s->text, at), len};
}

/* l stands in a record: what is returned lives as long as that. */
static inline struct slice label_text(
	const struct sipvpn_snapshot *s, const union label *l, uint32_t len)
{
	return len <= SIPVPN_NEAR ? (struct slice){l->near, len}
				  : text_at(s, l->far, len);
}

static inline bool find_name(const struct sipvpn_snapshot *s,
	const struct sipvpn_index *x, const struct sipvpn_vec *names,
	const struct wanted *w, uint32_t *number)
{
	uint32_t at = w->hash, i;

	while (sipvpn_index_next(x, &at, &i)) {
		const struct name *n = sipvpn_vec_at(names, i);

		if (n->hash == w->hash &&
			slice_eq(label_text(s, &n->text, n->len), w->text)) {
			*number = i;
			return true;
		}
	}
	return false;
}

static inline bool find_subject(const struct sipvpn_snapshot *s,
	const struct wanted *w, uint32_t *number)
{
	uint32_t at = w->hash, i;

	while (sipvpn_index_next(&s->by_subject, &at, &i)) {
		const struct subject *r = sipvpn_vec_at(&s->subjects, i);

		if (r->hash == w->hash && r->domain == w->domain &&
			slice_eq(label_text(s, &r->user, r->user_len),
				w->text)) {
			*number = i;
			return true;
		}
	}
	return false;
}

static inline struct wanted want_name(
	const struct sipvpn_snapshot *s, struct slice text)
{
	uint64_t hash = sipvpn_siphash(&s->key, text);

	return (struct wanted){.text = text, .hash = (uint32_t)(hash >> 32)};
}

/* The domain is a number by now, spread by an odd constant (2^64 / phi). */
static inline struct wanted want_subject(
	const struct sipvpn_snapshot *s, struct slice user, uint32_t domain)
{
	uint64_t hash =
		sipvpn_siphash(&s->key, user) ^ domain * 0x9e3779b97f4a7c15U;

	return (struct wanted){user, (uint32_t)(hash >> 32), domain};
}

/* Domains are equal whatever their case: they are kept in lower case. */
static inline struct slice fold(
	struct slice s, char out[static SIPVPN_MAX_NAME])
{
	for (size_t i = 0; i < s.len; i++)
		out[i] = slice_lower(s.p[i]);
	return (struct slice){out, s.len};
}

static inline struct vpnsdp_addr seat_addr4(const struct sipvpn_seat *seat)
{
	static const uint8_t none[sizeof(seat->addr4)];
	struct vpnsdp_addr a = {.family = 0};

	if (memcmp(seat->addr4, none, sizeof(none)) == 0)
		return a;
	a.family = 4;
	memcpy(a.b, seat->addr4, sizeof(seat->addr4));
	return a;
}

static inline struct vpnsdp_addr seat_addr6(
	const struct sipvpn_snapshot *s, const struct sipvpn_seat *seat)
{
	struct vpnsdp_addr a = {.family = 0};

	if (seat->addr6 == 0)
		return a;
	a.family = 6;
	memcpy(a.b, sipvpn_vec_at(&s->addrs6, seat->addr6 - 1), sizeof(a.b));
	return a;
}

/* sipvpn_given.c, while it grows: has somebody in the group this address? */
bool sipvpn_given_is(const struct sipvpn_snapshot *s, uint32_t group,
	const struct vpnsdp_addr *addr);
/* The member of this link has it; none is nothing. False: no memory. */
bool sipvpn_given_put(struct sipvpn_snapshot *s, uint32_t link,
	const struct vpnsdp_addr *addr);

#endif
