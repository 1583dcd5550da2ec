/* media.c - offer and answer: from SDP to a tunnel plan. PURE. */
#include "core/media_int.h"

#include "core/text.h"

/* What the thesis's program writes; it says nothing about the real key. */
#define LEGACY_KEY SLICE("DH:crypt code")
#define WARN_MEDIA 304 /* RFC 3261 section 20.43: media type not available */
#define WARN_OTHER 399 /* the text tells */

static bool refuse(struct media_refusal *why, uint16_t status, uint16_t warning,
	struct slice text, struct slice more)
{
	why->status = status;
	why->warning = warning;
	TEXT_JOIN(why->text, sizeof(why->text), text, more);
	return false;
}

static bool refuse_body(
	struct media_refusal *why, enum vpnsdp_err err, struct vpnsdp_error at)
{
	struct slice none = SLICE("");

	if (err == VPNSDP_NO_VPN || err == VPNSDP_PORT_ZERO)
		return refuse(why, 488, WARN_MEDIA,
			text_slice(vpnsdp_strerror(err)), none);
	why->status = 488;
	if (err <= VPNSDP_TOO_MANY_MEDIA)
		why->status = 400; /* not SDP, whatever it was to say */
	why->warning = WARN_OTHER;
	TEXT_JOIN(why->text, sizeof(why->text), SLICE("SDP: "),
		text_slice(vpnsdp_strerror(err)),
		at.text.len > 0 ? SLICE(": ") : none, at.text);
	return false;
}

bool media_in_net(const struct vpnsdp_addr *a, const struct media_net *net)
{
	uint8_t bits = net->prefix;

	if (a->family != net->addr.family)
		return false;
	for (size_t i = 0; bits > 0; i++) {
		uint8_t n = bits < 8 ? bits : 8;
		uint8_t mask = (uint8_t)(0xff << (8 - n));

		if ((a->b[i] ^ net->addr.b[i]) & mask)
			return false;
		bits = (uint8_t)(bits - n);
	}
	return true;
}

/*
 * Addresses a peer may hand out without our user having named them: private
 * ones only, or a peer could draw anybody's address into its tunnel.
 */
static bool private_addr(const struct vpnsdp_addr *a)
{
	static const struct media_net nets[] = {
		{{4, {10}}, 8}, {{4, {172, 16}}, 12}, {{4, {192, 168}}, 16},
		{{4, {100, 64}}, 10}, /* RFC 6598 */
		{{6, {0xfc}}, 7},     /* RFC 4193 */
	};

	for (size_t i = 0; i < sizeof(nets) / sizeof(nets[0]); i++)
		if (media_in_net(a, &nets[i]))
			return true;
	return false;
}

static bool tunnel_addr_ok(const struct media_local *me,
	const struct vpnsdp_addr *a, struct media_refusal *why)
{
	char text[48];
	struct sbuf b = sbuf_over(text, sizeof(text));

	vpnsdp_addr_write(a, &b);
	if (!me->tun_fixed && !private_addr(a))
		return refuse(why, 488, WARN_OTHER,
			SLICE("tunnel address is not a private one: "),
			sbuf_slice(&b));
	for (size_t i = 0; i < me->n_nets; i++)
		if (media_in_net(a, &me->nets[i]))
			return refuse(why, 488, WARN_OTHER,
				SLICE("tunnel address is in use here: "),
				sbuf_slice(&b));
	return true;
}

/* Agree on the two tunnel addresses; theirs may have none (family 0). */
static bool agree_addresses(const struct media_local *me,
	const struct vpnsdp *theirs, struct tunnel_plan *plan,
	struct media_refusal *why)
{
	plan->local = me->tun_local;
	plan->remote = me->tun_remote;
	if (theirs->local.family != 0) {
		if (me->tun_fixed &&
			!(vpnsdp_addr_eq(&theirs->local, &me->tun_remote) &&
				vpnsdp_addr_eq(
					&theirs->remote, &me->tun_local)))
			return refuse(why, 488, WARN_OTHER,
				SLICE("tunnel addresses do not mirror ours"),
				SLICE(""));
		plan->local = theirs->remote;
		plan->remote = theirs->local;
	}
	return tunnel_addr_ok(me, &plan->local, why) &&
	       tunnel_addr_ok(me, &plan->remote, why);
}

static void set_group(struct tunnel_plan *plan, struct slice group)
{
	if (group.len >= sizeof(plan->group))
		return; /* the parser lets none through */
	if (group.len > 0)
		memcpy(plan->group, group.p, group.len);
	plan->group[group.len] = '\0';
}

bool media_agree(const struct media_local *me, const struct vpnsdp *theirs,
	enum tunnel_role role, struct tunnel_plan *plan,
	struct media_refusal *why)
{
	struct tunnel_plan p = {
		.role = role, .bind = me->addr, .port = me->port};

	if (!agree_addresses(me, theirs, &p, why))
		return false;
	if (!vpnsdp_endpoint(theirs, &p.peer, &p.peer_port))
		return refuse(why, 488, WARN_OTHER,
			SLICE("SDP names no usable endpoint"), SLICE(""));
	if (p.peer.family != p.bind.family)
		return refuse(why, 488, WARN_OTHER,
			SLICE("endpoint is of the other IP version"),
			SLICE(""));
	if (vpnsdp_addr_eq(&p.peer, &p.local) ||
		vpnsdp_addr_eq(&p.peer, &p.remote))
		return refuse(why, 488, WARN_OTHER,
			SLICE("tunnel address is the endpoint's own"),
			SLICE(""));
	memcpy(p.peer_fingerprint, theirs->fingerprint,
		sizeof(p.peer_fingerprint));
	set_group(&p, theirs->vpn_id.len > 0 ? theirs->vpn_id : me->group);
	*plan = p;
	return true;
}

/* The parts of a description that are ours whatever is agreed. */
struct vpnsdp media_describe(const struct media_local *me)
{
	struct vpnsdp d = {
		.origin_user = SLICE("-"),
		.sess_id = me->sess_id,
		.sess_version = SLICE("1"),
		.origin_addr = me->addr,
		.conn = me->addr,
		.port = me->port,
		.attr_port = me->port,
		.has_attr_port = true,
		.vpn_id = me->group,
	};

	if (me->addr.family == 6)
		d.ip6 = me->addr;
	else
		d.ip4 = me->addr;
	if (me->legacy)
		d.key = LEGACY_KEY;
	if (me->keys) {
		d.tls_id = me->tls_id;
		d.has_fingerprint = true;
		memcpy(d.fingerprint, me->fingerprint, sizeof(d.fingerprint));
	}
	return d;
}

static struct slice form_fmt(enum vpnsdp_form form)
{
	switch (form) {
	case VPNSDP_FORM_UDP:
		return SLICE("openvpn");
	case VPNSDP_FORM_UDP_OPENVPN:
		return SLICE("*");
	case VPNSDP_FORM_THESIS:
		break;
	}
	return SLICE("0");
}

bool media_offer(const struct media_local *me, enum vpnsdp_form form,
	enum vpnsdp_setup setup, struct sbuf *out)
{
	struct vpnsdp d = media_describe(me);

	d.form = form;
	d.fmt = form_fmt(form);
	d.setup = setup;
	/* who is called assigns, unless the caller's user said otherwise */
	if (me->tun_fixed || setup != VPNSDP_SETUP_ACTPASS) {
		d.local = me->tun_local;
		d.remote = me->tun_remote;
	}
	return vpnsdp_write(&d, out) == VPNSDP_OK;
}

bool media_parse(
	struct slice body, struct vpnsdp *out, struct media_refusal *why)
{
	struct vpnsdp_error at = {VPNSDP_OK, 0, SLICE("")};
	enum vpnsdp_err err = vpnsdp_parse(body, out, &at);

	return err == VPNSDP_OK || refuse_body(why, err, at);
}

bool media_check(enum vpnsdp_err err, struct media_refusal *why)
{
	struct vpnsdp_error nowhere = {err, 0, SLICE("")};

	return err == VPNSDP_OK || refuse_body(why, err, nowhere);
}

static bool group_fits(const struct media_local *me,
	const struct vpnsdp *theirs, struct media_refusal *why)
{
	if (me->group.len == 0 || theirs->vpn_id.len == 0 ||
		slice_eq(me->group, theirs->vpn_id))
		return true;
	return refuse(why, 488, WARN_OTHER, SLICE("not in this VPN group: "),
		theirs->vpn_id);
}

/* RFC 4145 section 4.1: holdconn asks for no connection for the time being. */
static bool wants_tunnel(const struct vpnsdp *theirs, struct media_refusal *why)
{
	return theirs->setup != VPNSDP_SETUP_HOLDCONN ||
	       media_check(VPNSDP_NO_SETUP, why);
}

bool media_offer_fits(const struct media_local *me, const struct vpnsdp *theirs,
	struct media_refusal *why)
{
	return media_check(vpnsdp_check_offer(theirs, me->keys), why) &&
	       wants_tunnel(theirs, why) && group_fits(me, theirs, why);
}

/* Of a list that names several programs ours is the one we answer. */
struct slice media_chosen_fmt(const struct vpnsdp *theirs)
{
	return theirs->form == VPNSDP_FORM_UDP ? form_fmt(theirs->form)
					       : theirs->fmt;
}

bool media_answer(const struct media_local *me, struct slice offer,
	struct sbuf *out, struct tunnel_plan *plan, struct media_refusal *why)
{
	struct vpnsdp theirs;
	struct vpnsdp d = media_describe(me);
	struct tunnel_plan p;
	bool active;

	if (!media_parse(offer, &theirs, why) ||
		!media_offer_fits(me, &theirs, why))
		return false;
	/* passive whenever we may: we listen before the answer leaves */
	active = theirs.setup == VPNSDP_SETUP_PASSIVE;
	if (!media_agree(me, &theirs, active ? TUNNEL_CLIENT : TUNNEL_SERVER,
		    &p, why))
		return false;
	d.form = theirs.form;
	d.fmt = media_chosen_fmt(&theirs);
	d.vpn_id = theirs.vpn_id;
	memcpy(d.media, theirs.media, sizeof(d.media));
	d.n_media = theirs.n_media;
	d.vpn_index = theirs.vpn_index;
	d.setup = active ? VPNSDP_SETUP_ACTIVE : VPNSDP_SETUP_PASSIVE;
	d.local = p.local;
	d.remote = p.remote;
	if (vpnsdp_write(&d, out) != VPNSDP_OK)
		return refuse(why, 488, WARN_OTHER,
			SLICE("SDP has too many media to answer"), SLICE(""));
	*plan = p;
	return true;
}

bool media_conclude(const struct media_local *me, struct slice own_offer,
	struct slice answer, struct tunnel_plan *plan,
	struct media_refusal *why)
{
	struct vpnsdp ours;
	struct vpnsdp theirs;
	bool passive;

	if (answer.len == 0)
		return refuse(why, 488, WARN_MEDIA, SLICE("no SDP"), SLICE(""));
	if (!media_parse(own_offer, &ours, why) ||
		!media_parse(answer, &theirs, why) ||
		!media_check(
			vpnsdp_check_answer(&ours, &theirs, me->keys), why))
		return false;
	passive = theirs.setup != VPNSDP_SETUP_ACTIVE;
	/* without setup= (a program does the work) the called side waits */
	if (theirs.setup == VPNSDP_SETUP_NONE)
		passive = ours.setup != VPNSDP_SETUP_PASSIVE;
	return media_agree(me, &theirs, passive ? TUNNEL_CLIENT : TUNNEL_SERVER,
		plan, why);
}

bool media_unanswered(const struct media_local *me, struct slice offer,
	struct tunnel_plan *plan, struct media_refusal *why)
{
	struct vpnsdp theirs;

	if (offer.len == 0)
		return refuse(why, 488, WARN_MEDIA, SLICE("no SDP"), SLICE(""));
	if (!media_parse(offer, &theirs, why) ||
		!media_check(vpnsdp_check_offer(&theirs, false), why) ||
		!wants_tunnel(&theirs, why) || !group_fits(me, &theirs, why))
		return false;
	if (theirs.local.family == 0)
		return refuse(why, 488, WARN_OTHER,
			SLICE("SDP names no tunnel addresses"), SLICE(""));
	return media_agree(me, &theirs, TUNNEL_CLIENT, plan, why);
}

struct tunnel_plan media_waiting(const struct media_local *me)
{
	struct tunnel_plan p = {
		.role = TUNNEL_SERVER,
		.bind = me->addr,
		.port = me->port,
		.local = me->tun_local,
		.remote = me->tun_remote,
	};

	set_group(&p, me->group);
	return p;
}
