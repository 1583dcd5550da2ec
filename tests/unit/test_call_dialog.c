/* test_call_dialog.c - offers once the dialog stands: the peer's and ours. */
#include "call_table.h"
#include <stdio.h>

#define CALLED &invite, &listening, &ack
#define CALLED_UP CALLED, &up
#define CALLER_UP &dial, &accepted, &up
#define HELD CALLED_UP, &reinvite_hold

static void the_peers(void **state)
{
#define SAME WANT(DO(ANSWER_REINVITE))
#define NO(status) WANT(SAY(REFUSE_REINVITE, status, 399))
#define HOLD                                                                   \
	WANT(DO(ANSWER_REINVITE), DO(REPORT_CHANGE), DO(STOP_TUNNEL),          \
		TIMER(0)),                                                     \
		.state = CALL_HELD
#define AGAIN                                                                  \
	WANT(DO(REPORT_CHANGE), TIMER(CALL_RESTART_MS), DO(STOP_TUNNEL)),      \
		.state = CALL_CONNECTING
	static const struct row rows[] = {
		/* RFC 3264 section 8: the same version is a refresh */
		{"same, up", AFTER(CALLED_UP), .event = &reinvite_same, SAME,
			.state = CALL_UP},
		{"same, connecting", AFTER(CALLED), .event = &reinvite_same,
			SAME, .state = CALL_CONNECTING},
		{"same, twice", AFTER(CALLED_UP, &reinvite_same, &ack),
			.event = &reinvite_same, SAME, .state = CALL_UP},
		{"same, held", AFTER(HELD, &ack), .event = &reinvite_hold,
			WANT(DO(ANSWER_REINVITE), TIMER(0)),
			.state = CALL_HELD},
		{"new version, same tunnel", AFTER(CALLED_UP),
			.event = &reinvite_new, SAME, .state = CALL_UP},
		{"to the caller", AFTER(CALLER_UP), .event = &reinvite_same,
			SAME, .state = CALL_UP},
		{"while the peer leaves", AFTER(CALLED_UP, &peer_left),
			.event = &reinvite_new, SAME, .state = CALL_UP},
		{"older version", AFTER(CALLED_UP), .event = &reinvite_old,
			NO(488), .state = CALL_UP},
		{"garbage", AFTER(CALLED_UP), .event = &reinvite_garbage,
			NO(400), .state = CALL_UP},
		{"tunnel where none may be", AFTER(CALLED_UP),
			.event = &reinvite_public, NO(488), .state = CALL_UP},
		{"same after a refusal", AFTER(CALLED_UP, &reinvite_public),
			.event = &reinvite_same, SAME, .state = CALL_UP},
		/* section 8.4, and its older way */
		{"hold", AFTER(CALLED_UP), .event = &reinvite_hold, HOLD},
		{"hold, caller", AFTER(CALLER_UP), .event = &reinvite_hold,
			HOLD},
		{"hold, connecting", AFTER(CALLED), .event = &reinvite_hold,
			HOLD},
		{"sendonly", AFTER(CALLED_UP), .event = &reinvite_sendonly,
			HOLD},
		{"port 0", AFTER(CALLED_UP), .event = &reinvite_port_0, HOLD},
		{"nowhere", AFTER(CALLED_UP), .event = &reinvite_nowhere, HOLD},
		{"hold after the peer's OpenVPN left",
			AFTER(CALLED_UP, &peer_left), .event = &reinvite_hold,
			WANT(DO(ANSWER_REINVITE), DO(REPORT_CHANGE), TIMER(0)),
			.state = CALL_HELD},
		{"held, OpenVPN gone", AFTER(HELD), .event = &stopped,
			.state = CALL_HELD},
		{"held, ACK", AFTER(HELD), .event = &ack, .state = CALL_HELD},
		{"resumed before it is gone", AFTER(HELD, &ack),
			.event = &reinvite_back,
			WANT(DO(REPORT_CHANGE), TIMER(CALL_RESTART_MS)),
			.state = CALL_CONNECTING},
		{"resumed", AFTER(HELD, &ack, &stopped),
			.event = &reinvite_back,
			WANT(DO(REPORT_CHANGE), TIMER(CALL_RESTART_MS),
				DO(START_TUNNEL)),
			.state = CALL_CONNECTING},
		{"resumed, listens",
			AFTER(HELD, &ack, &stopped, &reinvite_back),
			.event = &listening,
			WANT(DO(ANSWER_REINVITE), TIMER(CALL_CONNECT_MS)),
			.state = CALL_CONNECTING},
		{"resumed, up",
			AFTER(HELD, &ack, &stopped, &reinvite_back, &listening),
			.event = &up, WANT(TIMER(0), DO(REPORT_UP)),
			.state = CALL_UP},
		{"held, BYE", AFTER(HELD, &ack, &stopped), .event = &bye,
			WANT(TIMER(CALL_ENDING_MS), DO(REPORT_OVER)),
			.state = CALL_OVER, .outcome = CALL_OUT_PEER_HUNG_UP},
		{"held, we hang up", AFTER(HELD, &ack, &stopped),
			.event = &hangup,
			WANT(SEND_BYE(200), TIMER(CALL_ENDING_MS)),
			.state = CALL_ENDING, .outcome = CALL_OUT_HUNG_UP},
		/* RFC 8842 section 5: another tls-id, another tunnel */
		{"other tls-id", AFTER(CALLED_UP), .event = &reinvite_restart,
			AGAIN},
		{"other port", AFTER(CALLED_UP), .event = &reinvite_port,
			AGAIN},
		{"old one gone", AFTER(CALLED_UP, &reinvite_restart),
			.event = &stopped, WANT(DO(START_TUNNEL)),
			.state = CALL_CONNECTING},
		{"old one says it is up", AFTER(CALLED, &reinvite_restart),
			.event = &up, .state = CALL_CONNECTING},
		{"old one listens",
			AFTER(&invite_passive, &ack, &reinvite_restart),
			.event = &listening, .state = CALL_CONNECTING},
		{"new one listens",
			AFTER(CALLED_UP, &reinvite_restart, &stopped),
			.event = &listening,
			WANT(DO(ANSWER_REINVITE), TIMER(CALL_CONNECT_MS)),
			.state = CALL_CONNECTING},
		{"the peer listens already",
			AFTER(CALLED_UP, &reinvite_restart_passive),
			.event = &stopped,
			WANT(DO(START_TUNNEL), DO(ANSWER_REINVITE),
				TIMER(CALL_CONNECT_MS)),
			.state = CALL_CONNECTING},
		{"meanwhile another offer", AFTER(CALLED_UP, &reinvite_restart),
			.event = &reinvite_same,
			WANT(SAY(REFUSE_REINVITE, 500, 0)),
			.state = CALL_CONNECTING},
		{"new one does not listen",
			AFTER(CALLED_UP, &reinvite_restart, &stopped),
			.event = &deadline,
			WANT(SAY(REFUSE_REINVITE, 500, 399), DO(STOP_TUNNEL),
				SEND_BYE(500), TIMER(CALL_ENDING_MS)),
			.state = CALL_ENDING,
			.outcome = CALL_OUT_TUNNEL_FAILED},
		{"new one dies", AFTER(CALLED_UP, &reinvite_restart, &stopped),
			.event = &failed,
			WANT(SAY(REFUSE_REINVITE, 500, 399), SEND_BYE(500),
				TIMER(CALL_ENDING_MS)),
			.state = CALL_ENDING,
			.outcome = CALL_OUT_TUNNEL_FAILED},
		{"BYE meanwhile", AFTER(CALLED_UP, &reinvite_restart, &stopped),
			.event = &bye,
			WANT(SAY(REFUSE_REINVITE, 487, 0), DO(STOP_TUNNEL),
				TIMER(CALL_ENDING_MS)),
			.state = CALL_ENDING, .outcome = CALL_OUT_PEER_HUNG_UP},
		/* RFC 3261 section 9.2: as if it had never come */
		{"cancelled, the old one still ends",
			AFTER(CALLED_UP, &reinvite_restart), .event = &cancel,
			WANT(SAY(REFUSE_REINVITE, 487, 0), DO(REPORT_CHANGE),
				TIMER(CALL_RESTART_MS)),
			.state = CALL_CONNECTING},
		{"cancelled, the new one is there",
			AFTER(CALLED_UP, &reinvite_restart, &stopped),
			.event = &cancel,
			WANT(SAY(REFUSE_REINVITE, 487, 0), DO(REPORT_CHANGE),
				TIMER(CALL_RESTART_MS), DO(STOP_TUNNEL)),
			.state = CALL_CONNECTING},
		{"cancelled, all ended",
			AFTER(CALLED_UP, &reinvite_restart, &stopped, &cancel),
			.event = &stopped,
			WANT(DO(START_TUNNEL), TIMER(CALL_CONNECT_MS)),
			.state = CALL_CONNECTING},
		{"cancelled, the same offer is a refresh again",
			AFTER(CALLED_UP, &reinvite_restart, &stopped, &cancel,
				&stopped, &up),
			.event = &reinvite_same, SAME, .state = CALL_UP},
		{"cancelled, back on hold",
			AFTER(HELD, &ack, &stopped, &reinvite_back),
			.event = &cancel,
			WANT(SAY(REFUSE_REINVITE, 487, 0), DO(REPORT_CHANGE),
				DO(STOP_TUNNEL), TIMER(0)),
			.state = CALL_HELD},
		{"cancelled too late", AFTER(CALLED_UP, &reinvite_same),
			.event = &cancel, .state = CALL_UP},
		{"never acknowledged", AFTER(CALLED_UP, &reinvite_same),
			.event = &no_ack,
			WANT(DO(STOP_TUNNEL), SEND_BYE(408),
				TIMER(CALL_ENDING_MS)),
			.state = CALL_ENDING, .outcome = CALL_OUT_NO_RESPONSE},
		/* the offer is in our 200, the answer in the ACK */
		{"late", AFTER(CALLED_UP), .event = &reinvite_late, SAME,
			.state = CALL_UP},
		{"late, unusable answer", AFTER(CALLED_UP, &reinvite_late),
			.event = &ack_garbage,
			WANT(DO(STOP_TUNNEL), SEND_BYE(488),
				TIMER(CALL_ENDING_MS)),
			.state = CALL_ENDING, .outcome = CALL_OUT_BAD_ANSWER},
		{"late, caller, same answer", AFTER(CALLER_UP, &reinvite_late),
			.event = &ack_answer, .state = CALL_UP},
		{"late, when held", AFTER(HELD, &stopped, &reinvite_late),
			.event = &ack_answer,
			WANT(DO(REPORT_CHANGE), TIMER(CALL_RESTART_MS),
				DO(START_TUNNEL), TIMER(CALL_CONNECT_MS)),
			.state = CALL_CONNECTING},
	};

	(void)state;
	CHECK_ROWS(rows);
}

/* A call may begin on hold. */
static void held_from_the_start(void **state)
{
	static const struct row rows[] = {
		{"invited", .event = &invite_hold, WANT(DO(SEND_ANSWER)),
			.state = CALL_ANSWERED},
		{"acknowledged", AFTER(&invite_hold), .event = &ack,
			WANT(DO(REPORT_CHANGE)), .state = CALL_HELD},
		{"resumed", AFTER(&invite_hold, &ack), .event = &reinvite_back,
			WANT(DO(REPORT_CHANGE), TIMER(CALL_RESTART_MS),
				DO(START_TUNNEL)),
			.state = CALL_CONNECTING},
		{"late, answered on hold", AFTER(&invite_late),
			.event = &ack_hold, WANT(DO(REPORT_CHANGE)),
			.state = CALL_HELD},
		{"late, resumed", AFTER(&invite_late, &ack_hold),
			.event = &reinvite_back,
			WANT(DO(REPORT_CHANGE), TIMER(CALL_RESTART_MS),
				DO(START_TUNNEL)),
			.state = CALL_CONNECTING},
		{"answered on hold", AFTER(&dial, &ringing),
			.event = &accepted_hold,
			WANT(DO(SEND_ACK), TIMER(0), DO(REPORT_CHANGE)),
			.state = CALL_HELD},
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void ours(void **state)
{
#define ASK WANT(DO(SEND_REINVITE))
#define MOVE WANT(DO(STOP_TUNNEL), TIMER(0), DO(SEND_REINVITE))
	static const struct row rows[] = {
		{"refresh", AFTER(CALLER_UP), .event = &refresh, ASK,
			.state = CALL_UP},
		{"refreshed", AFTER(CALLER_UP, &refresh), .event = &reaccepted,
			.state = CALL_UP},
		{"refresh refused", AFTER(CALLER_UP, &refresh),
			.event = &rerefused, .state = CALL_UP},
		{"hold", AFTER(CALLED_UP), .event = &hold, ASK,
			.state = CALL_UP},
		{"on hold", AFTER(CALLED_UP, &hold), .event = &reaccepted_hold,
			WANT(DO(REPORT_CHANGE), DO(STOP_TUNNEL), TIMER(0)),
			.state = CALL_HELD},
		{"its OpenVPN leaves first", AFTER(CALLED_UP, &hold),
			.event = &peer_left, .state = CALL_UP},
		{"on hold then", AFTER(CALLED_UP, &hold, &peer_left),
			.event = &reaccepted_hold,
			WANT(DO(REPORT_CHANGE), TIMER(0)), .state = CALL_HELD},
		{"hold refused", AFTER(CALLED_UP, &hold), .event = &rerefused,
			WANT(DO(REPORT_CHANGE)), .state = CALL_UP},
		{"resume", AFTER(CALLED_UP, &hold, &reaccepted_hold, &stopped),
			.event = &resume, ASK, .state = CALL_HELD},
		{"resumed",
			AFTER(CALLED_UP, &hold, &reaccepted_hold, &stopped,
				&resume),
			.event = &reaccepted_new,
			WANT(DO(REPORT_CHANGE), TIMER(CALL_RESTART_MS),
				DO(START_TUNNEL), TIMER(CALL_CONNECT_MS)),
			.state = CALL_CONNECTING},
		{"the peer cannot undo our hold",
			AFTER(CALLED_UP, &hold, &reaccepted_hold, &stopped),
			.event = &reinvite_back,
			WANT(DO(ANSWER_REINVITE), TIMER(0)),
			.state = CALL_HELD},
		{"moved", AFTER(CALLER_UP), .event = &moved, MOVE,
			.state = CALL_UP},
		{"moved, old one gone", AFTER(CALLER_UP, &moved),
			.event = &stopped, .state = CALL_UP},
		{"moved, accepted", AFTER(CALLER_UP, &moved, &stopped),
			.event = &reaccepted_new,
			WANT(DO(REPORT_CHANGE), TIMER(CALL_RESTART_MS),
				DO(START_TUNNEL), TIMER(CALL_CONNECT_MS)),
			.state = CALL_CONNECTING},
		{"moved, accepted at once", AFTER(CALLER_UP, &moved),
			.event = &reaccepted_new,
			WANT(DO(REPORT_CHANGE), TIMER(CALL_RESTART_MS)),
			.state = CALL_CONNECTING},
		{"then the old one goes",
			AFTER(CALLER_UP, &moved, &reaccepted_new),
			.event = &stopped,
			WANT(DO(START_TUNNEL), TIMER(CALL_CONNECT_MS)),
			.state = CALL_CONNECTING},
		{"moved, refused", AFTER(CALLER_UP, &moved, &stopped),
			.event = &rerefused,
			WANT(SEND_BYE(500), TIMER(CALL_ENDING_MS)),
			.state = CALL_ENDING, .outcome = CALL_OUT_TUNNEL_ENDED},
		{"moved, unusable answer", AFTER(CALLER_UP, &moved, &stopped),
			.event = &reaccepted_bad,
			WANT(SEND_BYE(488), TIMER(CALL_ENDING_MS)),
			.state = CALL_ENDING, .outcome = CALL_OUT_BAD_ANSWER},
		{"moved twice", AFTER(CALLER_UP, &moved, &stopped),
			.event = &moved, .state = CALL_UP},
		{"the second is told, too",
			AFTER(CALLER_UP, &moved, &stopped, &moved),
			.event = &reaccepted_new,
			WANT(DO(REPORT_CHANGE), TIMER(CALL_RESTART_MS),
				DO(START_TUNNEL), TIMER(CALL_CONNECT_MS),
				DO(STOP_TUNNEL), TIMER(0), DO(SEND_REINVITE)),
			.state = CALL_CONNECTING},
		/* RFC 3261 section 14.1 */
		{"glare", AFTER(CALLER_UP, &hold), .event = &retry, ASK,
			.state = CALL_UP},
		{"glare, the peer is served", AFTER(CALLER_UP, &hold),
			.event = &reinvite_same, SAME, .state = CALL_UP},
		{"moved while the peer rings", AFTER(&dial, &ringing),
			.event = &moved, .state = CALL_PROCEEDING},
		{"told once it stands", AFTER(&dial, &ringing, &moved),
			.event = &accepted,
			WANT(DO(SEND_ACK), DO(START_TUNNEL),
				TIMER(CALL_CONNECT_MS), DO(STOP_TUNNEL),
				TIMER(0), DO(SEND_REINVITE)),
			.state = CALL_CONNECTING},
		{"481, 408, expired", AFTER(CALLER_UP), .event = &lost,
			WANT(DO(STOP_TUNNEL), SEND_BYE(408),
				TIMER(CALL_ENDING_MS)),
			.state = CALL_ENDING, .outcome = CALL_OUT_LOST,
			.text = "no longer known"},
	};

	(void)state;
	CHECK_ROWS(rows);
}

static struct vpnsdp parsed(const char *p, size_t len)
{
	struct vpnsdp v;

	assert_int_equal(
		vpnsdp_parse((struct slice){p, len}, &v, NULL), VPNSDP_OK);
	return v;
}

/* What we write: o= goes on from where it was, tls-id as it should. */
static void what_is_written(void **state)
{
	static const struct call_event move = {
		.type = CALL_EV_MOVED, .token = TEXT("tokentokentokentoken")};
	static struct media_local me;
	static struct call c;
	const struct call_event *const up_now[10] = {CALLED_UP};
	struct call_action out[CALL_MAX_ACTIONS];
	struct vpnsdp v;
	struct vpnsdp first;

	(void)state;
	me = endpoint;
	reach(&c, &me, up_now);
	first = parsed(c.sdp, c.sdp_len);
	assert_true(slice_eq(first.sess_version, SLICE("1")));
	/* a refresh is answered word by word as before */
	(void)call_step(&c, &reinvite_same, out);
	v = parsed(c.sdp, c.sdp_len);
	assert_true(slice_eq(v.sess_version, SLICE("1")));
	(void)call_step(&c, &reinvite_hold, out);
	v = parsed(c.sdp, c.sdp_len);
	assert_true(slice_eq(v.sess_version, SLICE("2")));
	assert_int_equal(v.direction, VPNSDP_INACTIVE);
	assert_true(slice_eq(v.tls_id, me.tls_id));
	(void)call_step(&c, &stopped, out);
	(void)call_step(&c, &reinvite_back, out);
	(void)call_step(&c, &listening, out);
	(void)call_step(&c, &up, out);
	assert_int_equal(c.state, CALL_UP);
	assert_int_equal(c.plan.role, TUNNEL_SERVER);
	me.addr = (struct vpnsdp_addr)V4(192, 0, 2, 99);
	(void)call_step(&c, &move, out);
	v = parsed(c.next, c.next_len);
	assert_true(slice_eq(v.sess_version, SLICE("4")));
	assert_true(slice_eq(v.sess_id, me.sess_id));
	assert_true(slice_eq(v.tls_id, move.token));
	assert_int_equal(v.origin_addr.b[3], 10); /* o= stays */
	assert_int_equal(v.ip4.b[3], 99);
	assert_int_equal(v.setup, VPNSDP_SETUP_ACTPASS);
	assert_true(vpnsdp_addr_eq(&v.local, &c.plan.local));
	(void)call_step(&c, &reaccepted_new, out);
	assert_int_equal(c.plan.bind.b[3], 99);
	assert_int_equal(c.plan.role, TUNNEL_CLIENT);
}

/* Of a list of programs we answer ours alone. */
static void the_chosen_fmt(void **state)
{
	static const struct call_event ev = {.type = CALL_EV_INVITE,
		.body = TEXT(
			HEAD "m=application 8000 udp ike-esp openvpn\r\n" KEYS(
				"actpass"))};
	static struct call c;
	const struct call_event *const after[10] = {&ev};
	struct vpnsdp v;

	(void)state;
	reach(&c, NULL, after);
	v = parsed(c.sdp, c.sdp_len);
	assert_true(slice_eq(v.fmt, SLICE("openvpn")));
}

/* An offer longer than we keep: no refresh is known by it, all else works. */
static void long_offer(void **state)
{
	static char text[MEDIA_MAX_BODY + 1];
	static struct call c;
	struct call_event ev = {.type = CALL_EV_INVITE};
	const struct call_event *const after[10] = {&ev, &listening, &ack, &up};
	struct call_event again = {.type = CALL_EV_REINVITE};
	struct call_action out[CALL_MAX_ACTIONS];
	size_t len = sizeof(OFFER("actpass") "a=") - 1;

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, OFFER("actpass") "a=", len);
	for (len = MEDIA_MAX_BODY; len <= sizeof(text); len++) {
		ev.body = (struct slice){text, len};
		again.body = ev.body;
		reach(&c, NULL, after);
		assert_int_equal(c.state, CALL_UP);
		assert_int_equal(call_step(&c, &again, out), 1);
		assert_int_equal(out[0].type, CALL_ANSWER_REINVITE);
		assert_int_equal(c.theirs_len, len <= MEDIA_MAX_BODY ? len : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_peers),
		cmocka_unit_test(held_from_the_start),
		cmocka_unit_test(ours),
		cmocka_unit_test(what_is_written),
		cmocka_unit_test(the_chosen_fmt),
		cmocka_unit_test(long_offer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
