/* test_call_end.c - the standing call, and every way it ends. */
#include "call_table.h"
#include <stdio.h>

#define CALLING &dial, &accepted
#define CALLED &invite, &listening, &ack
#define CALLER_UP CALLING, &up
#define CALLED_UP CALLED, &up
#define LATE_UP &invite_late, &ack_answer, &up
#define OVER WANT(DO(REPORT_OVER)), .state = CALL_OVER

static void hanging_up(void **state)
{
#define END WANT(DO(STOP_TUNNEL), SEND_BYE(200), TIMER(CALL_ENDING_MS))
#define HUNG .outcome = CALL_OUT_HUNG_UP
	static const struct row rows[] = {
		{"up", AFTER(CALLER_UP), .event = &hangup, END,
			.state = CALL_ENDING, HUNG, .text = "hung up"},
		{"up, called", AFTER(CALLED_UP), .event = &hangup, END,
			.state = CALL_ENDING, HUNG},
		{"connecting", AFTER(CALLING), .event = &hangup, END,
			.state = CALL_ENDING, HUNG},
		{"connecting, called", AFTER(CALLED), .event = &hangup, END,
			.state = CALL_ENDING, HUNG},
		{"OpenVPN gone first", AFTER(CALLER_UP, &hangup),
			.event = &stopped, .state = CALL_ENDING, HUNG},
		{"BYE answered last", AFTER(CALLER_UP, &hangup, &stopped),
			.event = &bye_done, OVER, HUNG},
		{"BYE answered first", AFTER(CALLER_UP, &hangup),
			.event = &bye_done, .state = CALL_ENDING, HUNG},
		{"OpenVPN gone last", AFTER(CALLER_UP, &hangup, &bye_done),
			.event = &stopped, OVER, HUNG},
		{"neither", AFTER(CALLER_UP, &hangup), .event = &deadline, OVER,
			HUNG},
		{"BYE crosses BYE", AFTER(CALLER_UP, &hangup), .event = &bye,
			.state = CALL_ENDING, HUNG},
		{"BYE crosses BYE, gone", AFTER(CALLER_UP, &hangup, &bye),
			.event = &stopped, OVER, HUNG},
		{"BYE crosses BYE last", AFTER(CALLER_UP, &hangup, &stopped),
			.event = &bye, OVER, HUNG},
		{"up comes too late", AFTER(CALLING, &hangup), .event = &up,
			.state = CALL_ENDING, HUNG},
		/* the dialog is terminated: RFC 3261 sections 12.2.2, 15.1.1 */
		{"re-INVITE behind our BYE", AFTER(CALLER_UP, &hangup),
			.event = &reinvite_same,
			WANT(SAY(REFUSE_REINVITE, 481, 0)),
			.state = CALL_ENDING, HUNG},
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void peer_hangs_up(void **state)
{
#define PEER .outcome = CALL_OUT_PEER_HUNG_UP
	static const struct row rows[] = {
		{"up", AFTER(CALLER_UP), .event = &bye,
			WANT(DO(STOP_TUNNEL), TIMER(CALL_ENDING_MS)),
			.state = CALL_ENDING, PEER, .text = "the peer hung up"},
		{"up, called", AFTER(CALLED_UP), .event = &bye_why,
			WANT(DO(STOP_TUNNEL), TIMER(CALL_ENDING_MS)),
			.state = CALL_ENDING, PEER,
			.text = "the peer hung up: lunch"},
		{"connecting", AFTER(CALLING), .event = &bye,
			WANT(DO(STOP_TUNNEL), TIMER(CALL_ENDING_MS)),
			.state = CALL_ENDING, PEER},
		{"connecting, called", AFTER(CALLED), .event = &bye,
			WANT(DO(STOP_TUNNEL), TIMER(CALL_ENDING_MS)),
			.state = CALL_ENDING, PEER},
		{"OpenVPN gone", AFTER(CALLER_UP, &bye), .event = &stopped,
			OVER, PEER},
		{"OpenVPN stays", AFTER(CALLER_UP, &bye), .event = &deadline,
			OVER, PEER},
		{"BYE again", AFTER(CALLER_UP, &bye), .event = &bye,
			.state = CALL_ENDING, PEER},
		{"we too", AFTER(CALLER_UP, &bye), .event = &hangup,
			.state = CALL_ENDING, PEER},
	};

	(void)state;
	CHECK_ROWS(rows);
}

/* Its OpenVPN's goodbye overtakes the BYE, which goes through the server. */
static void peer_leaves(void **state)
{
#define LEFT CALLER_UP, &peer_left
	static const struct row rows[] = {
		{"leaves", AFTER(CALLER_UP), .event = &peer_left,
			WANT(TIMER(CALL_BYE_MS)), .state = CALL_UP},
		{"leaves, called", AFTER(CALLED_UP), .event = &peer_left,
			WANT(TIMER(CALL_BYE_MS)), .state = CALL_UP},
		{"leaves, late offer", AFTER(LATE_UP), .event = &peer_left,
			WANT(TIMER(CALL_BYE_MS)), .state = CALL_UP},
		{"BYE within a second", AFTER(LEFT), .event = &bye,
			WANT(TIMER(CALL_ENDING_MS), DO(REPORT_OVER)),
			.state = CALL_OVER, PEER, .text = "the peer hung up"},
		{"no BYE", AFTER(LEFT), .event = &deadline,
			WANT(SEND_BYE(500), TIMER(CALL_ENDING_MS)),
			.state = CALL_ENDING, .outcome = CALL_OUT_TUNNEL_ENDED,
			.text = "the peer's VPN program ended"},
		{"no BYE, ours answered", AFTER(LEFT, &deadline),
			.event = &bye_done, OVER,
			.outcome = CALL_OUT_TUNNEL_ENDED},
		{"no BYE, theirs late", AFTER(LEFT, &deadline), .event = &bye,
			OVER, .outcome = CALL_OUT_TUNNEL_ENDED},
		{"we hang up meanwhile", AFTER(LEFT), .event = &hangup,
			WANT(SEND_BYE(200), TIMER(CALL_ENDING_MS)),
			.state = CALL_ENDING, HUNG},
		/* never was up: no reason to wait for a BYE */
		{"leaves while connecting", AFTER(CALLING), .event = &peer_left,
			WANT(SEND_BYE(500), TIMER(CALL_ENDING_MS)),
			.state = CALL_ENDING, .outcome = CALL_OUT_TUNNEL_FAILED,
			.text = "the peer's VPN program ended"},
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void nothing_comes(void **state)
{
#define NEVER_UP                                                               \
	WANT(DO(STOP_TUNNEL), SEND_BYE(500), TIMER(CALL_ENDING_MS)),           \
		.state = CALL_ENDING, .outcome = CALL_OUT_TUNNEL_FAILED,       \
		.text = "nothing came from the peer's OpenVPN"
	static const struct row rows[] = {
		{"caller", AFTER(CALLING), .event = &deadline, NEVER_UP},
		{"called", AFTER(CALLED), .event = &deadline, NEVER_UP},
		{"late offer", AFTER(&invite_late, &ack_answer),
			.event = &deadline, NEVER_UP},
		{"nor an answer to BYE", AFTER(CALLING, &deadline, &stopped),
			.event = &deadline, OVER,
			.outcome = CALL_OUT_TUNNEL_FAILED},
	};

	(void)state;
	CHECK_ROWS(rows);
}

static const enum tunnel_end ends[] = {TUNNEL_END_STOPPED, TUNNEL_END_PEER_LEFT,
	TUNNEL_END_PEER_SILENT, TUNNEL_END_WRONG_CERT, TUNNEL_END_NO_PROGRAM,
	TUNNEL_END_NO_DEVICE, TUNNEL_END_PORT_TAKEN, TUNNEL_END_KILLED,
	TUNNEL_END_FAILED};
#define N_ENDS (sizeof(ends) / sizeof(ends[0]))

/* Each end of a tunnel, in every state that has one. */
static void tunnel_ends(void **state)
{
#define LOST .outcome = CALL_OUT_TUNNEL_ENDED
#define NEVER .outcome = CALL_OUT_TUNNEL_FAILED
#define BYE_NOW WANT(SEND_BYE(500), TIMER(CALL_ENDING_MS)), .state = CALL_ENDING
#define BYE_DUE WANT(TIMER(0)), .state = CALL_ENDING
	static const struct row rows[] = {
		{"answering", AFTER(&invite),
			WANT(SAY(SEND_REFUSAL, 500, 399), TIMER(0),
				DO(REPORT_OVER)),
			.state = CALL_OVER, NEVER},
		{"answered", AFTER(&invite, &listening), BYE_DUE, NEVER},
		{"answered as client", AFTER(&invite_passive), BYE_DUE, NEVER},
		{"answered, up", AFTER(&invite, &listening, &up), BYE_DUE,
			LOST},
		{"connecting", AFTER(CALLING), BYE_NOW, NEVER},
		{"connecting, called", AFTER(CALLED), BYE_NOW, NEVER},
		{"connecting, late", AFTER(&invite_late, &ack_answer), BYE_NOW,
			NEVER},
		{"up", AFTER(CALLER_UP), BYE_NOW, LOST},
		{"up, called", AFTER(CALLED_UP), BYE_NOW, LOST},
		{"up, late", AFTER(LATE_UP), BYE_NOW, LOST},
		{"refused", AFTER(&invite, &cancel), OVER,
			.outcome = CALL_OUT_CANCELLED},
		{"ending", AFTER(CALLER_UP, &hangup), .state = CALL_ENDING,
			HUNG},
		{"ended by the peer", AFTER(CALLER_UP, &bye), OVER, PEER},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) * N_ENDS; i++) {
		struct call_event ev = {
			.type = CALL_EV_TUNNEL_ENDED, .end = ends[i % N_ENDS]};
		struct row row = rows[i / N_ENDS];
		char name[80];
		static struct call c;

		reach(&c, NULL, row.after);
		if (c.state == CALL_UP && ev.end == TUNNEL_END_PEER_LEFT)
			continue; /* peer_leaves() */
		(void)snprintf(name, sizeof(name), "%s: %s", row.name,
			tunnel_end_text(ev.end));
		row.name = name;
		row.event = &ev;
		if (row.outcome == CALL_OUT_TUNNEL_ENDED ||
			row.outcome == CALL_OUT_TUNNEL_FAILED)
			row.text = tunnel_end_text(ev.end);
		check_row(&row);
	}
}

static void ends_in_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_ENDS; i++) {
		assert_int_equal(ends[i], i);
		assert_true(strlen(tunnel_end_text(ends[i])) > 5);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(tunnel_end_text(ends[k]),
				tunnel_end_text(ends[i]));
	}
	assert_string_equal(tunnel_end_text((enum tunnel_end)4711), "unknown");
	for (int i = CALL_IDLE; i <= CALL_OVER; i++)
		for (int k = CALL_IDLE; k < i; k++)
			assert_string_not_equal(
				call_state_name((enum call_state)k),
				call_state_name((enum call_state)i));
	assert_string_equal(call_state_name(CALL_IDLE), "idle");
	assert_string_equal(call_state_name(CALL_OVER), "over");
}

static void ignored(void **state)
{
#define STANDING                                                               \
	(BIT(BYE) | BIT(REINVITE) | BIT(HANGUP) | BIT(TUNNEL_ENDED) |          \
		BIT(DEADLINE))
	static const struct deaf rows[] = {
		{"connecting", {CALLING}, STANDING | BIT(TUNNEL_UP)},
		{"connecting, called", {CALLED}, STANDING | BIT(TUNNEL_UP)},
		{"up", {CALLER_UP}, STANDING},
		{"up, called", {CALLED_UP}, STANDING},
		{"the peer left", {CALLED_UP, &peer_left}, STANDING},
		{"ending", {CALLER_UP, &hangup},
			BIT(BYE) | BIT(BYE_DONE) | BIT(TUNNEL_ENDED) |
				BIT(DEADLINE) | BIT(REINVITE)},
		{"BYE came", {CALLED_UP, &bye},
			BIT(TUNNEL_ENDED) | BIT(DEADLINE) | BIT(REINVITE)},
		{"over", {CALLER_UP, &hangup, &stopped, &bye_done}, 0},
		{"over, never answered", {&dial, &no_response}, 0},
		{"over, refused", {&dial, &refused_403}, 0},
		{"over, cancelled", {&invite, &cancel, &stopped}, 0},
	};

	(void)state;
	CHECK_DEAF(rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hanging_up),
		cmocka_unit_test(peer_hangs_up),
		cmocka_unit_test(peer_leaves),
		cmocka_unit_test(nothing_comes),
		cmocka_unit_test(tunnel_ends),
		cmocka_unit_test(ends_in_words),
		cmocka_unit_test(ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
