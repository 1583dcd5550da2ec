/*
 * sipvpn_snapshot.c - who is in which group: the building of it.
 *
 * PURE: memory comes from the caller's functions.
 *
 *   name    -> number   two indexes, for groups and for domains
 *   subject -> number   one index, over user and domain number
 *   number  -> record   arrays; a subject's record has its place in a group,
 *                       or says where in `seats` its several places stand
 *
 * While it grows, a subject's seats are a chain through `links`, highest group
 * first, and `given` has every address with its group, so that none is given
 * twice; seal() writes the seats down in order and drops these two.
 */
#include "sipvpn_snapshot_priv.h"

static bool make_label(
	struct sipvpn_snapshot *s, struct slice text, union label *out)
{
	union label l = {.near = ""};
	char *to = l.near;

	if (text.len > SIPVPN_NEAR) {
		if (!sipvpn_vec_reserve(&s->text, (uint32_t)text.len, &l.far))
			return false;
		to = sipvpn_vec_at(&s->text, l.far);
	}
	memcpy(to, text.p, text.len);
	*out = l;
	return true;
}

static bool add_name(struct sipvpn_snapshot *s, struct sipvpn_index *x,
	struct sipvpn_vec *names, const struct wanted *w, uint32_t *number)
{
	union label text;
	struct name *n;
	uint32_t at;

	if (!sipvpn_index_room(x, names) || !make_label(s, w->text, &text) ||
		!sipvpn_vec_reserve(names, 1, &at))
		return false;
	n = sipvpn_vec_at(names, at);
	*n = (struct name){
		.hash = w->hash, .text = text, .len = (uint8_t)w->text.len};
	sipvpn_index_put(x, w->hash, at);
	*number = at;
	return true;
}

static bool add_subject(
	struct sipvpn_snapshot *s, const struct wanted *w, uint32_t *number)
{
	struct sipvpn_index *x = &s->by_subject;
	struct subject *r;
	union label user;
	uint32_t at;

	if (!sipvpn_index_room(x, &s->subjects) ||
		!make_label(s, w->text, &user) ||
		!sipvpn_vec_reserve(&s->subjects, 1, &at))
		return false;
	r = sipvpn_vec_at(&s->subjects, at);
	*r = (struct subject){.hash = w->hash,
		.user = user,
		.domain = w->domain,
		.user_len = (uint16_t)w->text.len};
	sipvpn_index_put(x, w->hash, at);
	*number = at;
	return true;
}

struct sipvpn_snapshot *sipvpn_snapshot_new(
	const struct sipvpn_mem *mem, const struct sipvpn_hash_key *key)
{
	struct sipvpn_snapshot *s = mem->get(sizeof(*s));

	if (!s)
		return NULL;
	*s = (struct sipvpn_snapshot){.mem = mem, .key = *key};
	sipvpn_vec_init(&s->text, mem, 1);
	sipvpn_vec_init(&s->groups, mem, sizeof(struct name));
	sipvpn_vec_init(&s->rooms, mem, sizeof(struct room));
	sipvpn_vec_init(&s->domains, mem, sizeof(struct name));
	sipvpn_vec_init(&s->subjects, mem, sizeof(struct subject));
	sipvpn_vec_init(&s->seats, mem, sizeof(struct sipvpn_seat));
	sipvpn_vec_init(&s->addrs6, mem, sizeof(struct addr6));
	sipvpn_vec_init(&s->links, mem, sizeof(struct link));
	sipvpn_vec_init(&s->given, mem, sizeof(struct given));
	sipvpn_index_init(&s->by_group, mem);
	sipvpn_index_init(&s->by_domain, mem);
	sipvpn_index_init(&s->by_subject, mem);
	sipvpn_index_init(&s->by_given, mem);
	return s;
}

/* What it no longer needs when it is sealed. */
static void free_growing(struct sipvpn_snapshot *s)
{
	sipvpn_vec_free(&s->links);
	sipvpn_vec_free(&s->given);
	sipvpn_index_free(&s->by_given);
}

void sipvpn_snapshot_free(struct sipvpn_snapshot *s)
{
	if (!s)
		return;
	sipvpn_vec_free(&s->text);
	sipvpn_vec_free(&s->groups);
	sipvpn_vec_free(&s->domains);
	sipvpn_vec_free(&s->subjects);
	sipvpn_vec_free(&s->rooms);
	sipvpn_vec_free(&s->seats);
	sipvpn_vec_free(&s->addrs6);
	free_growing(s);
	sipvpn_index_free(&s->by_group);
	sipvpn_index_free(&s->by_domain);
	sipvpn_index_free(&s->by_subject);
	s->mem->put(s);
}

/* A subnet of that family, or none. */
static bool read_subnet(
	struct slice text, uint8_t family, struct sipvpn_subnet *out)
{
	if (text.len == 0) {
		*out = (struct sipvpn_subnet){.bits = 0};
		return true;
	}
	return sipvpn_subnet_parse(text, out) && out->base.family == family;
}

/* What a group's row says beside id and name. */
struct terms {
	enum sipvpn_group_policy policy;
	struct sipvpn_subnet net4, net6;
};

static enum sipvpn_row read_terms(
	const struct sipvpn_group_row *row, struct terms *out)
{
	if (!sipvpn_policy_parse(row->policy, &out->policy))
		return SIPVPN_ROW_BAD_POLICY;
	if (!read_subnet(row->subnet4, 4, &out->net4) ||
		!read_subnet(row->subnet6, 6, &out->net6))
		return SIPVPN_ROW_BAD_SUBNET;
	return SIPVPN_ROW_OK;
}

enum sipvpn_row sipvpn_group_row_check(const struct sipvpn_group_row *row)
{
	struct terms terms;

	return read_terms(row, &terms);
}

/* Ascending, so that members find their group by bisection. */
static bool id_rises(const struct sipvpn_snapshot *s, uint32_t id)
{
	const struct name *last;

	if (s->groups.len == 0)
		return id > 0;
	last = sipvpn_vec_at(&s->groups, s->groups.len - 1);
	return id > last->id;
}

enum sipvpn_row sipvpn_snapshot_add_group(
	struct sipvpn_snapshot *s, const struct sipvpn_group_row *row)
{
	struct wanted w = want_name(s, row->name);
	enum sipvpn_row result;
	uint32_t number, at;
	struct terms terms;
	struct name *group;
	struct room *room;

	if (row->name.len == 0 || row->name.len > VPNSDP_MAX_VPN_ID)
		return SIPVPN_ROW_BAD_NAME;
	if (!id_rises(s, row->id))
		return SIPVPN_ROW_BAD_ID;
	result = read_terms(row, &terms);
	if (result != SIPVPN_ROW_OK)
		return result;
	if (find_name(s, &s->by_group, &s->groups, &w, &number))
		return SIPVPN_ROW_TWICE;
	if (!sipvpn_vec_reserve(&s->rooms, 1, &at) ||
		!add_name(s, &s->by_group, &s->groups, &w, &number))
		return SIPVPN_ROW_NO_MEMORY;
	room = sipvpn_vec_at(&s->rooms, at);
	memcpy(room->net4, terms.net4.base.b, sizeof(room->net4));
	memcpy(room->net6, terms.net6.base.b, sizeof(room->net6));
	group = sipvpn_vec_at(&s->groups, number);
	group->id = row->id;
	group->policy = (uint8_t)terms.policy;
	group->bits4 = terms.net4.bits;
	group->bits6 = terms.net6.bits;
	return SIPVPN_ROW_OK;
}

static bool group_by_id(
	const struct sipvpn_snapshot *s, uint32_t id, uint32_t *group)
{
	uint32_t low = 0, high = s->groups.len;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		const struct name *n = sipvpn_vec_at(&s->groups, mid);

		if (n->id == id) {
			*group = mid;
			return true;
		}
		if (n->id < id)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

/* Whose turn it is: what a row says about a member of this group. */
struct entrant {
	uint32_t group;
	bool hub;
	struct vpnsdp_addr addr4, addr6;
};

/* An address of the group's subnet that nobody has yet, or none. */
static enum sipvpn_row read_addr(const struct sipvpn_snapshot *s,
	uint32_t group, const struct sipvpn_subnet *net, struct slice text,
	struct vpnsdp_addr *out)
{
	*out = (struct vpnsdp_addr){.family = 0};
	if (text.len == 0)
		return SIPVPN_ROW_OK;
	if (!vpnsdp_addr_parse(text, out) || !sipvpn_subnet_usable(net, out))
		return SIPVPN_ROW_BAD_ADDR;
	return sipvpn_given_is(s, group, out) ? SIPVPN_ROW_ADDR_TWICE
					      : SIPVPN_ROW_OK;
}

static enum sipvpn_row read_entrant(const struct sipvpn_snapshot *s,
	const struct sipvpn_member_row *row, struct entrant *out)
{
	struct sipvpn_group_info group;
	enum sipvpn_row result;

	if (row->who.user.len == 0 || row->who.user.len > SIPVPN_MAX_NAME)
		return SIPVPN_ROW_BAD_USER;
	if (row->who.domain.len == 0 || row->who.domain.len > SIPVPN_MAX_NAME)
		return SIPVPN_ROW_BAD_DOMAIN;
	if (!group_by_id(s, row->group_id, &out->group))
		return SIPVPN_ROW_NO_GROUP;
	if (!sipvpn_role_parse(row->role, &out->hub))
		return SIPVPN_ROW_BAD_ROLE;
	sipvpn_snapshot_group_info(s, out->group, &group);
	result = read_addr(
		s, out->group, &group.subnet4, row->addr4, &out->addr4);
	if (result != SIPVPN_ROW_OK)
		return result;
	return read_addr(
		s, out->group, &group.subnet6, row->addr6, &out->addr6);
}

static bool keep_addr6(struct sipvpn_snapshot *s, const struct vpnsdp_addr *a,
	struct sipvpn_seat *seat)
{
	uint32_t at;

	if (a->family == 0)
		return true;
	if (!sipvpn_vec_reserve(&s->addrs6, 1, &at) || at >= INT32_MAX)
		return false;
	memcpy(sipvpn_vec_at(&s->addrs6, at), a->b, sizeof(struct addr6));
	seat->addr6 = (at + 1) & INT32_MAX;
	return true;
}

/* Into the chain, which descends; the usual new group is the highest. */
static enum sipvpn_row join(
	struct sipvpn_snapshot *s, struct subject *r, const struct entrant *who)
{
	struct sipvpn_seat seat = {.group = who->group, .hub = who->hub};
	uint32_t *from = &r->links;
	struct link *l;
	uint32_t at;

	for (; *from != 0; from = &l->next) {
		l = sipvpn_vec_at(&s->links, *from - 1);
		if (l->seat.group == who->group)
			return SIPVPN_ROW_TWICE;
		if (l->seat.group < who->group)
			break;
	}
	if (r->n_seats == SIPVPN_MAX_MEMBERSHIPS)
		return SIPVPN_ROW_TOO_MANY;
	memcpy(seat.addr4, who->addr4.b, sizeof(seat.addr4));
	if (!keep_addr6(s, &who->addr6, &seat) ||
		!sipvpn_vec_reserve(&s->links, 1, &at) || at >= INT32_MAX)
		return SIPVPN_ROW_NO_MEMORY;
	l = sipvpn_vec_at(&s->links, at);
	*l = (struct link){.seat = seat, .next = *from};
	*from = at + 1;
	if (!sipvpn_given_put(s, at, &who->addr4) ||
		!sipvpn_given_put(s, at, &who->addr6))
		return SIPVPN_ROW_NO_MEMORY;
	r->n_seats++;
	s->members++;
	((struct room *)sipvpn_vec_at(&s->rooms, who->group))->members++;
	return SIPVPN_ROW_OK;
}

enum sipvpn_row sipvpn_snapshot_add_member(
	struct sipvpn_snapshot *s, const struct sipvpn_member_row *row)
{
	char folded[SIPVPN_MAX_NAME];
	uint32_t domain, number;
	enum sipvpn_row result;
	struct entrant who;
	struct wanted w;

	result = read_entrant(s, row, &who);
	if (result != SIPVPN_ROW_OK)
		return result;
	w = want_name(s, fold(row->who.domain, folded));
	if (!find_name(s, &s->by_domain, &s->domains, &w, &domain) &&
		!add_name(s, &s->by_domain, &s->domains, &w, &domain))
		return SIPVPN_ROW_NO_MEMORY;
	w = want_subject(s, row->who.user, domain);
	if (!find_subject(s, &w, &number) && !add_subject(s, &w, &number))
		return SIPVPN_ROW_NO_MEMORY;
	return join(s, sipvpn_vec_at(&s->subjects, number), &who);
}

/* The chain's seats, in order; several have a place of their own. */
static bool seat(struct sipvpn_snapshot *s, struct subject *r)
{
	struct sipvpn_seat *to = &r->only;
	uint32_t from = r->links, at;

	if (r->n_seats > 1) {
		if (!sipvpn_vec_reserve(&s->seats, r->n_seats, &at))
			return false;
		to = sipvpn_vec_at(&s->seats, at);
		r->seats = at;
	}
	for (uint32_t n = r->n_seats; n > 0; n--) {
		const struct link *l = sipvpn_vec_at(&s->links, from - 1);

		to[n - 1] = l->seat;
		from = l->next;
	}
	return true;
}

bool sipvpn_snapshot_seal(struct sipvpn_snapshot *s)
{
	for (uint32_t i = 0; i < s->subjects.len; i++)
		if (!seat(s, sipvpn_vec_at(&s->subjects, i)))
			return false;
	free_growing(s);
	return true;
}
