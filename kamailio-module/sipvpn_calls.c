/*
 * sipvpn_calls.c - the VPN calls in progress, and what becomes of each.
 *
 * PURE: memory comes from the caller's functions.
 */
#include "sipvpn_calls.h"

void sipvpn_calls_init(struct sipvpn_calls *set, const struct sipvpn_mem *mem)
{
	*set = (struct sipvpn_calls){.mem = mem};
}

void sipvpn_calls_free(struct sipvpn_calls *set)
{
	while (set->first)
		sipvpn_calls_drop(set, set->first);
}

static struct sipvpn_call **bucket_of(struct sipvpn_calls *set, uint32_t id)
{
	return &set->bucket[id & (SIPVPN_CALL_BUCKETS - 1)];
}

struct sipvpn_call *sipvpn_calls_find(struct sipvpn_calls *set, uint32_t id)
{
	struct sipvpn_call *c = *bucket_of(set, id);

	while (c && c->id != id)
		c = c->in_bucket;
	return c;
}

static size_t text_size(const struct sipvpn_call_facts *f)
{
	return f->group.len + f->caller.user.len + f->caller.domain.len +
	       f->callee.user.len + f->callee.domain.len + f->call_id.len +
	       f->from_tag.len + f->to_tag.len;
}

/* Ids are never 0 and stay below 2^31, which an RPC integer can hold. */
static uint32_t next_id(struct sipvpn_calls *set)
{
	do {
		set->last_id = set->last_id < INT32_MAX ? set->last_id + 1 : 1;
	} while (sipvpn_calls_find(set, set->last_id));
	return set->last_id;
}

static bool is_vpn(const struct sipvpn_call *c)
{
	return c->facts.group.len > 0;
}

struct sipvpn_call *sipvpn_calls_add(
	struct sipvpn_calls *set, const struct sipvpn_call_facts *facts)
{
	struct sipvpn_call *c = set->mem->get(sizeof(*c) + text_size(facts));
	struct sipvpn_call **head;
	char *at;

	if (!c)
		return NULL;
	at = (char *)(c + 1);
	*c = (struct sipvpn_call){.id = next_id(set),
		.facts = *facts,
		.verdict = SIPVPN_ALLOWED,
		.prev = set->last};
	c->facts.group = slice_copy(facts->group, &at);
	c->facts.caller = sipvpn_aor_copy(&facts->caller, &at);
	c->facts.callee = sipvpn_aor_copy(&facts->callee, &at);
	c->facts.call_id = slice_copy(facts->call_id, &at);
	c->facts.from_tag = slice_copy(facts->from_tag, &at);
	c->facts.to_tag = slice_copy(facts->to_tag, &at);
	c->fresh = is_vpn(c);
	head = bucket_of(set, c->id);
	c->in_bucket = *head;
	*head = c;
	if (set->last)
		set->last->next = c;
	else
		set->first = c;
	set->last = c;
	set->n += is_vpn(c);
	set->work = true;
	return c;
}

void sipvpn_calls_drop(struct sipvpn_calls *set, struct sipvpn_call *call)
{
	struct sipvpn_call **from = bucket_of(set, call->id);

	while (*from != call)
		from = &(*from)->in_bucket;
	*from = call->in_bucket;
	if (call->prev)
		call->prev->next = call->next;
	else
		set->first = call->next;
	if (call->next)
		call->next->prev = call->prev;
	else
		set->last = call->prev;
	if (is_vpn(call) && call->state != SIPVPN_CALL_OVER)
		set->n--;
	if (call->to_tag)
		set->mem->put(call->to_tag);
	set->mem->put(call);
}

static bool goes_on(const struct sipvpn_call *c)
{
	return is_vpn(c) && c->state != SIPVPN_CALL_OVER;
}

struct sipvpn_call *sipvpn_calls_next(struct sipvpn_calls *set, uint32_t id)
{
	struct sipvpn_call *c = id > 1 ? sipvpn_calls_find(set, id) : NULL;

	if (!c)
		c = set->first;
	while (c && (c->id < id || !goes_on(c)))
		c = c->next;
	return c;
}

bool sipvpn_call_answered(struct sipvpn_calls *set, struct sipvpn_call *call,
	struct slice to_tag, int64_t since)
{
	char *mem;

	if (call->state != SIPVPN_CALL_RINGING)
		return true;
	if (!slice_eq(to_tag, call->facts.to_tag)) {
		mem = set->mem->get(to_tag.len + 1);
		if (!mem)
			return false;
		memcpy(mem, to_tag.p, to_tag.len);
		call->to_tag = mem;
		call->facts.to_tag = (struct slice){mem, to_tag.len};
	}
	call->facts.since = since;
	call->state = SIPVPN_CALL_UP;
	return true;
}

void sipvpn_call_over(
	struct sipvpn_calls *set, struct sipvpn_call *call, enum sipvpn_why why)
{
	if (call->state == SIPVPN_CALL_OVER)
		return;
	if (call->why == SIPVPN_WHY_NONE)
		call->why = why;
	call->state = SIPVPN_CALL_OVER;
	set->n -= is_vpn(call);
	set->work = true;
}

void sipvpn_call_gone(struct sipvpn_calls *set, struct sipvpn_call *call)
{
	sipvpn_call_over(set, call,
		call->state == SIPVPN_CALL_UP ? SIPVPN_WHY_HUNG_UP
					      : SIPVPN_WHY_UNANSWERED);
	call->gone = true;
	set->work = true;
}

bool sipvpn_call_cut(struct sipvpn_calls *set, struct sipvpn_call *call,
	enum sipvpn_why why, enum sipvpn_verdict verdict, unsigned int now)
{
	if (call->state == SIPVPN_CALL_OVER || call->why != SIPVPN_WHY_NONE)
		return false;
	call->why = why;
	call->verdict = verdict;
	call->until = now + SIPVPN_CALL_PATIENCE;
	set->work = true;
	return true;
}

static bool same(const struct sipvpn_aor *a, const struct sipvpn_aor *b)
{
	return slice_eq(a->user, b->user) && slice_caseeq(a->domain, b->domain);
}

static bool fits(
	const struct sipvpn_call *c, const struct sipvpn_call_wanted *w)
{
	const struct sipvpn_call_facts *f = &c->facts;

	if (w->id && c->id != w->id)
		return false;
	if (w->call_id.len > 0 && !slice_eq(f->call_id, w->call_id))
		return false;
	if (w->group.len > 0 && !slice_eq(f->group, w->group))
		return false;
	return !w->member || same(&f->caller, w->member) ||
	       same(&f->callee, w->member);
}

uint32_t sipvpn_calls_revoke(struct sipvpn_calls *set,
	const struct sipvpn_call_wanted *wanted, unsigned int now)
{
	uint32_t n = 0;

	for (struct sipvpn_call *c = set->first; c; c = c->next) {
		if (!goes_on(c) || !fits(c, wanted))
			continue;
		(void)sipvpn_call_cut(
			set, c, SIPVPN_WHY_REVOKED, SIPVPN_ALLOWED, now);
		n++; /* being ended already is as good */
	}
	return n;
}

static void hold(const struct sipvpn_subnet *net,
	const struct vpnsdp_addr *addr, struct sipvpn_window *window)
{
	uint32_t n;

	if (addr->family == net->base.family &&
		sipvpn_subnet_number(net, addr, &n))
		sipvpn_window_take(window, n);
}

/* One that is over may still have its BYE on the way. */
void sipvpn_calls_hold(const struct sipvpn_calls *set, struct slice group,
	const struct sipvpn_subnet *net, struct sipvpn_window *window)
{
	for (const struct sipvpn_call *c = set->first; c; c = c->next) {
		if (!slice_eq(c->facts.group, group))
			continue;
		hold(net, &c->facts.ends.local, window);
		hold(net, &c->facts.ends.remote, window);
	}
}

enum sipvpn_step sipvpn_call_step(const struct sipvpn_call *call, bool all)
{
	if (call->state == SIPVPN_CALL_OVER) {
		if (is_vpn(call) && !call->told)
			return SIPVPN_STEP_TELL;
		/* Nobody but us knows of one that is here only to be ended. */
		return call->gone || !is_vpn(call) ? SIPVPN_STEP_DROP
						   : SIPVPN_STEP_NONE;
	}
	if (call->why != SIPVPN_WHY_NONE)
		return SIPVPN_STEP_END;
	return is_vpn(call) && (all || call->fresh) ? SIPVPN_STEP_JUDGE
						    : SIPVPN_STEP_NONE;
}

enum sipvpn_act sipvpn_call_act(const struct sipvpn_call *call,
	enum sipvpn_phase phase, unsigned int now)
{
	/* now may have wrapped around */
	bool late = (int32_t)(now - call->until) >= 0;

	switch (phase) {
	case SIPVPN_PHASE_UNKNOWN:
		return late ? SIPVPN_ACT_GIVE_UP : SIPVPN_ACT_WAIT;
	case SIPVPN_PHASE_EARLY:
		/* The 200 that was closed is just leaving. */
		if (call->why == SIPVPN_WHY_CLOSED)
			return late ? SIPVPN_ACT_GIVE_UP : SIPVPN_ACT_WAIT;
		return call->refused ? SIPVPN_ACT_WAIT : SIPVPN_ACT_REFUSE;
	case SIPVPN_PHASE_UNACKED:
		/* A BYE overtakes no ACK (RFC 3261 section 15). */
		return late ? SIPVPN_ACT_BYE : SIPVPN_ACT_WAIT;
	case SIPVPN_PHASE_UP:
		return SIPVPN_ACT_BYE;
	case SIPVPN_PHASE_ENDED:
		break;
	}
	return SIPVPN_ACT_GIVE_UP;
}

const char *sipvpn_call_why(const struct sipvpn_call *call)
{
	switch (call->why) {
	case SIPVPN_WHY_NONE:
		break;
	case SIPVPN_WHY_HUNG_UP:
		return "hung up";
	case SIPVPN_WHY_UNANSWERED:
		return "not answered";
	case SIPVPN_WHY_EXPIRED:
		return "the dialog has expired";
	case SIPVPN_WHY_DECLINED:
		return "the callee declined the VPN";
	case SIPVPN_WHY_CLOSED:
		return "VPN refused";
	case SIPVPN_WHY_TAKEN_OUT:
		return "the call goes on without the VPN";
	case SIPVPN_WHY_REVOKED:
		return "revoked";
	case SIPVPN_WHY_UNFIT:
		return sipvpn_verdict_text(call->verdict);
	}
	return "going on";
}
