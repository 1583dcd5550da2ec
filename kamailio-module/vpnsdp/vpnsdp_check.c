/* vpnsdp_check.c - may one act on this offer, on this answer? PURE. */
#include "vpnsdp_priv.h"

bool vpnsdp_endpoint(
	const struct vpnsdp *in, struct vpnsdp_addr *addr, uint16_t *port)
{
	const struct vpnsdp_addr *own = &in->ip4;
	bool own_port = in->has_attr_port || in->attr_port > 0;

	if (in->port == 0)
		return false;
	if (!own->family || (in->conn.family == 6 && in->ip6.family))
		own = &in->ip6;
	/*
	 * A middlebox rewrites c= and the m= port together, so never mix one
	 * of its pair with one of the sender's as long as a pair is whole.
	 */
	if (own->family && (own_port || !in->conn.family)) {
		if (own_port && in->attr_port == 0)
			return false;
		*port = own_port ? in->attr_port : in->port;
		*addr = *own;
		return true;
	}
	if (!in->conn.family)
		return false;
	*addr = in->conn;
	*port = in->port;
	return true;
}

static enum vpnsdp_err check_endpoint(const struct vpnsdp *in)
{
	struct vpnsdp_addr addr;
	uint16_t port;

	if (in->port == 0 || (in->has_attr_port && in->attr_port == 0))
		return VPNSDP_PORT_ZERO;
	if (!vpnsdp_endpoint(in, &addr, &port) || !vpnsdp_addr_unicast(&addr))
		return VPNSDP_ENDPOINT_UNUSABLE;
	return VPNSDP_OK;
}

static bool no_tunnel(const struct vpnsdp *in)
{
	return !in->local.family && !in->remote.family;
}

static enum vpnsdp_err check_tunnel(const struct vpnsdp *in)
{
	if (in->local.family != in->remote.family ||
		!vpnsdp_addr_unicast(&in->local) ||
		!vpnsdp_addr_unicast(&in->remote) ||
		vpnsdp_addr_eq(&in->local, &in->remote))
		return VPNSDP_ADDRESS_PAIR;
	return VPNSDP_OK;
}

enum vpnsdp_err vpnsdp_check_offer(const struct vpnsdp *offer, bool need_keys)
{
	enum vpnsdp_err ret = check_endpoint(offer);

	if (ret)
		return ret;
	if (!no_tunnel(offer)) { /* left out: the other side assigns them */
		ret = check_tunnel(offer);
		if (ret)
			return ret;
	}
	if (!need_keys)
		return VPNSDP_OK;
	if (!offer->has_fingerprint)
		return VPNSDP_NO_FINGERPRINT;
	/* holdconn is not for TLS over datagrams, RFC 8842 section 5.1 */
	if (offer->setup == VPNSDP_SETUP_NONE ||
		offer->setup == VPNSDP_SETUP_HOLDCONN)
		return VPNSDP_NO_SETUP;
	return VPNSDP_OK;
}

/* A body to be written may leave out the list of its one line. */
static size_t media_count(const struct vpnsdp *in)
{
	return in->n_media > 0 ? in->n_media : 1;
}

/* Same number, order and media types, RFC 3264 section 6. */
static bool same_media(const struct vpnsdp *offer, const struct vpnsdp *answer)
{
	if (media_count(offer) != media_count(answer) ||
		offer->vpn_index != answer->vpn_index ||
		offer->form != answer->form)
		return false;
	for (size_t i = 0; i < offer->n_media; i++) {
		struct slice asked = offer->media[i];
		struct slice got = answer->media[i];

		if (i != offer->vpn_index &&
			!slice_caseeq(vpnsdp_word(&asked), vpnsdp_word(&got)))
			return false;
	}
	return true;
}

/* RFC 4145 section 4.1, less holdconn. */
static bool setup_fits(enum vpnsdp_setup offer, enum vpnsdp_setup answer)
{
	switch (offer) {
	case VPNSDP_SETUP_ACTPASS:
		return answer == VPNSDP_SETUP_ACTIVE ||
		       answer == VPNSDP_SETUP_PASSIVE;
	case VPNSDP_SETUP_ACTIVE:
		return answer == VPNSDP_SETUP_PASSIVE;
	case VPNSDP_SETUP_PASSIVE:
		return answer == VPNSDP_SETUP_ACTIVE;
	case VPNSDP_SETUP_NONE:
	case VPNSDP_SETUP_HOLDCONN:
		break;
	}
	return false;
}

static enum vpnsdp_err check_answer_keys(
	const struct vpnsdp *offer, const struct vpnsdp *answer, bool need_keys)
{
	if (need_keys && !answer->has_fingerprint)
		return VPNSDP_NO_FINGERPRINT;
	if (answer->setup == VPNSDP_SETUP_NONE)
		return need_keys ? VPNSDP_NO_SETUP : VPNSDP_OK;
	if (!need_keys && offer->setup == VPNSDP_SETUP_NONE)
		return VPNSDP_OK;
	return setup_fits(offer->setup, answer->setup) ? VPNSDP_OK
						       : VPNSDP_ANSWER_SETUP;
}

enum vpnsdp_err vpnsdp_check_answer(
	const struct vpnsdp *offer, const struct vpnsdp *answer, bool need_keys)
{
	enum vpnsdp_err ret;

	if (!same_media(offer, answer))
		return VPNSDP_ANSWER_MEDIA;
	ret = check_endpoint(answer);
	if (ret)
		return ret;
	if (offer->vpn_id.len > 0 && answer->vpn_id.len > 0 &&
		!slice_eq(offer->vpn_id, answer->vpn_id))
		return VPNSDP_ANSWER_VPN_ID;
	if (!no_tunnel(offer) &&
		(!vpnsdp_addr_eq(&offer->local, &answer->remote) ||
			!vpnsdp_addr_eq(&offer->remote, &answer->local)))
		return VPNSDP_NOT_MIRRORED;
	ret = check_tunnel(answer);
	if (ret)
		return ret;
	return check_answer_keys(offer, answer, need_keys);
}

const char *vpnsdp_strerror(enum vpnsdp_err err)
{
	static const char *const text[] = {
		[VPNSDP_OK] = "all is well",
		[VPNSDP_NO_VPN] = "no VPN section",
		[VPNSDP_TOO_LONG] = "body too long",
		[VPNSDP_BAD_LINE] = "line is not of the form x=...",
		[VPNSDP_NO_VERSION] = "does not start with v=0",
		[VPNSDP_BAD_ORIGIN] = "o= line missing or malformed",
		[VPNSDP_TOO_MANY_MEDIA] = "too many m= lines",
		[VPNSDP_TWO_VPN] = "more than one VPN section",
		[VPNSDP_BAD_MEDIA] = "VPN m= line malformed",
		[VPNSDP_BAD_PORT] = "port is not a number from 0 to 65535",
		[VPNSDP_BAD_CONNECTION] = "c= line holds no usable address",
		[VPNSDP_NO_CONNECTION] = "neither c= nor a=IP4 nor a=IP6",
		[VPNSDP_BAD_ADDRESS] = "not an IP address",
		[VPNSDP_BAD_VPN_ID] =
			"VPN_ID too long or with forbidden characters",
		[VPNSDP_BAD_SETUP] = "unknown setup role",
		[VPNSDP_BAD_TLS_ID] = "tls-id malformed",
		[VPNSDP_BAD_FINGERPRINT] = "fingerprint malformed",
		[VPNSDP_BAD_PAKE] = "vpn-pake malformed",
		[VPNSDP_BAD_ICE] = "ICE attribute malformed",
		[VPNSDP_TWICE] = "stands twice where one is allowed",
		[VPNSDP_TOO_MANY_CANDIDATES] = "too many ICE candidates",
		[VPNSDP_PORT_ZERO] = "port is 0, the section is refused",
		[VPNSDP_ENDPOINT_UNUSABLE] = "endpoint address is unusable",
		[VPNSDP_NO_FINGERPRINT] = "no SHA-256 fingerprint",
		[VPNSDP_NO_SETUP] = "no usable setup role",
		[VPNSDP_ADDRESS_PAIR] = "tunnel addresses are no usable pair",
		[VPNSDP_NOT_MIRRORED] =
			"tunnel addresses are not those of the offer",
		[VPNSDP_ANSWER_MEDIA] = "m= lines are not those of the offer",
		[VPNSDP_ANSWER_SETUP] = "setup role does not fit the offer",
		[VPNSDP_ANSWER_VPN_ID] = "answer names another VPN",
		[VPNSDP_DOES_NOT_FIT] = "buffer too small",
	};
	size_t i = (size_t)err;

	if (i >= sizeof(text) / sizeof(text[0]) || !text[i])
		return "unknown error";
	return text[i];
}
