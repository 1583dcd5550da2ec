/* call_caller.c - from dialling to the answer. PURE. */
#include "core/call_int.h"

#include "core/text.h"

void call_dial(struct call *c, struct call_acts *a)
{
	c->caller = true;
	if (c->me->legacy) {
		call_legacy_dial(c, a);
		return;
	}
	if (!call_make_offer(c, VPNSDP_SETUP_ACTPASS)) {
		call_note(c, CALL_OUT_BAD_ANSWER, SLICE("offer does not fit"),
			SLICE(""));
		call_over(c, a);
		return;
	}
	call_act(a, CALL_SEND_INVITE);
	c->state = CALL_INVITING;
}

/* What the 200 holds: the answer to our offer, or a legacy peer's offer. */
static bool conclude(
	struct call *c, struct slice body, struct media_refusal *why)
{
	struct slice own = {c->sdp, c->sdp_len};

	if (c->me->legacy)
		return media_unanswered(c->me, body, &c->plan, why);
	return media_conclude(c->me, own, body, &c->plan, why);
}

/* A callee that wants no tunnel for now. */
static void accepted_on_hold(
	struct call *c, const struct call_event *ev, struct call_acts *a)
{
	call_keep_theirs(c, ev->body);
	c->held = true;
	c->state = CALL_HELD;
	call_deadline(a, 0);
	call_act(a, CALL_REPORT_CHANGE)->text = "on hold";
	call_tell(c, ev->token, a);
}

/* This one is no use; of a forked call, another one may be on its way. */
static void unusable(
	struct call *c, const struct media_refusal *why, struct call_acts *a)
{
	struct call_action *drop;

	call_note(c, CALL_OUT_BAD_ANSWER, SLICE("unusable answer"),
		text_slice(why->text));
	drop = call_act(a, CALL_DROP_FORK);
	drop->status = 488;
	drop->text = c->text;
	c->state = CALL_PROCEEDING;
	c->fork_waits = true;
	call_deadline(a, CALL_FORK_MS);
}

static void of_use(struct call *c)
{
	if (!c->fork_waits)
		return;
	c->fork_waits = false;
	c->outcome = CALL_OUT_NONE;
	c->text[0] = '\0';
}

static void accepted(
	struct call *c, const struct call_event *ev, struct call_acts *a)
{
	struct media_refusal why;

	call_act(a, CALL_SEND_ACK);
	if (c->state == CALL_CANCELLING || c->hangup_waits) {
		/* our CANCEL came too late (section 9.1): end it properly */
		c->state = CALL_CONNECTING;
		call_end(c, a);
		return;
	}
	c->state = CALL_CONNECTING;
	if (media_on_hold(ev->body)) {
		of_use(c);
		accepted_on_hold(c, ev, a);
		return;
	}
	if (!conclude(c, ev->body, &why)) {
		unusable(c, &why, a);
		return;
	}
	of_use(c);
	call_keep_theirs(c, ev->body);
	call_start_tunnel(c, a);
	call_deadline(a, call_connect_ms(c));
	call_tell(c, ev->token, a);
}

/*
 * Strict parsers refuse "application/vpn": '/' is no token character
 * (RFC 8866 section 9). One more try in the form of RFC 6193, unless the
 * peer told us another reason (399).
 */
static bool try_other_form(
	struct call *c, const struct call_event *ev, struct call_acts *a)
{
	bool syntax =
		ev->status == 400 || ev->status == 415 || ev->status == 488;

	if (!syntax || ev->warning == 399 || c->me->legacy ||
		c->form != VPNSDP_FORM_THESIS || c->state == CALL_CANCELLING ||
		c->hangup_waits)
		return false;
	c->form = VPNSDP_FORM_UDP;
	if (!call_make_offer(c, VPNSDP_SETUP_ACTPASS))
		return false;
	call_act(a, CALL_SEND_INVITE);
	c->state = CALL_INVITING;
	call_deadline(a, 0);
	return true;
}

/* What the user gets to know beside the phrase, which says little. */
static struct slice refusal_detail(const struct call_event *ev)
{
	if (ev->detail.len > 0)
		return ev->detail;
	if (ev->warning != 399 && (ev->status == 488 || ev->status == 415))
		return SLICE("no VPN is taken there, it may be a phone");
	return SLICE("");
}

static void cancel(struct call *c, struct call_acts *a)
{
	call_act(a, CALL_SEND_CANCEL);
	c->state = CALL_CANCELLING;
	call_deadline(a, CALL_ENDING_MS);
}

/* The INVITE has been answered; only what an answer was good for is open. */
static void waiting_for_fork(
	struct call *c, const struct call_event *ev, struct call_acts *a)
{
	if (ev->type == CALL_EV_ACCEPTED)
		accepted(c, ev, a);
	else if (ev->type == CALL_EV_DEADLINE || ev->type == CALL_EV_HANGUP)
		call_over(c, a);
}

void call_caller_step(
	struct call *c, const struct call_event *ev, struct call_acts *a)
{
	if (c->fork_waits) {
		waiting_for_fork(c, ev, a);
		return;
	}
	switch (ev->type) {
	case CALL_EV_PROVISIONAL:
		if (c->state != CALL_INVITING)
			break;
		c->state = CALL_PROCEEDING;
		if (c->hangup_waits)
			cancel(c, a);
		else
			call_deadline(a, CALL_RING_MS);
		break;
	case CALL_EV_ACCEPTED:
		accepted(c, ev, a);
		break;
	case CALL_EV_REFUSED:
		if (try_other_form(c, ev, a))
			break;
		c->status = ev->status;
		call_note(c, CALL_OUT_REFUSED, ev->phrase, refusal_detail(ev));
		call_over(c, a);
		break;
	case CALL_EV_AUTH_FAILED:
		call_note(c, CALL_OUT_AUTH_FAILED, ev->phrase, SLICE(""));
		call_over(c, a);
		break;
	case CALL_EV_NO_RESPONSE:
		call_note(c, CALL_OUT_NO_RESPONSE, ev->phrase, SLICE(""));
		call_over(c, a);
		break;
	case CALL_EV_HANGUP:
		call_note(c, CALL_OUT_CANCELLED,
			SLICE("given up before an answer"), SLICE(""));
		if (c->state == CALL_PROCEEDING) {
			cancel(c, a);
		} else if (c->state == CALL_INVITING && !c->hangup_waits) {
			c->hangup_waits = true;
			call_deadline(a, CALL_ENDING_MS);
		}
		break;
	case CALL_EV_DEADLINE:
		if (c->state == CALL_PROCEEDING) {
			call_note(c, CALL_OUT_NO_RESPONSE,
				SLICE("no answer within three minutes"),
				SLICE(""));
			cancel(c, a);
		} else {
			call_over(c, a);
		}
		break;
	default:
		break;
	}
}
