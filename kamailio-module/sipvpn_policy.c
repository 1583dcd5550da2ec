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

enum sipvpn_verdict sipvpn_policy_offer(struct slice sdp,
	const struct slice *wanted, struct slice *group,
	struct vpnsdp_error *err)
{
	struct vpnsdp offer;

	if (check_offer(sdp, &offer, err) != VPNSDP_OK)
		return SIPVPN_BAD_OFFER;
	if (!wanted) {
		*group = offer.vpn_id;
		return SIPVPN_ALLOWED;
	}
	/* An empty demand is a script's unset variable, not "any group". */
	if (wanted->len == 0)
		return SIPVPN_NO_SUCH_GROUP;
	if (offer.vpn_id.len > 0 && !slice_eq(offer.vpn_id, *wanted))
		return SIPVPN_OTHER_GROUP;
	*group = *wanted;
	return SIPVPN_ALLOWED;
}

static bool is_in(const struct sipvpn_party *party, uint32_t group)
{
	size_t low = 0, high = party->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (party->groups[mid] == group)
			return true;
		if (party->groups[mid] < group)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

static bool first_shared(const struct sipvpn_party *a,
	const struct sipvpn_party *b, uint32_t *shared)
{
	size_t i = 0, j = 0;

	while (i < a->n && j < b->n) {
		if (a->groups[i] == b->groups[j]) {
			*shared = a->groups[i];
			return true;
		}
		if (a->groups[i] < b->groups[j])
			i++;
		else
			j++;
	}
	return false;
}

enum sipvpn_verdict sipvpn_policy_pair(const struct sipvpn_party *caller,
	const struct sipvpn_party *callee, enum sipvpn_naming naming,
	uint32_t group, uint32_t *shared)
{
	if (naming == SIPVPN_UNKNOWN_GROUP)
		return SIPVPN_NO_SUCH_GROUP;
	if (naming == SIPVPN_ONE_GROUP) {
		if (!is_in(caller, group))
			return SIPVPN_CALLER_NOT_MEMBER;
		if (!is_in(callee, group))
			return SIPVPN_CALLEE_NOT_MEMBER;
		*shared = group;
		return SIPVPN_ALLOWED;
	}
	if (caller->n == 0)
		return SIPVPN_CALLER_NOT_MEMBER;
	if (callee->n == 0)
		return SIPVPN_CALLEE_NOT_MEMBER;
	return first_shared(caller, callee, shared) ? SIPVPN_ALLOWED
						    : SIPVPN_NO_SHARED_GROUP;
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
	}
	return "unknown verdict";
}
