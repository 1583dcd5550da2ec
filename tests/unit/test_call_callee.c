/* test_call_callee.c - the called side, from the INVITE to the ACK. */
#include "call_table.h"
#include <stdio.h>

#define ASKED &invite
#define ANSWERED &invite, &listening
#define CLIENT &invite_passive /* we connect: answered at once */
#define LATE &invite_late
#define CONNECTING_NOW TIMER(CALL_CONNECT_MS)

static void answering(void **state)
{
	static const struct row rows[] = {
		{"invited", .event = &invite,
			WANT(DO(SEND_RINGING), DO(START_TUNNEL),
				TIMER(CALL_LISTEN_MS)),
			.state = CALL_ANSWERING},
		{"invited by an active one", .event = &invite_active,
			WANT(DO(SEND_RINGING), DO(START_TUNNEL),
				TIMER(CALL_LISTEN_MS)),
			.state = CALL_ANSWERING},
		{"invited by a listener", .event = &invite_passive,
			WANT(DO(SEND_RINGING), DO(START_TUNNEL),
				DO(SEND_ANSWER)),
			.state = CALL_ANSWERED},
		{"we listen", AFTER(ASKED), .event = &listening,
			WANT(DO(SEND_ANSWER), TIMER(0)),
			.state = CALL_ANSWERED},
		{"ACK", AFTER(ANSWERED), .event = &ack, WANT(CONNECTING_NOW),
			.state = CALL_CONNECTING},
		{"ACK to the client", AFTER(CLIENT), .event = &ack,
			WANT(CONNECTING_NOW), .state = CALL_CONNECTING},
		{"up after ACK", AFTER(ANSWERED, &ack), .event = &up,
			WANT(TIMER(0), DO(REPORT_UP)), .state = CALL_UP},
		{"up before ACK", AFTER(ANSWERED), .event = &up,
			.state = CALL_ANSWERED},
		{"ACK when up", AFTER(ANSWERED, &up), .event = &ack,
			WANT(DO(REPORT_UP)), .state = CALL_UP},
		{"no ACK", AFTER(ANSWERED), .event = &no_ack,
			WANT(DO(STOP_TUNNEL), SEND_BYE(408),
				TIMER(CALL_ENDING_MS)),
			.state = CALL_ENDING, .outcome = CALL_OUT_NO_RESPONSE},
		{"no ACK though up", AFTER(ANSWERED, &up), .event = &no_ack,
			WANT(DO(STOP_TUNNEL), SEND_BYE(408),
				TIMER(CALL_ENDING_MS)),
			.state = CALL_ENDING, .outcome = CALL_OUT_NO_RESPONSE},
	};

	(void)state;
	CHECK_ROWS(rows);
}

/* Before our 200 every end is a refusal, and waits for OpenVPN alone. */
static void turning_down(void **state)
{
#define NO(code, warn)                                                         \
	WANT(SAY(SEND_REFUSAL, code, warn), DO(STOP_TUNNEL),                   \
		TIMER(CALL_ENDING_MS)),                                        \
		.state = CALL_ENDING
	static const struct row rows[] = {
		{"cancelled", AFTER(ASKED), .event = &cancel, NO(487, 0),
			.outcome = CALL_OUT_CANCELLED,
			.text = "cancelled by the caller"},
		/* RFC 3261 section 15.1.2: 487 to what is still open */
		{"BYE in the early dialog", AFTER(ASKED), .event = &bye,
			NO(487, 0), .outcome = CALL_OUT_PEER_HUNG_UP},
		{"we leave", AFTER(ASKED), .event = &hangup, NO(480, 0),
			.outcome = CALL_OUT_HUNG_UP, .text = "going away"},
		{"OpenVPN does not get ready", AFTER(ASKED), .event = &deadline,
			NO(500, 399), .outcome = CALL_OUT_TUNNEL_FAILED},
		{"cancelled, OpenVPN gone", AFTER(ASKED, &cancel),
			.event = &stopped, WANT(DO(REPORT_OVER)),
			.state = CALL_OVER, .outcome = CALL_OUT_CANCELLED},
		{"cancelled, OpenVPN stays", AFTER(ASKED, &cancel),
			.event = &deadline, WANT(DO(REPORT_OVER)),
			.state = CALL_OVER, .outcome = CALL_OUT_CANCELLED},
		{"not ready, gone", AFTER(ASKED, &deadline), .event = &stopped,
			WANT(DO(REPORT_OVER)), .state = CALL_OVER,
			.outcome = CALL_OUT_TUNNEL_FAILED},
		{"not ready, listens after all", AFTER(ASKED, &deadline),
			.event = &listening, .state = CALL_ENDING,
			.outcome = CALL_OUT_TUNNEL_FAILED},
		{"dies", AFTER(ASKED), .event = &failed,
			WANT(SAY(SEND_REFUSAL, 500, 399), TIMER(0),
				DO(REPORT_OVER)),
			.state = CALL_OVER, .outcome = CALL_OUT_TUNNEL_FAILED,
			.text = "the VPN program failed: exit 1"},
	};

	(void)state;
	CHECK_ROWS(rows);
}

/* RFC 3261 section 15: the callee may send BYE only after ACK or its loss. */
static void ending_before_ack(void **state)
{
#define BYE_DUE WANT(DO(STOP_TUNNEL), TIMER(CALL_ACK_MS)), .state = CALL_ENDING
#define HUNG .outcome = CALL_OUT_HUNG_UP
#define BYE_NOW(code)                                                          \
	WANT(SEND_BYE(code), TIMER(CALL_ENDING_MS)), .state = CALL_ENDING
	static const struct row rows[] = {
		{"hang up", AFTER(ANSWERED), .event = &hangup, BYE_DUE, HUNG},
		{"hang up, up", AFTER(ANSWERED, &up), .event = &hangup, BYE_DUE,
			HUNG},
		{"hang up, late", AFTER(LATE), .event = &hangup,
			WANT(TIMER(CALL_ACK_MS)), .state = CALL_ENDING, HUNG},
		{"then ACK", AFTER(ANSWERED, &hangup), .event = &ack,
			BYE_NOW(200), HUNG},
		{"then no ACK", AFTER(ANSWERED, &hangup), .event = &no_ack,
			BYE_NOW(200), HUNG},
		{"then OpenVPN gone", AFTER(ANSWERED, &hangup),
			.event = &stopped, .state = CALL_ENDING, HUNG},
		{"gone, then ACK", AFTER(ANSWERED, &hangup, &stopped),
			.event = &ack, BYE_NOW(200), HUNG},
		{"late, then ACK with a good answer", AFTER(LATE, &hangup),
			.event = &ack_answer, BYE_NOW(200), HUNG},
		{"late, then ACK, BYE answered",
			AFTER(LATE, &hangup, &ack_answer), .event = &bye_done,
			WANT(DO(REPORT_OVER)), .state = CALL_OVER, HUNG},
		{"then BYE", AFTER(ANSWERED, &hangup, &stopped), .event = &bye,
			WANT(DO(REPORT_OVER)), .state = CALL_OVER, HUNG},
		/* OpenVPN is waited for, but not for ever */
		{"then BYE, OpenVPN there", AFTER(ANSWERED, &hangup),
			.event = &bye, WANT(TIMER(CALL_ENDING_MS)),
			.state = CALL_ENDING, HUNG},
		{"BYE, gone", AFTER(ANSWERED, &hangup, &bye), .event = &stopped,
			WANT(DO(REPORT_OVER)), .state = CALL_OVER, HUNG},
		/* who leaves does not wait 32 s for an ACK */
		{"hang up, nothing came", AFTER(ANSWERED, &hangup),
			.event = &deadline, BYE_NOW(200), HUNG},
		{"hang up, nor an answer",
			AFTER(ANSWERED, &hangup, &stopped, &deadline),
			.event = &deadline, WANT(DO(REPORT_OVER)),
			.state = CALL_OVER, HUNG},
		{"it dies, then we leave", AFTER(ANSWERED, &failed),
			.event = &hangup, WANT(TIMER(CALL_ACK_MS)),
			.state = CALL_ENDING,
			.outcome = CALL_OUT_TUNNEL_FAILED},
		{"twice, then ACK", AFTER(ANSWERED, &hangup, &hangup),
			.event = &ack, BYE_NOW(200), HUNG},
		{"CANCEL is too late", AFTER(ANSWERED), .event = &cancel,
			.state = CALL_ANSWERED},
		{"OpenVPN dies", AFTER(ANSWERED), .event = &failed,
			WANT(TIMER(0)), .state = CALL_ENDING,
			.outcome = CALL_OUT_TUNNEL_FAILED},
		{"it dies, ACK", AFTER(ANSWERED, &failed), .event = &ack,
			BYE_NOW(500), .outcome = CALL_OUT_TUNNEL_FAILED},
		{"was up, dies", AFTER(ANSWERED, &up), .event = &failed,
			WANT(TIMER(0)), .state = CALL_ENDING,
			.outcome = CALL_OUT_TUNNEL_ENDED},
		{"BYE before ACK", AFTER(ANSWERED), .event = &bye,
			WANT(DO(STOP_TUNNEL), TIMER(CALL_ENDING_MS)),
			.state = CALL_ENDING, .outcome = CALL_OUT_PEER_HUNG_UP,
			.text = "the peer hung up"},
		{"BYE before ACK, late", AFTER(LATE), .event = &bye_why,
			WANT(TIMER(CALL_ENDING_MS), DO(REPORT_OVER)),
			.state = CALL_OVER, .outcome = CALL_OUT_PEER_HUNG_UP,
			.text = "the peer hung up: lunch"},
		{"BYE, then ACK", AFTER(ANSWERED, &bye), .event = &ack,
			.state = CALL_ENDING, .outcome = CALL_OUT_PEER_HUNG_UP},
		{"BYE, then no ACK", AFTER(ANSWERED, &bye), .event = &no_ack,
			.state = CALL_ENDING, .outcome = CALL_OUT_PEER_HUNG_UP},
	};

	(void)state;
	CHECK_ROWS(rows);
}

/* The offer is ours, in the 200; the answer comes with the ACK. */
static void late_offer(void **state)
{
#define BAD                                                                    \
	WANT(SEND_BYE(488), TIMER(CALL_ENDING_MS)),                            \
		.state = CALL_ENDING, .outcome = CALL_OUT_BAD_ANSWER
	static const struct row rows[] = {
		{"invited", .event = &invite_late, WANT(DO(SEND_ANSWER)),
			.state = CALL_ANSWERED},
		{"program, invited", .me = &program, .event = &invite_late,
			WANT(DO(SEND_ANSWER)), .state = CALL_ANSWERED},
		{"good answer", AFTER(LATE), .event = &ack_answer,
			WANT(DO(START_TUNNEL), CONNECTING_NOW),
			.state = CALL_CONNECTING},
		{"no answer", AFTER(LATE), .event = &ack, BAD},
		{"malformed answer", AFTER(LATE), .event = &ack_garbage, BAD},
		{"no ACK", AFTER(LATE), .event = &no_ack,
			WANT(SEND_BYE(408), TIMER(CALL_ENDING_MS)),
			.state = CALL_ENDING, .outcome = CALL_OUT_NO_RESPONSE},
		{"up", AFTER(LATE, &ack_answer), .event = &up,
			WANT(TIMER(0), DO(REPORT_UP)), .state = CALL_UP},
		{"malformed, BYE answered", AFTER(LATE, &ack_garbage),
			.event = &bye_done, WANT(DO(REPORT_OVER)),
			.state = CALL_OVER, .outcome = CALL_OUT_BAD_ANSWER},
	};
	static struct call c;
	const struct call_event *const after[10] = {&invite_late, &ack_answer};

	(void)state;
	CHECK_ROWS(rows);
	reach(&c, NULL, after);
	assert_int_equal(c.plan.role, TUNNEL_CLIENT);
	assert_int_equal(c.plan.peer_fingerprint[0], 0x22);
}

static void roles(void **state)
{
	static const struct {
		const struct media_local *me;
		const struct call_event *event;
		enum vpnsdp_setup setup; /* in what we write */
	} cases[] = {
		{&endpoint, &invite, VPNSDP_SETUP_PASSIVE},
		{&endpoint, &invite_active, VPNSDP_SETUP_PASSIVE},
		{&endpoint, &invite_passive, VPNSDP_SETUP_ACTIVE},
		{&endpoint, &invite_late, VPNSDP_SETUP_ACTIVE},
		{&program, &invite, VPNSDP_SETUP_PASSIVE},
		{&program, &invite_late, VPNSDP_SETUP_PASSIVE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		static struct call c;
		const struct call_event *const after[10] = {cases[i].event};
		struct vpnsdp v;

		reach(&c, cases[i].me, after);
		assert_false(c.caller);
		assert_int_equal(vpnsdp_parse((struct slice){c.sdp, c.sdp_len},
					 &v, NULL),
			VPNSDP_OK);
		assert_int_equal(v.setup, cases[i].setup);
		assert_int_equal(v.has_fingerprint, cases[i].me->keys);
		assert_int_equal(v.local.family, 4);
	}
}

/* What is wrong with an offer decides status and warning. */
static void refused_offers(void **state)
{
	static const struct {
		struct slice offer;
		uint16_t status, warning;
	} cases[] = {
		{TEXT("garbage"), 400, 399},
		{TEXT("v=0\r\n"), 400, 399},
		{TEXT(HEAD "m"), 400, 399},
		{TEXT(HEAD AUDIO), 488, 304},
		{TEXT(HEAD THESIS("0") KEYS("actpass")), 488, 304},
		{TEXT(HEAD THESIS("65536") KEYS("actpass")), 488, 399},
		{TEXT(HEAD THESIS("-1") KEYS("actpass")), 488, 399},
		{TEXT(HEAD THESIS("http") KEYS("actpass")), 488, 399},
		{TEXT(HEAD THESIS("1") THESIS("2")), 488, 399},
		{TEXT(OFFER("actpass") MIRROR "a=IP4:300.1.1.1\r\n"), 488, 399},
		{TEXT(HEAD THESIS("8000")), 488, 399},
		{TEXT(HEAD THESIS("8000") FP), 488, 399},
		{TEXT(OFFER("actpass") ADDRS("10.0.0.1", "10.0.0.1")), 488,
			399},
		{TEXT(OFFER("actpass") ADDRS("8.8.8.8", "10.0.0.1")), 488, 399},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct call_event ev = {
			.type = CALL_EV_INVITE, .body = cases[i].offer};
		char name[40];
		struct row row = {name, .event = &ev,
			WANT(DO(SEND_REFUSAL), TIMER(0), DO(REPORT_OVER)),
			.state = CALL_OVER, .outcome = CALL_OUT_WE_REFUSED};

		(void)snprintf(name, sizeof(name), "offer %zu", i);
		row.want[0].status = cases[i].status;
		row.want[0].warning = cases[i].warning;
		check_row(&row);
	}
}

static void late_offer_too_long(void **state)
{
	static char id[MEDIA_MAX_BODY];
	struct media_local me = endpoint;
	struct row row = {"no room for the offer", .me = &me,
		.event = &invite_late,
		WANT(SAY(SEND_REFUSAL, 500, 0), TIMER(0), DO(REPORT_OVER)),
		.state = CALL_OVER, .outcome = CALL_OUT_WE_REFUSED};

	(void)state;
	memset(id, '7', sizeof(id));
	me.sess_id = (struct slice){id, sizeof(id)};
	check_row(&row);
}

static void ignored(void **state)
{
#define AFTER_200                                                              \
	(BIT(ACK) | BIT(NO_ACK) | BIT(BYE) | BIT(REINVITE) | BIT(HANGUP) |     \
		BIT(TUNNEL_ENDED) | BIT(DEADLINE))
	static const struct deaf rows[] = {
		{"answering", {ASKED},
			BIT(TUNNEL_LISTENING) | BIT(TUNNEL_ENDED) |
				BIT(DEADLINE) | BIT(CANCEL) | BIT(HANGUP) |
				BIT(BYE)},
		{"answered", {ANSWERED}, AFTER_200 | BIT(TUNNEL_UP)},
		{"answered, up", {ANSWERED, &up}, AFTER_200},
		{"answered as client", {CLIENT}, AFTER_200 | BIT(TUNNEL_UP)},
		{"answered late", {LATE}, AFTER_200 | BIT(TUNNEL_UP)},
		{"refused, OpenVPN there", {ASKED, &cancel},
			BIT(TUNNEL_ENDED) | BIT(DEADLINE) | BIT(REINVITE)},
		{"BYE is due", {ANSWERED, &hangup},
			BIT(ACK) | BIT(NO_ACK) | BIT(BYE) | BIT(TUNNEL_ENDED) |
				BIT(DEADLINE) | BIT(REINVITE)},
		/* asking again does not prolong it */
		{"hung up twice", {ANSWERED, &hangup, &hangup},
			BIT(ACK) | BIT(NO_ACK) | BIT(BYE) | BIT(TUNNEL_ENDED) |
				BIT(DEADLINE) | BIT(REINVITE)},
	};

	(void)state;
	CHECK_DEAF(rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answering),
		cmocka_unit_test(turning_down),
		cmocka_unit_test(ending_before_ack),
		cmocka_unit_test(late_offer),
		cmocka_unit_test(roles),
		cmocka_unit_test(refused_offers),
		cmocka_unit_test(late_offer_too_long),
		cmocka_unit_test(ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
