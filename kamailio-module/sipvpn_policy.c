/*
 * sipvpn_policy.c - may this VPN offer, by this pair, in this group, pass?
 *
 * PURE: facts in, verdict out. No Kamailio, no memory, no log.
 */
#include "sipvpn_policy.h"

/*
 * A section with port 0 is held back, which RFC 3264 section 5.1 allows in an
 * offer. It may come to life in the same call later, so it needs the same
 * permission as any other. Keys are the endpoints' business: a peer of the
 * thesis's kind has none.
 */
static enum vpnsdp_err check_offer(
	struct slice sdp, struct vpnsdp *offer, struct vpnsdp_error *err)
{
	enum vpnsdp_err code = vpnsdp_parse(sdp, offer, err);

	if (code != VPNSDP_OK)
		return code;
	code = vpnsdp_check_offer(offer, false);
	if (code == VPNSDP_OK || code == VPNSDP_PORT_ZERO)
		return VPNSDP_OK;
	*err = (struct vpnsdp_error){.code = code, .text = SLICE("")};
	return code;
}

/* What an offer names; most are read in one quick pass. */
static enum vpnsdp_err read_offer(
	struct slice sdp, struct vpnsdp_names *names, struct vpnsdp_error *err)
{
	struct vpnsdp offer;
	enum vpnsdp_err code;

	if (vpnsdp_quick_offer(sdp, names))
		return VPNSDP_OK;
	code = check_offer(sdp, &offer, err);
	if (code == VPNSDP_OK)
		*names = (struct vpnsdp_names){
			offer.vpn_id, offer.local, offer.remote};
	return code;
}

enum sipvpn_verdict sipvpn_policy_offer(struct slice sdp,
	const struct slice *wanted, struct slice *group,
	struct sipvpn_ends *ends, struct vpnsdp_error *err)
{
	struct vpnsdp_names names;

	if (read_offer(sdp, &names, err) != VPNSDP_OK)
		return SIPVPN_BAD_OFFER;
	if (!wanted) {
		*group = names.vpn_id;
		*ends = (struct sipvpn_ends){names.local, names.remote};
		return SIPVPN_ALLOWED;
	}
	/* An empty demand is a script's unset variable, not "any group". */
	if (wanted->len == 0)
		return SIPVPN_NO_SUCH_GROUP;
	if (names.vpn_id.len > 0 && !slice_eq(names.vpn_id, *wanted))
		return SIPVPN_OTHER_GROUP;
	*group = *wanted;
	*ends = (struct sipvpn_ends){names.local, names.remote};
	return SIPVPN_ALLOWED;
}

static bool is_own(
	const struct vpnsdp_addr *named, const struct sipvpn_end *end)
{
	if (named->family == 0)
		return true;
	return vpnsdp_addr_eq(
		named, named->family == 4 ? &end->addr4 : &end->addr6);
}

static enum sipvpn_verdict check_ends(const struct sipvpn_shared *shared,
	const struct sipvpn_ends *named, const struct sipvpn_end *sender,
	const struct sipvpn_end *other)
{
	if (!shared->assigns)
		return SIPVPN_ALLOWED;
	if (!is_own(&named->local, sender))
		return SIPVPN_LOCAL_NOT_OWN;
	if (!is_own(&named->remote, other))
		return SIPVPN_REMOTE_NOT_OWN;
	return SIPVPN_ALLOWED;
}

enum sipvpn_verdict sipvpn_policy_shared(
	const struct sipvpn_shared *shared, const struct sipvpn_ends *offer)
{
	if (shared->policy == SIPVPN_OFF)
		return SIPVPN_GROUP_OFF;
	if (shared->policy == SIPVPN_HUB && !shared->caller.hub &&
		!shared->callee.hub)
		return SIPVPN_NO_HUB;
	return check_ends(shared, offer, &shared->caller, &shared->callee);
}

enum sipvpn_verdict sipvpn_policy_answer(
	const struct sipvpn_shared *shared, const struct sipvpn_ends *answer)
{
	return check_ends(shared, answer, &shared->callee, &shared->caller);
}

static const struct sipvpn_seat *seat_in(
	const struct sipvpn_party *party, uint32_t group)
{
	size_t low = 0, high = party->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (party->seats[mid].group == group)
			return &party->seats[mid];
		if (party->seats[mid].group < group)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

static enum sipvpn_verdict any_shared(const struct sipvpn_party *a,
	const struct sipvpn_party *b, const struct sipvpn_judge *judge,
	uint32_t *shared)
{
	enum sipvpn_verdict verdict = SIPVPN_NO_SHARED_GROUP, one;
	size_t i = 0, j = 0;

	while (i < a->n && j < b->n) {
		if (a->seats[i].group < b->seats[j].group) {
			i++;
			continue;
		}
		if (a->seats[i].group > b->seats[j].group) {
			j++;
			continue;
		}
		one = judge->ask(judge->arg, &a->seats[i], &b->seats[j]);
		if (one == SIPVPN_ALLOWED) {
			*shared = a->seats[i].group;
			return one;
		}
		if (verdict == SIPVPN_NO_SHARED_GROUP)
			verdict = one;
		i++;
		j++;
	}
	return verdict;
}

enum sipvpn_verdict sipvpn_policy_pair(const struct sipvpn_party *caller,
	const struct sipvpn_party *callee, enum sipvpn_naming naming,
	uint32_t group, const struct sipvpn_judge *judge, uint32_t *shared)
{
	const struct sipvpn_seat *from, *to;
	enum sipvpn_verdict verdict;

	if (naming == SIPVPN_UNKNOWN_GROUP)
		return SIPVPN_NO_SUCH_GROUP;
	if (naming == SIPVPN_ONE_GROUP) {
		from = seat_in(caller, group);
		to = seat_in(callee, group);
		if (!from)
			return SIPVPN_CALLER_NOT_MEMBER;
		if (!to)
			return SIPVPN_CALLEE_NOT_MEMBER;
		verdict = judge->ask(judge->arg, from, to);
		if (verdict == SIPVPN_ALLOWED)
			*shared = group;
		return verdict;
	}
	if (caller->n == 0)
		return SIPVPN_CALLER_NOT_MEMBER;
	if (callee->n == 0)
		return SIPVPN_CALLEE_NOT_MEMBER;
	return any_shared(caller, callee, judge, shared);
}

bool sipvpn_policy_parse(struct slice text, enum sipvpn_group_policy *out)
{
	if (text.len == 0 || slice_caseeq(text, SLICE("open")))
		*out = SIPVPN_OPEN;
	else if (slice_caseeq(text, SLICE("hub")))
		*out = SIPVPN_HUB;
	else if (slice_caseeq(text, SLICE("off")))
		*out = SIPVPN_OFF;
	else
		return false;
	return true;
}

const char *sipvpn_policy_text(enum sipvpn_group_policy policy)
{
	switch (policy) {
	case SIPVPN_OPEN:
		return "open";
	case SIPVPN_HUB:
		return "hub";
	case SIPVPN_OFF:
		return "off";
	}
	return "unknown";
}

bool sipvpn_role_parse(struct slice text, bool *hub)
{
	if (text.len == 0 || slice_caseeq(text, SLICE("member")))
		*hub = false;
	else if (slice_caseeq(text, SLICE("hub")))
		*hub = true;
	else
		return false;
	return true;
}

bool sipvpn_aor_parse(
	struct slice text, struct slice home_domain, struct sipvpn_aor *out)
{
	struct sipvpn_aor aor;

	if (slice_starts(text, SLICE("sip:")))
		text = slice_skip(text, 4);
	else if (slice_starts(text, SLICE("sips:")))
		text = slice_skip(text, 5);
	if (!slice_cut(&text, '@', &aor.user))
		return false;
	aor.domain = text.len > 0 ? text : home_domain;
	if (aor.user.len == 0 || aor.domain.len == 0 ||
		memchr(aor.domain.p, '@', aor.domain.len))
		return false;
	*out = aor;
	return true;
}

struct sipvpn_aor sipvpn_aor_copy(const struct sipvpn_aor *from, char **at)
{
	struct sipvpn_aor to;

	to.user = slice_copy(from->user, at);
	to.domain = slice_copy(from->domain, at);
	return to;
}

const char *sipvpn_verdict_text(enum sipvpn_verdict verdict)
{
	switch (verdict) {
	case SIPVPN_ALLOWED:
		return "allowed";
	case SIPVPN_NO_OFFER:
		return "no VPN section in the message";
	case SIPVPN_BAD_OFFER:
		return "the VPN section is malformed";
	case SIPVPN_NOT_AUTHENTICATED:
		return "the caller has not been authenticated";
	case SIPVPN_CALLER_NOT_MEMBER:
		return "the caller is not a member";
	case SIPVPN_CALLEE_NOT_MEMBER:
		return "the callee is not a member";
	case SIPVPN_NO_SHARED_GROUP:
		return "caller and callee share no group";
	case SIPVPN_NO_SUCH_GROUP:
		return "there is no such group";
	case SIPVPN_OTHER_GROUP:
		return "VPN_ID names another group than the one demanded";
	case SIPVPN_NOT_READY:
		return "no membership is loaded";
	case SIPVPN_INTERNAL:
		return "internal error";
	case SIPVPN_GROUP_OFF:
		return "the group is switched off";
	case SIPVPN_NO_HUB:
		return "neither end is a hub of the group";
	case SIPVPN_LOCAL_NOT_OWN:
		return "VPN_LOCAL_ADDR is not the sender's own";
	case SIPVPN_REMOTE_NOT_OWN:
		return "VPN_REMOTE_ADDR is not the other end's own";
	case SIPVPN_NOT_OFFERED:
		return "the answer has a VPN section that was not offered";
	}
	return "unknown verdict";
}
