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

void call_stop_tunnel(struct call *c, struct call_acts *a)
{
	if (c->tunnel && !c->stopping)
		call_act(a, CALL_STOP_TUNNEL);
	c->stopping = c->tunnel;
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

static void peer_hung_up(
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

static void deadline_passed(struct call *c, struct call_acts *a)
{
	struct slice left = text_slice(tunnel_end_text(TUNNEL_END_PEER_LEFT));

	if (c->answer_due)
		call_note(c, CALL_OUT_TUNNEL_FAILED,
			SLICE("OpenVPN does not get ready"), SLICE(""));
	else if (c->up && !c->tunnel)
		call_note(c, CALL_OUT_TUNNEL_ENDED, left, SLICE(""));
	call_note(c, CALL_OUT_TUNNEL_FAILED,
		SLICE("nothing came from the peer's OpenVPN"), SLICE(""));
	call_end(c, a);
}

/* What only ends a call. */
static void ended(
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
	case CALL_EV_TUNNEL_ENDED:
		tunnel_ended(c, ev, a);
		break;
	case CALL_EV_BYE:
		peer_hung_up(c, ev, a);
		break;
	case CALL_EV_REINVITE:
		call_reinvited(c, ev, a);
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
		ended(c, ev, a);
		break;
	default:
		break;
	}
}

static void ending(
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
		ending(c, ev, &a);
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
