/*
 * call_legacy.c - with a peer of the thesis's kind: the offer is in the 200,
 * and there is no answer to it. PURE.
 */
#include "core/call_int.h"

uint32_t call_connect_ms(const struct call *c)
{
	return c->me->legacy ? CALL_LEGACY_CONNECT_MS : CALL_CONNECT_MS;
}

void call_note_silence(struct call *c)
{
	struct slice what = SLICE("nothing came from the peer's OpenVPN");
	struct slice more = SLICE("");

	if (c->misfit)
		what = SLICE("what came from the peer's OpenVPN does not fit "
			     "our static key");
	else if (c->me->legacy)
		more = SLICE("its static key may be another one");
	call_note(c, CALL_OUT_TUNNEL_FAILED, what, more);
	c->silent = true;
}

void call_legacy_dial(struct call *c, struct call_acts *a)
{
	call_act(a, CALL_SEND_INVITE);
	c->state = CALL_INVITING;
}

/*
 * Nothing that the ACK could say is needed: we wait for whoever has the key.
 * So we listen before the 200 leaves, as with an early offer.
 */
void call_legacy_invited(struct call *c, struct call_acts *a)
{
	if (!call_make_offer(c, VPNSDP_SETUP_NONE)) {
		call_note(c, CALL_OUT_WE_REFUSED, SLICE("offer does not fit"),
			SLICE(""));
		call_refuse(c, a, 500, 0);
		return;
	}
	c->plan = media_waiting(c->me);
	call_act(a, CALL_SEND_PROGRESS);
	call_act(a, CALL_SEND_RINGING);
	call_start_tunnel(c, a);
	c->state = CALL_ANSWERING;
	call_deadline(a, CALL_LISTEN_MS);
}

bool call_legacy_ack_fits(
	const struct call *c, struct slice body, struct media_refusal *why)
{
	struct slice own = {c->sdp, c->sdp_len};
	struct tunnel_plan unused;
	bool ours = !c->caller && !c->late && c->theirs_len == 0;

	if (!c->me->legacy || !ours || body.len == 0)
		return true;
	return media_conclude(c->me, own, body, &unused, why);
}
