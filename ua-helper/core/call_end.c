/* call_end.c - how a call ends: BYE, refusal, and what is still owed. PURE. */
#include "core/call_int.h"

#include "core/text.h"

void call_over(struct call *c, struct call_acts *a)
{
	c->state = CALL_OVER;
	call_act(a, CALL_REPORT_OVER);
}

/* Over as soon as neither BYE nor tunnel is outstanding. */
static void maybe_over(struct call *c, struct call_acts *a)
{
	if (!c->bye_waits && !c->bye_due && !c->tunnel)
		call_over(c, a);
}

/* The status that our BYE's Reason header mirrors (RFC 3326). */
static uint16_t reason_status(const struct call *c)
{
	switch (c->outcome) {
	case CALL_OUT_BAD_ANSWER:
		return 488;
	case CALL_OUT_TUNNEL_FAILED:
	case CALL_OUT_TUNNEL_ENDED:
		return 500;
	case CALL_OUT_NO_RESPONSE:
	case CALL_OUT_LOST:
		return 408;
	default:
		return 200;
	}
}

static void send_bye(struct call *c, struct call_acts *a)
{
	struct call_action *bye = call_act(a, CALL_SEND_BYE);

	bye->status = reason_status(c);
	bye->text = c->text;
	c->bye_waits = true;
	c->bye_due = false;
}

/* End a call whose dialog stands: BYE now, or once the ACK has come. */
void call_end(struct call *c, struct call_acts *a)
{
	bool must_wait = c->state == CALL_ANSWERED;

	c->restart = false;
	if (c->answer_due) {
		c->answer_due = false;
		call_refuse_reinvite(a, 500, 399, c->text);
	}
	call_stop_tunnel(c, a);
	if (must_wait) {
		c->bye_due = true; /* ACK, or NO_ACK after 32 s, will come */
		c->state = CALL_ENDING;
		/* who leaves does not wait that long */
		c->hangup_waits = c->outcome == CALL_OUT_HUNG_UP;
		call_deadline(a, c->hangup_waits ? CALL_ACK_MS : 0);
		return;
	}
	send_bye(c, a);
	c->state = CALL_ENDING;
	call_deadline(a, CALL_ENDING_MS);
}

/* A callee that has not answered yet turns the call down. */
void call_refuse(
	struct call *c, struct call_acts *a, uint16_t status, uint16_t warning)
{
	struct call_action *no = call_act(a, CALL_SEND_REFUSAL);

	no->status = status;
	no->warning = warning;
	no->text = c->text;
	call_stop_tunnel(c, a);
	c->state = CALL_ENDING;
	call_deadline(a, c->tunnel ? CALL_ENDING_MS : 0);
	maybe_over(c, a);
}

void call_peer_hung_up(
	struct call *c, const struct call_event *ev, struct call_acts *a)
{
	call_note(c, CALL_OUT_PEER_HUNG_UP, SLICE("the peer hung up"),
		ev->phrase);
	if (c->answer_due) /* RFC 3261 section 15.1.2 */
		call_refuse_reinvite(a, 487, 0, c->text);
	c->answer_due = false;
	c->restart = false;
	call_stop_tunnel(c, a);
	c->state = CALL_ENDING;
	call_deadline(a, CALL_ENDING_MS);
	maybe_over(c, a);
}

void call_ended(
	struct call *c, const struct call_event *ev, struct call_acts *a)
{
	switch (ev->type) {
	case CALL_EV_NO_ACK:
		call_note(c, CALL_OUT_NO_RESPONSE,
			SLICE("our answer was never acknowledged"), SLICE(""));
		if (c->state == CALL_ANSWERED)
			c->state = CALL_CONNECTING; /* BYE may go */
		break;
	case CALL_EV_LOST:
		call_note(c, CALL_OUT_LOST, ev->phrase, SLICE(""));
		break;
	default:
		call_note(c, CALL_OUT_HUNG_UP, SLICE("hung up"), SLICE(""));
		break;
	}
	call_end(c, a);
}

void call_ending(
	struct call *c, const struct call_event *ev, struct call_acts *a)
{
	switch (ev->type) {
	case CALL_EV_TUNNEL_ENDED:
		c->tunnel = false;
		c->stopping = false;
		maybe_over(c, a);
		break;
	case CALL_EV_ACK:
	case CALL_EV_NO_ACK:
		if (!c->bye_due)
			break;
		send_bye(c, a);
		call_deadline(a, CALL_ENDING_MS);
		break;
	case CALL_EV_BYE:
		if (c->bye_due && c->tunnel)
			call_deadline(a, CALL_ENDING_MS);
		c->bye_due = false;
		c->bye_waits = false;
		maybe_over(c, a);
		break;
	case CALL_EV_REINVITE:
		/* the dialog is as good as gone (sections 12.2.2, 15.1.1) */
		call_refuse_reinvite(a, 481, 0, "the call is ending");
		break;
	case CALL_EV_BYE_DONE:
		c->bye_waits = false;
		maybe_over(c, a);
		break;
	case CALL_EV_HANGUP:
		if (c->bye_due && !c->hangup_waits)
			call_deadline(a, CALL_ACK_MS);
		c->hangup_waits = c->bye_due;
		break;
	case CALL_EV_DEADLINE:
		/* section 15 wants 32 s of waiting for the ACK: a BYE that
		 * may come too early does less harm than none */
		if (c->bye_due) {
			send_bye(c, a);
			call_deadline(a, CALL_ENDING_MS);
			break;
		}
		call_over(c, a);
		break;
	default:
		break;
	}
}
