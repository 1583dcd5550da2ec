/*
 * sipvpn_snapshot.c - who is in which group, built once and then only read.
 *
 * PURE: memory comes from the caller's functions.
 *
 *   name    -> number   two indexes, for groups and for domains
 *   subject -> number   one index, over user and domain number
 *   number  -> record   arrays; a subject's record says where in `lists` its
 *                       group numbers stand
 *
 * While it grows, a subject's groups are a chain through `links`, highest
 * first; seal() writes them down in order and drops the chains.
 */
#include "sipvpn_snapshot.h"

#include "sipvpn_index.h"

/* A group or a domain. */
struct name {
	uint32_t hash;
	uint32_t text;
	uint32_t id; /* the group's in the database */
	uint32_t len;
};

/* Somebody who is in a group at least. */
struct subject {
	uint32_t hash;
	uint32_t user;
	uint32_t domain;
	uint32_t groups; /* growing: first of its links + 1; then: in lists */
	uint16_t user_len;
	uint16_t n_groups;
};

struct link {
	uint32_t group;
	uint32_t next; /* + 1; 0 ends the chain */
};

struct sipvpn_snapshot {
	const struct sipvpn_mem *mem;
	struct sipvpn_hash_key key;
	uint32_t members;
	struct sipvpn_vec text, groups, domains, subjects, lists, links;
	struct sipvpn_index by_group, by_domain, by_subject;
};

/* What a look-up is after; domain is not used for names. */
struct wanted {
	struct slice text;
	uint32_t hash;
	uint32_t domain;
};

static struct slice text_at(
	const struct sipvpn_snapshot *s, uint32_t at, uint32_t len)
{
	return (struct slice){sipvpn_vec_at(&s->text, at), len};
}

static bool add_text(struct sipvpn_snapshot *s, struct slice text, uint32_t *at)
{
	if (!sipvpn_vec_reserve(&s->text, (uint32_t)text.len, at))
		return false;
	memcpy(sipvpn_vec_at(&s->text, *at), text.p, text.len);
	return true;
}

static bool find_name(const struct sipvpn_snapshot *s,
	const struct sipvpn_index *x, const struct sipvpn_vec *names,
	const struct wanted *w, uint32_t *number)
{
	uint32_t at = w->hash, i;

	while (sipvpn_index_next(x, &at, &i)) {
		const struct name *n = sipvpn_vec_at(names, i);

		if (n->hash == w->hash &&
			slice_eq(text_at(s, n->text, n->len), w->text)) {
			*number = i;
			return true;
		}
	}
	return false;
}

static bool find_subject(const struct sipvpn_snapshot *s,
	const struct wanted *w, uint32_t *number)
{
	uint32_t at = w->hash, i;

	while (sipvpn_index_next(&s->by_subject, &at, &i)) {
		const struct subject *r = sipvpn_vec_at(&s->subjects, i);

		if (r->hash == w->hash && r->domain == w->domain &&
			slice_eq(text_at(s, r->user, r->user_len), w->text)) {
			*number = i;
			return true;
		}
	}
	return false;
}

static struct wanted want_name(
	const struct sipvpn_snapshot *s, struct slice text)
{
	uint64_t hash = sipvpn_siphash(&s->key, text);

	return (struct wanted){.text = text, .hash = (uint32_t)(hash >> 32)};
}

/* The domain is a number by now, spread by an odd constant (2^64 / phi). */
static struct wanted want_subject(
	const struct sipvpn_snapshot *s, struct slice user, uint32_t domain)
{
	uint64_t hash =
		sipvpn_siphash(&s->key, user) ^ domain * 0x9e3779b97f4a7c15U;

	return (struct wanted){user, (uint32_t)(hash >> 32), domain};
}

static bool add_name(struct sipvpn_snapshot *s, struct sipvpn_index *x,
	struct sipvpn_vec *names, const struct wanted *w, uint32_t *number)
{
	uint32_t text, at;
	struct name *n;

	if (!sipvpn_index_room(x, names) || !add_text(s, w->text, &text) ||
		!sipvpn_vec_reserve(names, 1, &at))
		return false;
	n = sipvpn_vec_at(names, at);
	*n = (struct name){
		.hash = w->hash, .text = text, .len = (uint32_t)w->text.len};
	sipvpn_index_put(x, w->hash, at);
	*number = at;
	return true;
}

static bool add_subject(
	struct sipvpn_snapshot *s, const struct wanted *w, uint32_t *number)
{
	struct sipvpn_index *x = &s->by_subject;
	uint32_t text, at;
	struct subject *r;

	if (!sipvpn_index_room(x, &s->subjects) ||
		!add_text(s, w->text, &text) ||
		!sipvpn_vec_reserve(&s->subjects, 1, &at))
		return false;
	r = sipvpn_vec_at(&s->subjects, at);
	*r = (struct subject){.hash = w->hash,
		.user = text,
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
	sipvpn_vec_init(&s->domains, mem, sizeof(struct name));
	sipvpn_vec_init(&s->subjects, mem, sizeof(struct subject));
	sipvpn_vec_init(&s->lists, mem, sizeof(uint32_t));
	sipvpn_vec_init(&s->links, mem, sizeof(struct link));
	sipvpn_index_init(&s->by_group, mem);
	sipvpn_index_init(&s->by_domain, mem);
	sipvpn_index_init(&s->by_subject, mem);
	return s;
}

void sipvpn_snapshot_free(struct sipvpn_snapshot *s)
{
	if (!s)
		return;
	sipvpn_vec_free(&s->text);
	sipvpn_vec_free(&s->groups);
	sipvpn_vec_free(&s->domains);
	sipvpn_vec_free(&s->subjects);
	sipvpn_vec_free(&s->lists);
	sipvpn_vec_free(&s->links);
	sipvpn_index_free(&s->by_group);
	sipvpn_index_free(&s->by_domain);
	sipvpn_index_free(&s->by_subject);
	s->mem->put(s);
}

enum sipvpn_row sipvpn_snapshot_add_group(
	struct sipvpn_snapshot *s, uint32_t id, struct slice name)
{
	struct wanted w = want_name(s, name);
	const struct name *last;
	uint32_t number;

	if (name.len == 0 || name.len > VPNSDP_MAX_VPN_ID)
		return SIPVPN_ROW_BAD_NAME;
	/* Ascending, so that members find their group by bisection. */
	if (s->groups.len > 0) {
		last = sipvpn_vec_at(&s->groups, s->groups.len - 1);
		if (id <= last->id)
			return SIPVPN_ROW_BAD_ID;
	}
	if (id == 0)
		return SIPVPN_ROW_BAD_ID;
	if (find_name(s, &s->by_group, &s->groups, &w, &number))
		return SIPVPN_ROW_TWICE;
	if (!add_name(s, &s->by_group, &s->groups, &w, &number))
		return SIPVPN_ROW_NO_MEMORY;
	((struct name *)sipvpn_vec_at(&s->groups, number))->id = id;
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

/* Domains are equal whatever their case: they are kept in lower case. */
static struct slice fold(struct slice s, char out[static SIPVPN_MAX_NAME])
{
	for (size_t i = 0; i < s.len; i++)
		out[i] = slice_lower(s.p[i]);
	return (struct slice){out, s.len};
}

/* Into the chain, which descends; the usual new group is the highest. */
static enum sipvpn_row join(
	struct sipvpn_snapshot *s, struct subject *r, uint32_t group)
{
	uint32_t *from = &r->groups;
	struct link *l;
	uint32_t at;

	for (; *from != 0; from = &l->next) {
		l = sipvpn_vec_at(&s->links, *from - 1);
		if (l->group == group)
			return SIPVPN_ROW_TWICE;
		if (l->group < group)
			break;
	}
	if (r->n_groups == SIPVPN_MAX_MEMBERSHIPS)
		return SIPVPN_ROW_TOO_MANY;
	if (!sipvpn_vec_reserve(&s->links, 1, &at))
		return SIPVPN_ROW_NO_MEMORY;
	l = sipvpn_vec_at(&s->links, at);
	*l = (struct link){.group = group, .next = *from};
	*from = at + 1;
	r->n_groups++;
	s->members++;
	return SIPVPN_ROW_OK;
}

enum sipvpn_row sipvpn_snapshot_add_member(struct sipvpn_snapshot *s,
	uint32_t group_id, const struct sipvpn_aor *who)
{
	char folded[SIPVPN_MAX_NAME];
	uint32_t group, domain, number;
	struct wanted w;

	if (who->user.len == 0 || who->user.len > SIPVPN_MAX_NAME)
		return SIPVPN_ROW_BAD_USER;
	if (who->domain.len == 0 || who->domain.len > SIPVPN_MAX_NAME)
		return SIPVPN_ROW_BAD_DOMAIN;
	if (!group_by_id(s, group_id, &group))
		return SIPVPN_ROW_NO_GROUP;
	w = want_name(s, fold(who->domain, folded));
	if (!find_name(s, &s->by_domain, &s->domains, &w, &domain) &&
		!add_name(s, &s->by_domain, &s->domains, &w, &domain))
		return SIPVPN_ROW_NO_MEMORY;
	w = want_subject(s, who->user, domain);
	if (!find_subject(s, &w, &number) && !add_subject(s, &w, &number))
		return SIPVPN_ROW_NO_MEMORY;
	return join(s, sipvpn_vec_at(&s->subjects, number), group);
}

bool sipvpn_snapshot_seal(struct sipvpn_snapshot *s)
{
	for (uint32_t i = 0; i < s->subjects.len; i++) {
		struct subject *r = sipvpn_vec_at(&s->subjects, i);
		uint32_t from = r->groups;
		uint32_t at;

		if (!sipvpn_vec_reserve(&s->lists, r->n_groups, &at))
			return false;
		r->groups = at;
		for (uint32_t n = r->n_groups; n > 0; n--) {
			struct link *l = sipvpn_vec_at(&s->links, from - 1);
			uint32_t *to = sipvpn_vec_at(&s->lists, at + n - 1);

			*to = l->group;
			from = l->next;
		}
	}
	sipvpn_vec_free(&s->links);
	return true;
}

struct sipvpn_party sipvpn_snapshot_party(
	const struct sipvpn_snapshot *s, const struct sipvpn_aor *who)
{
	static const struct sipvpn_party none = {NULL, 0};
	char folded[SIPVPN_MAX_NAME];
	const struct subject *r;
	uint32_t domain, number;
	struct wanted w;

	if (who->user.len > SIPVPN_MAX_NAME ||
		who->domain.len > SIPVPN_MAX_NAME)
		return none;
	w = want_name(s, fold(who->domain, folded));
	if (!find_name(s, &s->by_domain, &s->domains, &w, &domain))
		return none;
	w = want_subject(s, who->user, domain);
	if (!find_subject(s, &w, &number))
		return none;
	r = sipvpn_vec_at(&s->subjects, number);
	return (struct sipvpn_party){
		sipvpn_vec_at(&s->lists, r->groups), r->n_groups};
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

	return text_at(s, n->text, n->len);
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
	}
	return "unknown";
}
