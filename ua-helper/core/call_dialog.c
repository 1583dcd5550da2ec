/* call_dialog.c - offers once the dialog stands: hold, resume, another
 * endpoint, refresh; the peer's and ours. PURE.
 */
#include "core/call_int.h"

#include "core/text.h"

void call_keep_theirs(struct call *c, struct slice body)
{
	c->theirs_len = 0;
	if (body.len == 0 || body.len > sizeof(c->theirs))
		return; /* then no refresh is known by it */
	memcpy(c->theirs, body.p, body.len);
	c->theirs_len = body.len;
}

void call_refuse_reinvite(struct call_acts *a, uint16_t status,
	uint16_t warning, const char *text)
{
	struct call_action *no = call_act(a, CALL_REFUSE_REINVITE);

	no->status = status;
	no->warning = warning;
	no->text = text;
}

static struct media_state now(const struct call *c)
{
	return (struct media_state){
		.own = {c->sdp, c->sdp_len},
		.theirs = {c->theirs, c->theirs_len},
		.held = c->held,
		.hold = c->hold,
	};
}

static struct media_local fresh(const struct call *c, struct slice token)
{
	struct media_local me = *c->me;

	if (token.len > 0)
		me.tls_id = token;
	return me;
}

/* c->next, our offer by now, has been said. */
static void next_is_said(struct call *c)
{
	memcpy(c->sdp, c->next, c->next_len);
	c->sdp_len = c->next_len;
}

/* --- the tunnel ----------------------------------------------------------- */

static void hold(struct call *c, struct call_acts *a)
{
	if (!c->held)
		call_act(a, CALL_REPORT_CHANGE)->text = "on hold";
	c->held = true;
	c->restart = false;
	c->up = false;
	call_stop_tunnel(c, a);
	c->state = CALL_HELD;
	call_deadline(a, 0);
}

void call_answer_now(struct call *c, struct slice token, struct call_acts *a)
{
	c->answer_due = false;
	call_act(a, CALL_ANSWER_REINVITE);
	call_deadline(a, CALL_CONNECT_MS);
	call_tell(c, token, a);
}

/* The tunnel by c->plan; before its answer leaves, a server listens. */
static void start(struct call *c, struct slice token, struct call_acts *a)
{
	c->restart = false;
	call_start_tunnel(c, a);
	if (c->answer_due && c->plan.role == TUNNEL_CLIENT)
		call_answer_now(c, token, a);
	else if (!c->answer_due)
		call_deadline(a, CALL_CONNECT_MS);
}

static void restart(struct call *c, struct slice token, struct call_acts *a)
{
	call_act(a, CALL_REPORT_CHANGE)->text = "the tunnel starts again";
	c->held = false;
	c->up = false;
	c->state = CALL_CONNECTING;
	call_deadline(a, CALL_RESTART_MS);
	call_stop_tunnel(c, a);
	if (c->tunnel)
		c->restart = true;
	else
		start(c, token, a);
}

bool call_tunnel_replaced(
	struct call *c, const struct call_event *ev, struct call_acts *a)
{
	bool ours = c->stopping;

	c->tunnel = false;
	c->stopping = false;
	if (c->restart) {
		start(c, ev->token, a);
		return true;
	}
	if (c->held || ours)
		return true;
	/* our offer made the peer end its own: what comes of the offer counts
	 */
	return c->offer_out && ev->end == TUNNEL_END_PEER_LEFT;
}

/* --- the peer's offers ---------------------------------------------------- */

static void carry_out(struct call *c, enum media_change change,
	struct slice token, struct call_acts *a)
{
	switch (change) {
	case MEDIA_KEEP:
		break;
	case MEDIA_HOLD:
		hold(c, a);
		break;
	case MEDIA_RESTART:
		restart(c, token, a);
		break;
	}
}

/* A re-INVITE without SDP: our offer is in the 200, theirs in the ACK. */
static void reinvited_late(
	struct call *c, const struct call_event *ev, struct call_acts *a)
{
	struct media_state state = now(c);
	struct media_local me = fresh(c, ev->token);
	struct sbuf b = sbuf_over(c->next, sizeof(c->next));

	/* the tunnel stands, or our user wants none: the same once more */
	if (c->held && !c->hold) {
		if (!media_offer_again(&me, &state, &c->plan,
			    VPNSDP_SETUP_ACTIVE, true, &b)) {
			call_refuse_reinvite(a, 500, 0, "offer does not fit");
			return;
		}
		c->next_len = b.len;
		next_is_said(c);
	}
	c->late_again = true;
	call_act(a, CALL_ANSWER_REINVITE);
}

static void remember(struct call *c)
{
	struct call_before *b = &c->before;

	memcpy(b->sdp, c->sdp, c->sdp_len);
	b->sdp_len = c->sdp_len;
	memcpy(b->theirs, c->theirs, c->theirs_len);
	b->theirs_len = c->theirs_len;
	b->plan = c->plan;
	b->held = c->held;
	b->wish = c->wish;
}

void call_recancelled(
	struct call *c, const struct call_event *ev, struct call_acts *a)
{
	const struct call_before *b = &c->before;

	if (!c->answer_due)
		return; /* our 200 was faster (RFC 3261 section 9.2) */
	c->answer_due = false;
	call_refuse_reinvite(a, 487, 0, "cancelled");
	memcpy(c->sdp, b->sdp, b->sdp_len);
	c->sdp_len = b->sdp_len;
	memcpy(c->theirs, b->theirs, b->theirs_len);
	c->theirs_len = b->theirs_len;
	c->plan = b->plan;
	c->wish |= b->wish;
	if (b->held)
		hold(c, a);
	else
		restart(c, ev->token, a); /* its tunnel was told to end */
	call_tell(c, ev->token, a);
}

void call_reinvited(
	struct call *c, const struct call_event *ev, struct call_acts *a)
{
	struct media_state state = now(c);
	struct media_local me = fresh(c, ev->token);
	struct sbuf b = sbuf_over(c->next, sizeof(c->next));
	struct media_outcome outcome = {.plan = c->plan};
	struct media_refusal why;

	if (c->state == CALL_ANSWERED || c->answer_due || c->late_again) {
		call_refuse_reinvite(a, 500, 0, "an offer is open already");
		return;
	}
	if (c->sdp_len == 0) {
		/* we called a peer of 2007, which was told nothing of ours */
		call_refuse_reinvite(a, 488, 399, "the tunnel is as it is");
		return;
	}
	if (ev->body.len == 0) {
		reinvited_late(c, ev, a);
		return;
	}
	if (!media_answer_again(&me, &state, ev->body, &b, &outcome, &why)) {
		TEXT_JOIN(c->why, sizeof(c->why), text_slice(why.text));
		call_refuse_reinvite(a, why.status, why.warning, c->why);
		return;
	}
	remember(c);
	c->next_len = b.len;
	next_is_said(c);
	call_keep_theirs(c, ev->body);
	c->plan = outcome.plan;
	c->answer_due = outcome.change == MEDIA_RESTART;
	if (outcome.change == MEDIA_RESTART) /* the answer tells it all */
		c->wish &= ~(unsigned)(CALL_WISH_MOVED | CALL_WISH_RESUME);
	if (outcome.change != MEDIA_RESTART)
		call_act(a, CALL_ANSWER_REINVITE);
	carry_out(c, outcome.change, ev->token, a);
}

/* Take the answer to the offer that is c->sdp or c->next. */
static void concluded(struct call *c, const struct call_event *ev,
	struct slice offer, struct call_acts *a)
{
	struct media_state state = now(c);
	struct media_outcome outcome = {.plan = c->plan};
	struct media_refusal why;

	if (!media_conclude_again(
		    c->me, &state, offer, ev->body, &outcome, &why)) {
		call_note(c, CALL_OUT_BAD_ANSWER, SLICE("unusable answer"),
			text_slice(why.text));
		call_end(c, a);
		return;
	}
	call_keep_theirs(c, ev->body);
	c->plan = outcome.plan;
	if (offer.p == c->next)
		next_is_said(c);
	if (outcome.change == MEDIA_KEEP && c->stopping)
		outcome.change = MEDIA_RESTART; /* moved, and back again */
	carry_out(c, outcome.change, ev->token, a);
	if (outcome.change == MEDIA_KEEP &&
		!c->tunnel) /* the peer has left it */
		call_deadline(a, CALL_BYE_MS);
	call_tell(c, ev->token, a);
}

void call_reanswered(
	struct call *c, const struct call_event *ev, struct call_acts *a)
{
	c->late_again = false;
	concluded(c, ev, (struct slice){c->sdp, c->sdp_len}, a);
}

/* --- ours ----------------------------------------------------------------- */

static bool may_offer(const struct call *c)
{
	bool stands = c->state == CALL_CONNECTING || c->state == CALL_UP ||
		      c->state == CALL_HELD;

	return stands && !c->offer_out && !c->answer_due && !c->late_again;
}

/* Write the offer that tells the wishes. */
static bool make_next(struct call *c, struct slice token)
{
	bool changes = (c->wish & ~(unsigned)CALL_WISH_REFRESH) != 0;
	struct media_state state = now(c);
	struct media_local me = fresh(c, token);
	struct sbuf b = sbuf_over(c->next, sizeof(c->next));

	if (!changes) {
		memcpy(c->next, c->sdp, c->sdp_len);
		c->next_len = c->sdp_len;
		return true;
	}
	if (!media_offer_again(
		    &me, &state, &c->plan, VPNSDP_SETUP_ACTPASS, !c->hold, &b))
		return false;
	c->next_len = b.len;
	return true;
}

void call_tell(struct call *c, struct slice token, struct call_acts *a)
{
	if (c->wish == 0 || !may_offer(c))
		return;
	if (!make_next(c, token)) {
		c->wish = 0; /* longer than our first one: cannot be */
		return;
	}
	/* where we were nothing arrives any more */
	if (c->wish & CALL_WISH_MOVED) {
		call_stop_tunnel(c, a);
		call_deadline(a, 0);
	}
	c->offer_out = true;
	c->asked = c->wish;
	call_act(a, CALL_SEND_REINVITE);
}

void call_wish(struct call *c, const struct call_event *ev, struct call_acts *a)
{
	if (c->state == CALL_IDLE || c->state >= CALL_ENDING)
		return;
	if (c->me->legacy)
		return; /* the program of 2007 knows no second offer */
	switch (ev->type) {
	case CALL_EV_MOVED:
		c->wish |= CALL_WISH_MOVED;
		c->asked &= ~(unsigned)CALL_WISH_MOVED; /* that was before */
		break;
	case CALL_EV_HOLD:
		c->hold = true;
		c->wish &= ~(unsigned)CALL_WISH_RESUME;
		c->wish |= CALL_WISH_HOLD;
		break;
	case CALL_EV_RESUME:
		c->hold = false;
		c->wish &= ~(unsigned)CALL_WISH_HOLD;
		c->wish |= CALL_WISH_RESUME;
		break;
	case CALL_EV_REFRESH:
		c->wish |= CALL_WISH_REFRESH;
		break;
	default:
		return;
	}
	call_tell(c, ev->token, a);
}

/* The peer will not have it. */
static void declined(
	struct call *c, const struct call_event *ev, struct call_acts *a)
{
	c->wish &= ~c->asked;
	if (c->asked & CALL_WISH_HOLD)
		c->hold = c->held;
	if ((c->asked & CALL_WISH_MOVED) && !c->held) {
		call_note(c, CALL_OUT_TUNNEL_ENDED,
			SLICE("the peer does not take our new address"),
			ev->phrase);
		call_end(c, a);
		return;
	}
	if (!c->tunnel && !c->held) {
		call_note(c, CALL_OUT_TUNNEL_ENDED,
			text_slice(tunnel_end_text(TUNNEL_END_PEER_LEFT)),
			SLICE(""));
		call_end(c, a);
		return;
	}
	if (c->asked != CALL_WISH_REFRESH)
		call_act(a, CALL_REPORT_CHANGE)->text =
			"the peer refuses the change";
	call_tell(c, ev->token, a);
}

void call_offer_over(
	struct call *c, const struct call_event *ev, struct call_acts *a)
{
	if (!c->offer_out)
		return;
	c->offer_out = false;
	switch (ev->type) {
	case CALL_EV_REACCEPTED:
		c->wish &= ~c->asked;
		concluded(c, ev, (struct slice){c->next, c->next_len}, a);
		break;
	case CALL_EV_REREFUSED:
		declined(c, ev, a);
		break;
	default:
		/* the peer has left the tunnel: its BYE, or another offer */
		if (c->state == CALL_UP && !c->tunnel)
			call_deadline(a, CALL_BYE_MS);
		call_tell(c, ev->token, a);
		break;
	}
}
