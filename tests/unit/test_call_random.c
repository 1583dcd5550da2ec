/*
 * test_call_random.c - what holds for every call, whatever comes in whatever
 * order. Rule: fixed seeds, so that a failure comes back.
 */
#include "call_table.h"

#define WILD_CALLS 200000
#define LIKELY_CALLS 200000
#define MAX_FACTS 24 /* before we hang up */
#define MAX_DRAIN 12 /* facts that it then takes at most */

/* What the world around one call looks like, judged by the actions alone. */
struct world {
	struct call c;
	uint64_t random;
	bool invite_out; /* ours, without a final answer */
	bool heard;      /* it got a provisional one */
	bool invited;    /* theirs, without a final answer of ours */
	bool unacked;    /* our 200 is out */
	bool dialog;     /* a BYE of ours is allowed */
	bool bye_out, timer;
	bool tunnel, listens, came_up;
	bool told;      /* the tunnel that is there has been told to end */
	bool offer_out; /* our re-INVITE */
	bool offer_in;  /* the peer's, without our answer */
	int byes, overs, invites;
	enum call_event_type trail[MAX_FACTS + MAX_DRAIN + 2];
	size_t n_trail;
};

static uint64_t next(struct world *w)
{
	w->random ^= w->random << 13; /* xorshift64 */
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return w->random;
}

static void broken(const struct world *w, const char *rule)
{
	print_message("facts:");
	for (size_t i = 0; i < w->n_trail; i++)
		print_message(" %d", w->trail[i]);
	fail_msg("%s (state %s)", rule, call_state_name(w->c.state));
}
#define HOLDS(ok)                                                              \
	do {                                                                   \
		if (!(ok))                                                     \
			broken(w, #ok);                                        \
	} while (0)

static void sent(struct world *w, const struct call_action *a)
{
	switch (a->type) {
	case CALL_SEND_INVITE:
		HOLDS(!w->invite_out && w->invites < 2);
		w->invites++;
		w->invite_out = true;
		w->heard = false;
		break;
	case CALL_SEND_CANCEL:
		HOLDS(w->invite_out && w->heard);
		break;
	case CALL_SEND_ACK:
		HOLDS(!w->dialog && w->invites > 0);
		w->dialog = true;
		break;
	case CALL_SEND_PROGRESS:
	case CALL_SEND_RINGING:
		HOLDS(w->invited);
		break;
	case CALL_SEND_ANSWER:
		HOLDS(w->invited && w->c.sdp_len > 0);
		w->invited = false;
		w->unacked = true;
		break;
	case CALL_SEND_REFUSAL:
		HOLDS(w->invited && a->status >= 400 && a->status < 600);
		w->invited = false;
		break;
	case CALL_DROP_FORK:
		HOLDS(w->dialog && w->byes == 0 && !w->tunnel);
		w->dialog = false;
		break;
	case CALL_SEND_BYE:
		HOLDS(w->dialog && w->byes == 0);
		w->byes++;
		w->bye_out = true;
		break;
	case CALL_ANSWER_REINVITE:
		HOLDS(w->offer_in && w->c.sdp_len > 0);
		w->offer_in = false;
		w->unacked = true;
		break;
	case CALL_REFUSE_REINVITE:
		HOLDS(w->offer_in && a->status >= 400 && a->status < 600);
		w->offer_in = false;
		break;
	case CALL_SEND_REINVITE:
		HOLDS(w->dialog && !w->offer_out && !w->offer_in);
		HOLDS(w->c.next_len > 0 && w->byes == 0);
		w->offer_out = true;
		break;
	default:
		break;
	}
}

static void done(struct world *w, const struct call_action *a)
{
	HOLDS(w->overs == 0);
	HOLDS(a->text && memchr(a->text, '\0', MEDIA_MAX_TEXT));
	sent(w, a);
	switch (a->type) {
	case CALL_START_TUNNEL:
		/* who waits for a peer of 2007 is told nothing of it */
		HOLDS(!w->tunnel);
		HOLDS(w->c.plan.peer_port != 0 || w->c.me->legacy);
		w->tunnel = true;
		w->told = false;
		w->listens = false;
		w->came_up = false;
		break;
	case CALL_STOP_TUNNEL:
		HOLDS(w->tunnel && !w->told);
		w->told = true;
		break;
	case CALL_SET_DEADLINE:
		w->timer = a->ms > 0;
		break;
	case CALL_REPORT_UP:
		HOLDS(w->tunnel && w->came_up && !w->told);
		break;
	case CALL_REPORT_OVER:
		w->overs++;
		break;
	default:
		break;
	}
}

/* How a fact changes the world, before the call hears of it. */
static void happens(struct world *w, const struct call_event *ev)
{
	switch (ev->type) {
	case CALL_EV_INVITE:
		if (w->c.state == CALL_IDLE)
			w->invited = true;
		break;
	case CALL_EV_PROVISIONAL:
		w->heard = true;
		break;
	case CALL_EV_ACCEPTED:
	case CALL_EV_REFUSED:
	case CALL_EV_NO_RESPONSE:
	case CALL_EV_AUTH_FAILED:
		w->invite_out = false;
		break;
	case CALL_EV_ACK:
	case CALL_EV_NO_ACK:
		if (w->unacked)
			w->dialog = true;
		w->unacked = false;
		break;
	case CALL_EV_REINVITE:
		if (w->c.state >= CALL_ANSWERED && w->c.state <= CALL_ENDING)
			w->offer_in = true;
		break;
	case CALL_EV_REACCEPTED:
	case CALL_EV_REREFUSED:
	case CALL_EV_RETRY:
	case CALL_EV_LOST:
		w->offer_out = false;
		break;
	case CALL_EV_BYE:
	case CALL_EV_BYE_DONE:
		w->bye_out = false;
		break;
	case CALL_EV_TUNNEL_LISTENING:
		w->listens = true;
		break;
	case CALL_EV_TUNNEL_UP:
		w->came_up = true;
		break;
	case CALL_EV_TUNNEL_ENDED:
		w->tunnel = false;
		w->told = false;
		break;
	case CALL_EV_DEADLINE:
		w->timer = false;
		if (w->unacked) /* who leaves waits for the ACK no longer */
			w->dialog = true;
		break;
	default:
		break;
	}
}

static void fact(struct world *w, const struct call_event *ev)
{
	struct call_action out[CALL_MAX_ACTIONS + 1];
	bool was_over = w->c.state == CALL_OVER;
	/* the fork that was of no use is forgotten with a better one */
	bool was_named = w->c.outcome != CALL_OUT_NONE && !w->c.fork_waits;
	enum call_outcome outcome = w->c.outcome;
	size_t n;

	w->trail[w->n_trail++] = ev->type;
	memset(&out[CALL_MAX_ACTIONS], 0x5a, sizeof(out[0]));
	happens(w, ev);
	n = call_step(&w->c, ev, out);
	HOLDS(n <= CALL_MAX_ACTIONS);
	HOLDS(out[CALL_MAX_ACTIONS].ms == 0x5a5a5a5a);
	HOLDS(!was_over || n == 0);
	for (size_t i = 0; i < n; i++)
		done(w, &out[i]);
	HOLDS((w->overs == 1) == (w->c.state == CALL_OVER));
	HOLDS(!was_named || w->c.outcome == outcome);
	HOLDS(w->c.state != CALL_OVER || w->c.outcome != CALL_OUT_NONE);
	HOLDS(memchr(w->c.text, '\0', sizeof(w->c.text)));
	HOLDS(w->c.tunnel == w->tunnel && w->c.stopping == w->told);
	if (w->c.state > CALL_ANSWERED && w->c.state < CALL_ENDING) {
		HOLDS(w->c.answer_due == w->offer_in);
		HOLDS(!w->c.held || w->told || !w->tunnel);
	}
}

static const struct call_event *const all[] = {&dial, &invite, &invite_active,
	&invite_passive, &invite_late, &invite_garbage, &reinvite_same,
	&reinvite_new, &reinvite_late, &reinvite_garbage, &ringing, &accepted,
	&accepted_udp, &accepted_active, &accepted_nothing, &refused_400,
	&refused_488, &refused_488_other, &refused_403, &refused_487,
	&no_response, &auth_failed, &ack, &ack_answer, &ack_garbage, &no_ack,
	&cancel, &bye, &bye_why, &bye_done, &listening, &up, &stopped,
	&peer_left, &wrong_cert, &failed, &deadline, &hangup, &moved, &hold,
	&resume, &refresh, &reaccepted, &reaccepted_hold, &reaccepted_new,
	&rerefused, &retry, &lost, &reinvite_hold, &reinvite_restart,
	&reinvite_restart_passive, &invite_hold, &accepted_hold, &ack_hold,
	&reinvite_port_0, &reinvite_back, &reinvite_port};
#define N_ALL (sizeof(all) / sizeof(all[0]))

/* May this happen now? What peers and the network do is free to happen. */
static bool can_happen(const struct world *w, enum call_event_type type)
{
	switch (type) {
	case CALL_EV_DIAL:
	case CALL_EV_INVITE:
		return w->c.state == CALL_IDLE;
	case CALL_EV_PROVISIONAL:
	case CALL_EV_ACCEPTED:
	case CALL_EV_REFUSED:
	case CALL_EV_NO_RESPONSE:
	case CALL_EV_AUTH_FAILED:
		return w->invite_out;
	case CALL_EV_ACK:
	case CALL_EV_NO_ACK:
		return w->unacked;
	case CALL_EV_CANCEL:
		return w->invited;
	case CALL_EV_REINVITE: /* an open one is the agent's to refuse */
		return w->dialog && !w->offer_in && !w->unacked;
	case CALL_EV_REACCEPTED:
	case CALL_EV_REREFUSED:
	case CALL_EV_RETRY:
		return w->offer_out;
	case CALL_EV_LOST:
		return w->dialog && w->offer_out;
	case CALL_EV_MOVED:
	case CALL_EV_HOLD:
	case CALL_EV_RESUME:
	case CALL_EV_REFRESH:
		return w->c.state != CALL_IDLE;
	case CALL_EV_BYE:
		return w->dialog || w->unacked;
	case CALL_EV_BYE_DONE:
		return w->bye_out;
	case CALL_EV_TUNNEL_LISTENING:
		return w->tunnel && !w->listens && !w->told;
	case CALL_EV_TUNNEL_UP:
		return w->tunnel && !w->came_up && !w->told;
	case CALL_EV_TUNNEL_MISFIT:
		return w->tunnel;
	case CALL_EV_TUNNEL_ENDED:
		return w->tunnel;
	case CALL_EV_DEADLINE:
		return w->timer;
	case CALL_EV_HANGUP:
		return w->c.state != CALL_IDLE;
	}
	return false;
}

/* Our own tunnel and timer tell the truth; all else comes at any time. */
static bool wild(const struct world *w, enum call_event_type type)
{
	if (type == CALL_EV_TUNNEL_UP || type == CALL_EV_TUNNEL_ENDED)
		return w->tunnel;
	/* nor does the agent pass two offers on at a time */
	if (type == CALL_EV_REINVITE)
		return !w->offer_in;
	return type != CALL_EV_DEADLINE || w->timer;
}

static const struct call_event *draw(struct world *w,
	bool (*may)(const struct world *, enum call_event_type))
{
	for (;;) {
		const struct call_event *ev = all[next(w) % N_ALL];

		if (may(w, ev->type))
			return ev;
	}
}

static void begin(struct world *w, uint64_t seed)
{
	static const struct media_local old = {US, .legacy = true};
	static const struct media_local *const who[] = {
		&endpoint, &fixed, &program, &old};

	memset(w, 0, sizeof(*w));
	w->random = seed * 0x9e3779b97f4a7c15 + 1;
	call_init(&w->c, who[next(w) % 4]);
}

static void any_order(void **state)
{
	static struct world world;
	struct world *w = &world;

	(void)state;
	for (uint64_t seed = 1; seed <= WILD_CALLS; seed++) {
		begin(w, seed);
		for (int i = 0; i < MAX_FACTS && !w->overs; i++)
			fact(w, draw(w, wild));
	}
}

/* Something is bound to happen to a call that is neither idle nor up. */
static bool something_is_due(const struct world *w)
{
	if (w->c.state == CALL_IDLE || w->c.state == CALL_OVER)
		return true;
	if (w->c.state == CALL_UP && w->tunnel && !w->told)
		return true;
	if (w->c.state == CALL_HELD)
		return true; /* until somebody resumes it */
	return w->timer || w->invite_out || w->unacked || w->offer_out;
}

/* After a hang-up: what is outstanding comes, in any order. */
static bool loose_end(const struct world *w, enum call_event_type type)
{
	return type != CALL_EV_REINVITE && type != CALL_EV_PROVISIONAL &&
	       type != CALL_EV_MOVED && type != CALL_EV_HOLD &&
	       type != CALL_EV_RESUME && type != CALL_EV_REFRESH &&
	       type != CALL_EV_HANGUP && type != CALL_EV_TUNNEL_LISTENING &&
	       type != CALL_EV_TUNNEL_UP && can_happen(w, type);
}

static void every_call_ends(void **state)
{
	static struct world world;
	struct world *w = &world;
	size_t ends[CALL_OUT_LOST + 1] = {0};

	(void)state;
	for (uint64_t seed = 1; seed <= LIKELY_CALLS; seed++) {
		begin(w, seed);
		for (size_t n = 1 + next(w) % MAX_FACTS; n > 0 && !w->overs;
			n--) {
			fact(w, draw(w, can_happen));
			HOLDS(something_is_due(w));
		}
		if (!w->overs)
			fact(w, &hangup);
		for (int i = 0; !w->overs; i++) {
			HOLDS(i < MAX_DRAIN);
			HOLDS(something_is_due(w) && w->c.state != CALL_UP);
			fact(w, draw(w, loose_end));
		}
		ends[w->c.outcome]++;
	}
	for (int i = CALL_OUT_NONE + 1; i <= CALL_OUT_LOST; i++)
		assert_true(ends[i] > 0); /* every outcome was seen */
}

/* Also when nobody answers any more: deadlines alone are enough. */
static void deadlines_suffice(void **state)
{
	static struct world world;
	struct world *w = &world;

	(void)state;
	for (uint64_t seed = 1; seed <= LIKELY_CALLS / 4; seed++) {
		begin(w, seed);
		for (size_t n = 1 + next(w) % MAX_FACTS; n > 0 && !w->overs;
			n--)
			fact(w, draw(w, can_happen));
		for (int i = 0; i < 2 && !w->overs; i++)
			fact(w, &hangup);
		for (int i = 0; !w->overs; i++) {
			HOLDS(i < MAX_DRAIN && w->timer);
			fact(w, &deadline);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_order),
		cmocka_unit_test(every_call_ends),
		cmocka_unit_test(deadlines_suffice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
