/* call.c - one call and its one tunnel: dispatch, and the standing call. PURE.
 */
#include "core/call_int.h"

#include "core/text.h"

struct call_action *call_act(struct call_acts *a, enum call_action_type type)
{
	struct call_action *one = &a->out[a->n++];

	*one = (struct call_action){.type = type, .text = ""};
	return one;
}

void call_deadline(struct call_acts *a, uint32_t ms)
{
	call_act(a, CALL_SET_DEADLINE)->ms = ms;
}

void call_note(struct call *c, enum call_outcome outcome, struct slice text,
	struct slice more)
{
	if (c->outcome != CALL_OUT_NONE)
		return; /* the first reason is the reason */
	c->outcome = outcome;
	TEXT_JOIN(c->text, sizeof(c->text), text,
		more.len > 0 ? SLICE(": ") : SLICE(""), more);
}

void call_stop_tunnel(struct call *c, struct call_acts *a)
{
	if (c->tunnel && !c->stopping)
		call_act(a, CALL_STOP_TUNNEL);
	c->stopping = c->tunnel;
}

void call_start_tunnel(struct call *c, struct call_acts *a)
{
	call_act(a, CALL_START_TUNNEL);
	c->tunnel = true;
	c->stopping = false;
}

bool call_make_offer(struct call *c, enum vpnsdp_setup setup)
{
	struct sbuf b = sbuf_over(c->sdp, sizeof(c->sdp));

	if (!media_offer(c->me, c->form, setup, &b))
		return false;
	c->sdp_len = b.len;
	return true;
}

static void confirmed(
	struct call *c, const struct call_event *ev, struct call_acts *a)
{
	struct media_refusal why;
	struct slice own = {c->sdp, c->sdp_len};

	c->state = c->up ? CALL_UP : CALL_CONNECTING;
	if (!call_legacy_ack_fits(c, ev->body, &why)) {
		call_note(c, CALL_OUT_BAD_ANSWER, SLICE("unusable answer"),
			text_slice(why.text));
		call_end(c, a);
		return;
	}
	if (c->late && media_on_hold(ev->body)) {
		call_keep_theirs(c, ev->body);
		c->held = true;
	}
	if (c->held)
		c->state = CALL_HELD;
	if (c->late && !c->held) {
		if (!media_conclude(c->me, own, ev->body, &c->plan, &why)) {
			call_note(c, CALL_OUT_BAD_ANSWER,
				SLICE("unusable answer"), text_slice(why.text));
			call_end(c, a);
			return;
		}
		call_keep_theirs(c, ev->body);
		call_start_tunnel(c, a);
	}
	if (c->held)
		call_act(a, CALL_REPORT_CHANGE)->text = "on hold";
	else if (c->up)
		call_act(a, CALL_REPORT_UP);
	else
		call_deadline(a, call_connect_ms(c));
	call_tell(c, ev->token, a);
}

static void tunnel_up(struct call *c, struct call_acts *a)
{
	c->up = true;
	if (c->state != CALL_CONNECTING)
		return; /* the ACK is still on its way */
	c->state = CALL_UP;
	call_deadline(a, 0);
	call_act(a, CALL_REPORT_UP);
}

static void tunnel_ended(
	struct call *c, const struct call_event *ev, struct call_acts *a)
{
	if (call_tunnel_replaced(c, ev, a))
		return;
	if (ev->end == TUNNEL_END_PEER_LEFT && c->state == CALL_UP) {
		/* its BYE takes the long way, through the server */
		call_deadline(a, CALL_BYE_MS);
		return;
	}
	call_note(c, c->up ? CALL_OUT_TUNNEL_ENDED : CALL_OUT_TUNNEL_FAILED,
		text_slice(tunnel_end_text(ev->end)), ev->phrase);
	call_end(c, a);
}

static void deadline_passed(struct call *c, struct call_acts *a)
{
	struct slice left = text_slice(tunnel_end_text(TUNNEL_END_PEER_LEFT));

	if (c->answer_due)
		call_note(c, CALL_OUT_TUNNEL_FAILED,
			SLICE("OpenVPN does not get ready"), SLICE(""));
	else if (c->up && !c->tunnel)
		call_note(c, CALL_OUT_TUNNEL_ENDED, left, SLICE(""));
	call_note_silence(c);
	call_end(c, a);
}

static void standing(
	struct call *c, const struct call_event *ev, struct call_acts *a)
{
	switch (ev->type) {
	case CALL_EV_ACK:
		if (c->state == CALL_ANSWERED)
			confirmed(c, ev, a);
		else if (c->late_again)
			call_reanswered(c, ev, a);
		break;
	case CALL_EV_TUNNEL_LISTENING:
		if (c->answer_due && c->tunnel && !c->stopping)
			call_answer_now(c, ev->token, a);
		break;
	case CALL_EV_TUNNEL_UP:
		if (!c->stopping)
			tunnel_up(c, a);
		break;
	case CALL_EV_TUNNEL_MISFIT:
		c->misfit = c->me->legacy;
		break;
	case CALL_EV_TUNNEL_ENDED:
		tunnel_ended(c, ev, a);
		break;
	case CALL_EV_BYE:
		call_peer_hung_up(c, ev, a);
		break;
	case CALL_EV_REINVITE:
		call_reinvited(c, ev, a);
		break;
	case CALL_EV_CANCEL:
		call_recancelled(c, ev, a);
		break;
	case CALL_EV_REACCEPTED:
	case CALL_EV_REREFUSED:
	case CALL_EV_RETRY:
		call_offer_over(c, ev, a);
		break;
	case CALL_EV_DEADLINE:
		deadline_passed(c, a);
		break;
	case CALL_EV_NO_ACK:
	case CALL_EV_LOST:
	case CALL_EV_HANGUP:
		call_ended(c, ev, a);
		break;
	default:
		break;
	}
}

void call_init(struct call *c, const struct media_local *me)
{
	memset(c, 0, sizeof(*c));
	c->form = VPNSDP_FORM_THESIS;
	c->me = me;
}

/* A call that is not dialled yet may be given up, too. */
static void idle(
	struct call *c, const struct call_event *ev, struct call_acts *a)
{
	switch (ev->type) {
	case CALL_EV_DIAL:
		call_dial(c, a);
		break;
	case CALL_EV_INVITE:
		call_invited(c, ev, a);
		break;
	case CALL_EV_HANGUP:
		call_note(c, CALL_OUT_CANCELLED, SLICE("given up"), SLICE(""));
		call_over(c, a);
		break;
	case CALL_EV_NO_RESPONSE:
		call_note(c, CALL_OUT_NO_RESPONSE, ev->phrase, SLICE(""));
		call_over(c, a);
		break;
	case CALL_EV_AUTH_FAILED:
		call_note(c, CALL_OUT_AUTH_FAILED, ev->phrase, SLICE(""));
		call_over(c, a);
		break;
	default:
		break;
	}
}

size_t call_step(struct call *c, const struct call_event *ev,
	struct call_action out[static CALL_MAX_ACTIONS])
{
	struct call_acts a = {out, 0};

	call_wish(c, ev, &a);
	switch (c->state) {
	case CALL_IDLE:
		idle(c, ev, &a);
		break;
	case CALL_INVITING:
	case CALL_PROCEEDING:
	case CALL_CANCELLING:
		call_caller_step(c, ev, &a);
		break;
	case CALL_ANSWERING:
		call_answering(c, ev, &a);
		break;
	case CALL_ANSWERED:
	case CALL_CONNECTING:
	case CALL_UP:
	case CALL_HELD:
		standing(c, ev, &a);
		break;
	case CALL_ENDING:
		call_ending(c, ev, &a);
		break;
	case CALL_OVER:
		break;
	}
	return a.n;
}

const char *call_state_name(enum call_state state)
{
	static const char *const names[] = {"idle", "inviting", "proceeding",
		"cancelling", "answering", "answered", "connecting", "up",
		"held", "ending", "over"};

	return names[state];
}
