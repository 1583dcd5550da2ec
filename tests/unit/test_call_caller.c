/* test_call_caller.c - the calling side, from dialling to the answer. */
#include "call_table.h"

#define RING TIMER(CALL_RING_MS)
#define FIRST &dial
#define RUNG &dial, &ringing

static void dialling(void **state)
{
	static const struct row rows[] = {
		{"dial", .event = &dial, WANT(DO(SEND_INVITE)),
			.state = CALL_INVITING},
		{"rings", AFTER(FIRST), .event = &ringing, WANT(RING),
			.state = CALL_PROCEEDING},
		{"rings on", AFTER(RUNG), .event = &ringing,
			.state = CALL_PROCEEDING},
		{"answered at once", AFTER(FIRST), .event = &accepted,
			WANT(DO(SEND_ACK), DO(START_TUNNEL),
				TIMER(CALL_CONNECT_MS)),
			.state = CALL_CONNECTING},
		{"answered", AFTER(RUNG), .event = &accepted,
			WANT(DO(SEND_ACK), DO(START_TUNNEL),
				TIMER(CALL_CONNECT_MS)),
			.state = CALL_CONNECTING},
		{"answered, the peer connects", AFTER(RUNG),
			.event = &accepted_active,
			WANT(DO(SEND_ACK), DO(START_TUNNEL),
				TIMER(CALL_CONNECT_MS)),
			.state = CALL_CONNECTING},
		{"up", AFTER(RUNG, &accepted), .event = &up,
			WANT(TIMER(0), DO(REPORT_UP)), .state = CALL_UP},
		{"up as server", AFTER(RUNG, &accepted_active, &listening),
			.event = &up, WANT(TIMER(0), DO(REPORT_UP)),
			.state = CALL_UP},
		{"nobody answers", AFTER(FIRST), .event = &no_response,
			WANT(DO(REPORT_OVER)), .state = CALL_OVER,
			.outcome = CALL_OUT_NO_RESPONSE, .text = "timeout"},
		{"rings, then nothing", AFTER(RUNG), .event = &no_response,
			WANT(DO(REPORT_OVER)), .state = CALL_OVER,
			.outcome = CALL_OUT_NO_RESPONSE, .text = "timeout"},
		{"rings for three minutes", AFTER(RUNG), .event = &deadline,
			WANT(DO(SEND_CANCEL), TIMER(CALL_ENDING_MS)),
			.state = CALL_CANCELLING,
			.outcome = CALL_OUT_NO_RESPONSE},
		{"wrong password", AFTER(FIRST), .event = &auth_failed,
			WANT(DO(REPORT_OVER)), .state = CALL_OVER,
			.outcome = CALL_OUT_AUTH_FAILED,
			.text = "wrong password"},
		{"wrong password late", AFTER(RUNG), .event = &auth_failed,
			WANT(DO(REPORT_OVER)), .state = CALL_OVER,
			.outcome = CALL_OUT_AUTH_FAILED},
	};

	(void)state;
	CHECK_ROWS(rows);
}

/* RFC 8866 section 9: "application/vpn" is no token; once more, differently. */
static void other_form(void **state)
{
#define AGAIN WANT(DO(SEND_INVITE), TIMER(0))
#define GIVE_UP                                                                \
	WANT(DO(REPORT_OVER)), .state = CALL_OVER,                             \
			       .outcome = CALL_OUT_REFUSED, .text = "Sorry"
	static const struct row rows[] = {
		{"400", AFTER(FIRST), .event = &refused_400, AGAIN,
			.state = CALL_INVITING},
		{"415", AFTER(FIRST), .event = &refused_415, AGAIN,
			.state = CALL_INVITING},
		{"488", AFTER(FIRST), .event = &refused_488, AGAIN,
			.state = CALL_INVITING},
		{"488, warning 304", AFTER(FIRST), .event = &refused_488_media,
			AGAIN, .state = CALL_INVITING},
		{"488 after ringing", AFTER(RUNG), .event = &refused_488, AGAIN,
			.state = CALL_INVITING},
		{"488, warning 399: a reason of its own", AFTER(FIRST),
			.event = &refused_488_other, GIVE_UP},
		{"403", AFTER(FIRST), .event = &refused_403, GIVE_UP},
		{"403 after ringing", AFTER(RUNG), .event = &refused_403,
			GIVE_UP},
		{"603", AFTER(FIRST), .event = &refused_603, GIVE_UP},
		{"twice 488", AFTER(FIRST, &refused_488), .event = &refused_488,
			WANT(DO(REPORT_OVER)), .state = CALL_OVER,
			.outcome = CALL_OUT_REFUSED,
			.text = "Sorry: no VPN is taken there, it may be a "
				"phone"},
		{"what the Warning says", AFTER(FIRST),
			.event = &refused_488_words, WANT(DO(REPORT_OVER)),
			.state = CALL_OVER, .outcome = CALL_OUT_REFUSED,
			.text = "Sorry: no such group"},
		{"415, then 400", AFTER(FIRST, &refused_415),
			.event = &refused_400, GIVE_UP},
		{"the second rings", AFTER(FIRST, &refused_488),
			.event = &ringing, WANT(RING),
			.state = CALL_PROCEEDING},
		{"the second is taken", AFTER(FIRST, &refused_488, &ringing),
			.event = &accepted_udp,
			WANT(DO(SEND_ACK), DO(START_TUNNEL),
				TIMER(CALL_CONNECT_MS)),
			.state = CALL_CONNECTING},
		{"the second is answered in the first form",
			AFTER(FIRST, &refused_488), .event = &accepted,
			DROPPED},
		{"not after a hang-up", AFTER(FIRST, &hangup),
			.event = &refused_488, WANT(DO(REPORT_OVER)),
			.state = CALL_OVER, .outcome = CALL_OUT_CANCELLED},
		{"not while cancelling", AFTER(RUNG, &hangup),
			.event = &refused_488, WANT(DO(REPORT_OVER)),
			.state = CALL_OVER, .outcome = CALL_OUT_CANCELLED},
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void cancelling(void **state)
{
#define LATE_200                                                               \
	WANT(DO(SEND_ACK), SEND_BYE(200), TIMER(CALL_ENDING_MS)),              \
		.state = CALL_ENDING, .outcome = CALL_OUT_CANCELLED
#define OVER(why)                                                              \
	WANT(DO(REPORT_OVER)), .state = CALL_OVER, .outcome = CALL_OUT_##why
	static const struct row rows[] = {
		/* RFC 3261 section 9.1: no CANCEL before a 1xx */
		{"hang up, nothing heard", AFTER(FIRST), .event = &hangup,
			WANT(TIMER(CALL_ENDING_MS)), .state = CALL_INVITING,
			.outcome = CALL_OUT_CANCELLED},
		{"then it rings", AFTER(FIRST, &hangup), .event = &ringing,
			WANT(DO(SEND_CANCEL), TIMER(CALL_ENDING_MS)),
			.state = CALL_CANCELLING,
			.outcome = CALL_OUT_CANCELLED},
		{"then nothing", AFTER(FIRST, &hangup), .event = &deadline,
			OVER(CANCELLED)},
		{"then a 200", AFTER(FIRST, &hangup), .event = &accepted,
			LATE_200},
		{"then a refusal", AFTER(FIRST, &hangup), .event = &refused_403,
			OVER(CANCELLED)},
		{"then a timeout", AFTER(FIRST, &hangup), .event = &no_response,
			OVER(CANCELLED)},
		{"then 407", AFTER(FIRST, &hangup), .event = &auth_failed,
			OVER(CANCELLED)},
		{"hang up while it rings", AFTER(RUNG), .event = &hangup,
			WANT(DO(SEND_CANCEL), TIMER(CALL_ENDING_MS)),
			.state = CALL_CANCELLING,
			.outcome = CALL_OUT_CANCELLED},
		{"487", AFTER(RUNG, &hangup), .event = &refused_487,
			OVER(CANCELLED)},
		{"timeout", AFTER(RUNG, &hangup), .event = &no_response,
			OVER(CANCELLED)},
		{"407", AFTER(RUNG, &hangup), .event = &auth_failed,
			OVER(CANCELLED)},
		{"no 487", AFTER(RUNG, &hangup), .event = &deadline,
			OVER(CANCELLED)},
		{"200 and CANCEL cross", AFTER(RUNG, &hangup),
			.event = &accepted, LATE_200},
		{"they cross, 200 unusable", AFTER(RUNG, &hangup),
			.event = &accepted_nothing, LATE_200},
		{"rang too long, 487", AFTER(RUNG, &deadline),
			.event = &refused_487, OVER(NO_RESPONSE)},
		{"rang too long, 200 crosses", AFTER(RUNG, &deadline),
			.event = &accepted,
			WANT(DO(SEND_ACK), SEND_BYE(408),
				TIMER(CALL_ENDING_MS)),
			.state = CALL_ENDING, .outcome = CALL_OUT_NO_RESPONSE},
	};

	(void)state;
	CHECK_ROWS(rows);
}

/* It waits for the registration, which fails, or the user gives up. */
static void not_dialled_yet(void **state)
{
	static const struct call_event unregistered = {
		.type = CALL_EV_AUTH_FAILED, .phrase = TEXT("not registered")};
	static const struct call_event no_server = {
		.type = CALL_EV_NO_RESPONSE, .phrase = TEXT("no server")};
	static const struct row rows[] = {
		{"given up", .event = &hangup, WANT(DO(REPORT_OVER)),
			.state = CALL_OVER, .outcome = CALL_OUT_CANCELLED,
			.text = "given up"},
		{"not registered", .event = &unregistered,
			WANT(DO(REPORT_OVER)), .state = CALL_OVER,
			.outcome = CALL_OUT_AUTH_FAILED,
			.text = "not registered"},
		{"no server", .event = &no_server, WANT(DO(REPORT_OVER)),
			.state = CALL_OVER, .outcome = CALL_OUT_NO_RESPONSE,
			.text = "no server"},
	};

	(void)state;
	CHECK_ROWS(rows);
}

/* RFC 3261 section 13.2.2.4: ACK the answer we cannot use, then BYE. */
static void unusable_answers(void **state)
{
	static const struct {
		struct slice body;
		const char *text;
	} cases[] = {
		{TEXT(""), "unusable answer: no SDP"},
		{TEXT("garbage"), NULL},
		{TEXT("v=0\r\n"), NULL},
		{TEXT(HEAD AUDIO), NULL},
		{TEXT(HEAD THESIS("0")),
			"unusable answer: port is 0, the section is refused"},
		{TEXT(HEAD THESIS("65536") MIRROR KEYS("passive")), NULL},
		{TEXT(HEAD THESIS("-1") MIRROR KEYS("passive")), NULL},
		{TEXT(HEAD THESIS("8000") MIRROR), NULL},
		{TEXT(HEAD THESIS("8000") KEYS("passive")), NULL},
		{TEXT(ANSWER("actpass")), NULL},
		{TEXT(UDP_ANSWER("passive")), NULL},
		{TEXT(ANSWER("passive") THESIS("8001")), NULL},
		{TEXT(ANSWER("passive") AUDIO), NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct call_event ev = accepted;
		struct row row = {
			"unusable", AFTER(RUNG), .event = &ev, DROPPED};

		ev.body = cases[i].body;
		row.text = cases[i].text;
		check_row(&row);
	}
}

static struct vpnsdp parsed(const struct call *c)
{
	struct slice body = {c->sdp, c->sdp_len};
	struct vpnsdp v;

	assert_int_equal(vpnsdp_parse(body, &v, NULL), VPNSDP_OK);
	return v;
}

static void what_is_offered(void **state)
{
	static struct call c;
	struct call_action out[CALL_MAX_ACTIONS];
	struct vpnsdp v;

	(void)state;
	call_init(&c, &endpoint);
	(void)call_step(&c, &dial, out);
	assert_true(c.caller);
	v = parsed(&c);
	assert_int_equal(v.form, VPNSDP_FORM_THESIS);
	assert_int_equal(v.setup, VPNSDP_SETUP_ACTPASS);
	assert_int_equal(v.local.family, 0); /* the called side assigns */
	(void)call_step(&c, &refused_415, out);
	v = parsed(&c);
	assert_int_equal(v.form, VPNSDP_FORM_UDP);
	assert_int_equal(v.setup, VPNSDP_SETUP_ACTPASS);
	(void)call_step(&c, &accepted_udp, out);
	assert_int_equal(c.plan.role, TUNNEL_CLIENT);
	assert_int_equal(c.plan.peer_port, 8000);
	assert_int_equal(c.plan.peer_fingerprint[31], 0x22);
}

static void who_listens(void **state)
{
	static const struct {
		const struct call_event *answer;
		enum tunnel_role role;
	} cases[] = {
		{&accepted, TUNNEL_CLIENT}, {&accepted_active, TUNNEL_SERVER}};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		static struct call c;
		const struct call_event *const after[10] = {
			&dial, cases[i].answer};

		reach(&c, NULL, after);
		assert_int_equal(c.state, CALL_CONNECTING);
		assert_int_equal(c.plan.role, cases[i].role);
	}
}

static void offer_too_long(void **state)
{
	static char id[MEDIA_MAX_BODY];
	struct media_local me = endpoint;
	struct row row = {"no room for the offer", .me = &me, .event = &dial,
		WANT(DO(REPORT_OVER)), .state = CALL_OVER,
		.outcome = CALL_OUT_BAD_ANSWER, .text = "offer does not fit"};

	(void)state;
	memset(id, '7', sizeof(id));
	me.sess_id = (struct slice){id, sizeof(id)};
	check_row(&row);
}

/* An answer to whose text nothing was added leaves the reason empty. */
static void refusal_without_words(void **state)
{
	static const struct call_event bare = {
		.type = CALL_EV_REFUSED, .status = 500};
	static struct call c;
	const struct call_event *const after[10] = {&dial, &bare};

	(void)state;
	reach(&c, NULL, after);
	assert_int_equal(c.state, CALL_OVER);
	assert_int_equal(c.status, 500);
	assert_string_equal(c.text, "");
}

static void ignored(void **state)
{
#define ANSWERS                                                                \
	(BIT(ACCEPTED) | BIT(REFUSED) | BIT(NO_RESPONSE) | BIT(AUTH_FAILED))
	static const struct deaf rows[] = {
		{"idle", {NULL},
			BIT(DIAL) | BIT(INVITE) | BIT(HANGUP) |
				BIT(NO_RESPONSE) | BIT(AUTH_FAILED)},
		{"inviting", {FIRST},
			ANSWERS | BIT(PROVISIONAL) | BIT(HANGUP) |
				BIT(DEADLINE)},
		{"inviting again", {FIRST, &refused_488},
			ANSWERS | BIT(PROVISIONAL) | BIT(HANGUP) |
				BIT(DEADLINE)},
		{"hung up, unheard", {FIRST, &hangup},
			ANSWERS | BIT(PROVISIONAL) | BIT(DEADLINE)},
		{"proceeding", {RUNG}, ANSWERS | BIT(HANGUP) | BIT(DEADLINE)},
		{"cancelling", {RUNG, &hangup}, ANSWERS | BIT(DEADLINE)},
	};

	(void)state;
	CHECK_DEAF(rows);
}

/* RFC 3261 section 13.2.2.4: each 2xx of a forked call is one of its own. */
static void forks(void **state)
{
#define OF_NO_USE RUNG, &accepted_nothing
	static const struct row rows[] = {
		{"no use", AFTER(RUNG), .event = &accepted_nothing, DROPPED},
		{"another one is", AFTER(OF_NO_USE), .event = &accepted,
			WANT(DO(SEND_ACK), DO(START_TUNNEL),
				TIMER(CALL_CONNECT_MS)),
			.state = CALL_CONNECTING, .text = ""},
		{"another one is on hold", AFTER(OF_NO_USE),
			.event = &accepted_hold,
			WANT(DO(SEND_ACK), TIMER(0), DO(REPORT_CHANGE)),
			.state = CALL_HELD, .text = ""},
		{"nor is the next", AFTER(OF_NO_USE),
			.event = &accepted_nothing, DROPPED},
		{"the third is", AFTER(OF_NO_USE, &accepted_nothing),
			.event = &accepted,
			WANT(DO(SEND_ACK), DO(START_TUNNEL),
				TIMER(CALL_CONNECT_MS)),
			.state = CALL_CONNECTING},
		{"none follows", AFTER(OF_NO_USE), .event = &deadline,
			WANT(DO(REPORT_OVER)), .state = CALL_OVER,
			.outcome = CALL_OUT_BAD_ANSWER},
		{"hung up meanwhile", AFTER(OF_NO_USE), .event = &hangup,
			WANT(DO(REPORT_OVER)), .state = CALL_OVER,
			.outcome = CALL_OUT_BAD_ANSWER},
		{"ends like any other", AFTER(OF_NO_USE, &accepted, &up),
			.event = &bye,
			WANT(DO(STOP_TUNNEL), TIMER(CALL_ENDING_MS)),
			.state = CALL_ENDING, .outcome = CALL_OUT_PEER_HUNG_UP},
	};
	static const struct deaf waits[] = {
		{"waiting for a fork", AFTER(OF_NO_USE),
			BIT(ACCEPTED) | BIT(DEADLINE) | BIT(HANGUP)},
	};

	(void)state;
	CHECK_ROWS(rows);
	CHECK_DEAF(waits);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forks),
		cmocka_unit_test(dialling),
		cmocka_unit_test(other_form),
		cmocka_unit_test(cancelling),
		cmocka_unit_test(not_dialled_yet),
		cmocka_unit_test(unusable_answers),
		cmocka_unit_test(what_is_offered),
		cmocka_unit_test(who_listens),
		cmocka_unit_test(offer_too_long),
		cmocka_unit_test(refusal_without_words),
		cmocka_unit_test(ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
