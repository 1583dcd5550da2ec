/* call_callee.c - from the INVITE to our 200. PURE. */
#include "core/call_int.h"

#include "core/text.h"

static void invited_late(struct call *c, struct call_acts *a)
{
	/* with certificates our offer must say "you listen": only the ACK
	 * tells us whose certificate to let in */
	enum vpnsdp_setup setup =
		c->me->keys ? VPNSDP_SETUP_ACTIVE : VPNSDP_SETUP_PASSIVE;

	if (c->me->legacy) {
		call_legacy_invited(c, a);
		return;
	}
	c->late = true;
	if (!call_make_offer(c, setup)) {
		call_note(c, CALL_OUT_WE_REFUSED, SLICE("offer does not fit"),
			SLICE(""));
		call_refuse(c, a, 500, 0);
		return;
	}
	call_act(a, CALL_SEND_ANSWER);
	c->state = CALL_ANSWERED;
}

/* A call without a tunnel until somebody resumes it. */
static void invited_on_hold(
	struct call *c, const struct call_event *ev, struct call_acts *a)
{
	const struct media_state nothing = {.own = SLICE("")};
	struct sbuf b = sbuf_over(c->sdp, sizeof(c->sdp));
	struct media_refusal why;
	struct media_outcome outcome = {.change = MEDIA_HOLD};

	if (!media_answer_again(
		    c->me, &nothing, ev->body, &b, &outcome, &why)) {
		call_note(c, CALL_OUT_WE_REFUSED, text_slice(why.text),
			SLICE(""));
		call_refuse(c, a, why.status, why.warning);
		return;
	}
	c->sdp_len = b.len;
	c->plan = outcome.plan;
	c->held = true;
	call_keep_theirs(c, ev->body);
	call_act(a, CALL_SEND_ANSWER);
	c->state = CALL_ANSWERED;
}

void call_invited(
	struct call *c, const struct call_event *ev, struct call_acts *a)
{
	struct media_refusal why;
	struct sbuf b = sbuf_over(c->sdp, sizeof(c->sdp));

	if (ev->body.len == 0) {
		invited_late(c, a);
		return;
	}
	if (media_on_hold(ev->body)) {
		invited_on_hold(c, ev, a);
		return;
	}
	if (!media_answer(c->me, ev->body, &b, &c->plan, &why)) {
		call_note(c, CALL_OUT_WE_REFUSED, text_slice(why.text),
			SLICE(""));
		call_refuse(c, a, why.status, why.warning);
		return;
	}
	c->sdp_len = b.len;
	call_keep_theirs(c, ev->body);
	call_act(a, CALL_SEND_RINGING);
	call_start_tunnel(c, a);
	if (c->plan.role == TUNNEL_CLIENT) {
		/* who offered passive listens already */
		call_act(a, CALL_SEND_ANSWER);
		c->state = CALL_ANSWERED;
		return;
	}
	c->state = CALL_ANSWERING;
	call_deadline(a, CALL_LISTEN_MS);
}

void call_answering(
	struct call *c, const struct call_event *ev, struct call_acts *a)
{
	switch (ev->type) {
	case CALL_EV_TUNNEL_LISTENING:
		call_act(a, CALL_SEND_ANSWER);
		c->state = CALL_ANSWERED;
		call_deadline(a, 0);
		break;
	case CALL_EV_TUNNEL_ENDED:
		c->tunnel = false;
		call_note(c, CALL_OUT_TUNNEL_FAILED,
			text_slice(tunnel_end_text(ev->end)), ev->phrase);
		call_refuse(c, a, 500, 399);
		break;
	case CALL_EV_DEADLINE:
		call_note(c, CALL_OUT_TUNNEL_FAILED,
			SLICE("OpenVPN does not get ready"), SLICE(""));
		call_refuse(c, a, 500, 399);
		break;
	case CALL_EV_CANCEL:
		call_note(c, CALL_OUT_CANCELLED,
			SLICE("cancelled by the caller"), SLICE(""));
		call_refuse(c, a, 487, 0);
		break;
	case CALL_EV_BYE:
		/* RFC 3261 section 15.1.2: what is still open gets 487 */
		call_note(c, CALL_OUT_PEER_HUNG_UP, SLICE("the peer hung up"),
			ev->phrase);
		call_refuse(c, a, 487, 0);
		break;
	case CALL_EV_HANGUP:
		call_note(c, CALL_OUT_HUNG_UP, SLICE("going away"), SLICE(""));
		call_refuse(c, a, 480, 0);
		break;
	default:
		break;
	}
}
