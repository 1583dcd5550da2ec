/*
 * sipvpn_lookup.c - who is in which group: the reading of it.
 *
 * PURE: nothing is allocated, written or locked.
 */
#include "sipvpn_snapshot_priv.h"

#define FEW 4 /* so many names are sooner compared than hashed */

static bool is_domain(
	const struct sipvpn_snapshot *s, uint32_t number, struct slice name)
{
	const struct name *n = sipvpn_vec_at(&s->domains, number);

	return slice_caseeq(label_text(s, &n->text, n->len), name);
}

static bool find_domain(
	const struct sipvpn_snapshot *s, struct slice name, uint32_t *domain)
{
	char folded[SIPVPN_MAX_NAME];
	struct wanted w;

	if (name.len > SIPVPN_MAX_NAME)
		return false;
	for (uint32_t i = 0; i < FEW && i < s->domains.len; i++) {
		if (is_domain(s, i, name)) {
			*domain = i;
			return true;
		}
	}
	if (s->domains.len <= FEW)
		return false;
	w = want_name(s, fold(name, folded));
	return find_name(s, &s->by_domain, &s->domains, &w, domain);
}

static const struct sipvpn_party none = {NULL, 0};

static struct sipvpn_party seats_of(
	const struct sipvpn_snapshot *s, const struct subject *r)
{
	const struct sipvpn_seat *seats = &r->only;

	if (r->n_seats > 1)
		seats = sipvpn_vec_at(&s->seats, r->seats);
	return (struct sipvpn_party){seats, r->n_seats};
}

static struct sipvpn_party party_of(
	const struct sipvpn_snapshot *s, const struct wanted *w)
{
	uint32_t number;

	if (w->text.len > SIPVPN_MAX_NAME || !find_subject(s, w, &number))
		return none;
	return seats_of(s, sipvpn_vec_at(&s->subjects, number));
}

/* Whom the first cell of a hash names; most often who is looked for. */
static const struct subject *first_of(
	const struct sipvpn_snapshot *s, const struct wanted *w)
{
	uint32_t at = w->hash, number;

	if (!sipvpn_index_next(&s->by_subject, &at, &number))
		return NULL;
	return sipvpn_vec_at(&s->subjects, number);
}

/*
 * Among a million members each step waits for memory, and that is most of the
 * time: so what a step needs is asked for of both before it is taken for one.
 */
static void fetch_both(
	const struct sipvpn_snapshot *s, const struct wanted w[2])
{
	const struct subject *r[2];

	if (s->by_subject.cells.len == 0)
		return;
	for (int i = 0; i < 2; i++)
		__builtin_prefetch(sipvpn_vec_at(&s->by_subject.cells,
			w[i].hash & (s->by_subject.cells.len - 1)));
	for (int i = 0; i < 2; i++) {
		r[i] = first_of(s, &w[i]);
		__builtin_prefetch(r[i]);
	}
	if (r[0] && r[0]->n_seats == 1) /* their group, if they have one */
		__builtin_prefetch(sipvpn_vec_at(&s->groups, r[0]->only.group));
}

struct sipvpn_party sipvpn_snapshot_party(
	const struct sipvpn_snapshot *s, const struct sipvpn_aor *who)
{
	struct wanted w;
	uint32_t domain;

	if (!find_domain(s, who->domain, &domain))
		return none;
	w = want_subject(s, who->user, domain);
	return party_of(s, &w);
}

void sipvpn_snapshot_parties(const struct sipvpn_snapshot *s,
	const struct sipvpn_aor *one, const struct sipvpn_aor *two,
	struct sipvpn_party *first, struct sipvpn_party *second)
{
	struct wanted w[2];
	uint32_t domain;

	if (!slice_eq(one->domain, two->domain)) {
		*first = sipvpn_snapshot_party(s, one);
		*second = sipvpn_snapshot_party(s, two);
		return;
	}
	*first = *second = none;
	if (!find_domain(s, one->domain, &domain))
		return;
	w[0] = want_subject(s, one->user, domain);
	w[1] = want_subject(s, two->user, domain);
	fetch_both(s, w);
	*first = party_of(s, &w[0]);
	*second = party_of(s, &w[1]);
}

bool sipvpn_snapshot_group_of(const struct sipvpn_snapshot *s,
	const struct sipvpn_party *party, struct slice name, uint32_t *group)
{
	for (size_t i = 0; i < FEW && i < party->n; i++) {
		uint32_t number = party->seats[i].group;

		if (slice_eq(sipvpn_snapshot_group_name(s, number), name)) {
			*group = number;
			return true;
		}
	}
	return sipvpn_snapshot_group(s, name, group);
}

bool sipvpn_snapshot_group(
	const struct sipvpn_snapshot *s, struct slice name, uint32_t *group)
{
	struct wanted w = want_name(s, name);

	return find_name(s, &s->by_group, &s->groups, &w, group);
}

struct slice sipvpn_snapshot_group_name(
	const struct sipvpn_snapshot *s, uint32_t group)
{
	const struct name *n = sipvpn_vec_at(&s->groups, group);

	return label_text(s, &n->text, n->len);
}

uint32_t sipvpn_snapshot_group_id(
	const struct sipvpn_snapshot *s, uint32_t group)
{
	return ((const struct name *)sipvpn_vec_at(&s->groups, group))->id;
}

static struct sipvpn_end end_of(
	const struct sipvpn_snapshot *s, const struct sipvpn_seat *seat)
{
	return (struct sipvpn_end){
		seat->hub, seat_addr4(seat), seat_addr6(s, seat)};
}

void sipvpn_snapshot_shared(const struct sipvpn_snapshot *s,
	const struct sipvpn_seat *caller, const struct sipvpn_seat *callee,
	struct sipvpn_shared *out)
{
	const struct name *n = sipvpn_vec_at(&s->groups, caller->group);

	out->policy = (enum sipvpn_group_policy)n->policy;
	out->assigns = n->bits4 || n->bits6;
	out->caller = end_of(s, caller);
	out->callee = end_of(s, callee);
}

void sipvpn_snapshot_group_info(const struct sipvpn_snapshot *s, uint32_t group,
	struct sipvpn_group_info *out)
{
	const struct name *n = sipvpn_vec_at(&s->groups, group);
	const struct room *r = sipvpn_vec_at(&s->rooms, group);

	*out = (struct sipvpn_group_info){
		.name = label_text(s, &n->text, n->len),
		.policy = (enum sipvpn_group_policy)n->policy,
		.subnet4 = {.bits = n->bits4},
		.subnet6 = {.bits = n->bits6},
		.members = r->members};
	if (n->bits4) {
		out->subnet4.base.family = 4;
		memcpy(out->subnet4.base.b, r->net4, sizeof(r->net4));
	}
	if (n->bits6) {
		out->subnet6.base.family = 6;
		memcpy(out->subnet6.base.b, r->net6, sizeof(r->net6));
	}
}

bool sipvpn_snapshot_next_member(const struct sipvpn_snapshot *s,
	uint32_t group, uint32_t *from, struct sipvpn_member_info *out)
{
	for (uint32_t i = *from; i < s->subjects.len; i++) {
		const struct subject *r = sipvpn_vec_at(&s->subjects, i);
		const struct name *domain;
		const struct sipvpn_seat *seat;
		uint16_t n = 0;

		seat = seats_of(s, r).seats;
		while (n < r->n_seats && seat[n].group != group)
			n++;
		if (n == r->n_seats)
			continue;
		domain = sipvpn_vec_at(&s->domains, r->domain);
		out->who.user = label_text(s, &r->user, r->user_len);
		out->who.domain = label_text(s, &domain->text, domain->len);
		out->end = end_of(s, &seat[n]);
		*from = i + 1;
		return true;
	}
	return false;
}

size_t sipvpn_snapshot_bytes(const struct sipvpn_snapshot *s)
{
	return sizeof(*s) + sipvpn_vec_bytes(&s->text) +
	       sipvpn_vec_bytes(&s->groups) + sipvpn_vec_bytes(&s->rooms) +
	       sipvpn_vec_bytes(&s->domains) + sipvpn_vec_bytes(&s->subjects) +
	       sipvpn_vec_bytes(&s->seats) + sipvpn_vec_bytes(&s->addrs6) +
	       sipvpn_vec_bytes(&s->by_group.cells) +
	       sipvpn_vec_bytes(&s->by_domain.cells) +
	       sipvpn_vec_bytes(&s->by_subject.cells);
}

uint32_t sipvpn_snapshot_groups(const struct sipvpn_snapshot *s)
{
	return s->groups.len;
}

uint32_t sipvpn_snapshot_members(const struct sipvpn_snapshot *s)
{
	return s->members;
}

const char *sipvpn_row_text(enum sipvpn_row row)
{
	switch (row) {
	case SIPVPN_ROW_OK:
		return "good";
	case SIPVPN_ROW_NO_MEMORY:
		return "out of shared memory";
	case SIPVPN_ROW_BAD_ID:
		return "bad id";
	case SIPVPN_ROW_BAD_NAME:
		return "bad group name";
	case SIPVPN_ROW_BAD_USER:
		return "bad user name";
	case SIPVPN_ROW_BAD_DOMAIN:
		return "bad domain";
	case SIPVPN_ROW_NO_GROUP:
		return "no such group";
	case SIPVPN_ROW_TWICE:
		return "stands twice";
	case SIPVPN_ROW_TOO_MANY:
		return "in too many groups";
	case SIPVPN_ROW_BAD_POLICY:
		return "bad policy";
	case SIPVPN_ROW_BAD_SUBNET:
		return "bad subnet";
	case SIPVPN_ROW_BAD_ROLE:
		return "bad role";
	case SIPVPN_ROW_BAD_ADDR:
		return "address not of the group's subnet";
	case SIPVPN_ROW_ADDR_TWICE:
		return "address given twice";
	case SIPVPN_ROW_BAD_LINE:
		return "not understood";
	}
	return "unknown";
}
