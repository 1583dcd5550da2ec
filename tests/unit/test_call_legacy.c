/* test_call_legacy.c - the two ways of a call with a peer of 2007. */
#include "call_table.h"

#define OLD_HEAD                                                               \
	"v=0\r\no=2500 1169538046 1169538046 IN IP4 198.51.100.7\r\ns=-\r\n"   \
	"t=0 0\r\n"
#define OLD_PLACE "k=DH:crypt code\r\nc=IN IP4 198.51.100.7\r\n"
#define OLD_ENDPOINT "a=IP4:198.51.100.7\r\na=PORT:8000\r\n"
#define OLD_OFFER                                                              \
	OLD_HEAD THESIS("8000")                                                \
		OLD_PLACE OLD_ENDPOINT ADDRS("192.168.234.1", "192.168.234.2")

static const struct media_local old = {US, .legacy = true};
static const struct media_local old_fixed = {
	US, .legacy = true, .tun_fixed = true};

FACT_BODY(offered, ACCEPTED, OLD_OFFER);
FACT_BODY(offered_rewritten, ACCEPTED,
	OLD_HEAD THESIS("7084") "c=IN IP4 203.0.113.1\r\nk=DH:crypt "
				"code\r\n" OLD_ENDPOINT ADDRS(
					"192.168.234.1", "192.168.234.2"));
FACT_BODY(offered_no_addresses, ACCEPTED,
	OLD_HEAD THESIS("8000") OLD_PLACE OLD_ENDPOINT);
FACT_BODY(offered_port_0, ACCEPTED, OLD_HEAD THESIS("0") OLD_PLACE);
FACT_BODY(ack_fits, ACK,
	HEAD THESIS("8000") ADDRS("192.168.234.2", "192.168.234.1"));
FACT_BODY(ack_does_not, ACK,
	HEAD THESIS("8000") ADDRS("192.168.234.7", "192.168.234.1"));

#define CONNECT                                                                \
	WANT(DO(SEND_ACK), DO(START_TUNNEL), TIMER(CALL_LEGACY_CONNECT_MS)),   \
		.state = CALL_CONNECTING
#define UNUSABLE DROPPED

static void calling(void **state)
{
	static const struct row rows[] = {
		{"dial", &old, .event = &dial, WANT(DO(SEND_INVITE)),
			.state = CALL_INVITING},
		{"101 or 180", &old, AFTER(&dial), .event = &ringing,
			WANT(TIMER(CALL_RING_MS)), .state = CALL_PROCEEDING},
		{"the offer", &old, AFTER(&dial, &ringing), .event = &offered,
			CONNECT},
		{"rewritten on its way", &old, AFTER(&dial),
			.event = &offered_rewritten, CONNECT},
		{"up", &old, AFTER(&dial, &offered), .event = &up,
			WANT(TIMER(0), DO(REPORT_UP)), .state = CALL_UP},
		{"no offer", &old, AFTER(&dial), .event = &accepted_nothing,
			UNUSABLE, .text = "unusable answer: no SDP"},
		{"no tunnel addresses", &old, AFTER(&dial),
			.event = &offered_no_addresses, UNUSABLE,
			.text = "unusable answer: SDP names no tunnel "
				"addresses"},
		{"port 0", &old, AFTER(&dial), .event = &offered_port_0,
			UNUSABLE},
		{"addresses that are not our user's", &old_fixed, AFTER(&dial),
			.event = &offered, UNUSABLE},
		{"488: there is no other form", &old, AFTER(&dial),
			.event = &refused_488, WANT(DO(REPORT_OVER)),
			.state = CALL_OVER, .outcome = CALL_OUT_REFUSED},
	};

	(void)state;
	CHECK_ROWS(rows);
}

#define CALLED &invite_late
#define ANSWERED &invite_late, &listening

static void called(void **state)
{
	static const struct row rows[] = {
		{"no SDP: we listen, then answer", &old, .event = &invite_late,
			WANT(DO(SEND_PROGRESS), DO(SEND_RINGING),
				DO(START_TUNNEL), TIMER(CALL_LISTEN_MS)),
			.state = CALL_ANSWERING},
		{"listening", &old, AFTER(CALLED), .event = &listening,
			WANT(DO(SEND_ANSWER), TIMER(0)),
			.state = CALL_ANSWERED},
		{"ACK without answer", &old, AFTER(ANSWERED), .event = &ack,
			WANT(TIMER(CALL_LEGACY_CONNECT_MS)),
			.state = CALL_CONNECTING},
		{"ACK after the first packet", &old, AFTER(ANSWERED, &up),
			.event = &ack, WANT(DO(REPORT_UP)), .state = CALL_UP},
		{"ACK with an answer", &old, AFTER(ANSWERED),
			.event = &ack_fits, WANT(TIMER(CALL_LEGACY_CONNECT_MS)),
			.state = CALL_CONNECTING},
		{"ACK with another tunnel", &old, AFTER(ANSWERED),
			.event = &ack_does_not,
			WANT(DO(STOP_TUNNEL), SEND_BYE(488),
				TIMER(CALL_ENDING_MS)),
			.state = CALL_ENDING, .outcome = CALL_OUT_BAD_ANSWER},
		{"cancelled", &old, AFTER(CALLED), .event = &cancel,
			WANT(SAY(SEND_REFUSAL, 487, 0), DO(STOP_TUNNEL),
				TIMER(CALL_ENDING_MS)),
			.state = CALL_ENDING, .outcome = CALL_OUT_CANCELLED},
		{"an offer all the same", &old, .event = &invite,
			WANT(DO(SEND_RINGING), DO(START_TUNNEL),
				TIMER(CALL_LISTEN_MS)),
			.state = CALL_ANSWERING},
	};

	(void)state;
	CHECK_ROWS(rows);
}

/* Another key there: the one hears nothing, the other what it cannot read. */
static void nothing_fits(void **state)
{
#define NEVER_UP                                                               \
	WANT(DO(STOP_TUNNEL), SEND_BYE(500), TIMER(CALL_ENDING_MS)),           \
		.state = CALL_ENDING, .outcome = CALL_OUT_TUNNEL_FAILED
#define SILENT                                                                 \
	"nothing came from the peer's OpenVPN: its static key may be "         \
	"another one"
#define MISFIT "what came from the peer's OpenVPN does not fit our static key"
	static const struct row rows[] = {
		{"caller", &old, AFTER(&dial, &offered), .event = &deadline,
			NEVER_UP, .text = SILENT},
		{"caller, noise", &old, AFTER(&dial, &offered, &misfit),
			.event = &deadline, NEVER_UP, .text = MISFIT},
		{"called", &old, AFTER(ANSWERED, &ack), .event = &deadline,
			NEVER_UP, .text = SILENT},
		{"called, noise", &old, AFTER(ANSWERED, &ack, &misfit),
			.event = &deadline, NEVER_UP, .text = MISFIT},
		{"noise before the ACK", &old, AFTER(ANSWERED, &misfit, &ack),
			.event = &deadline, NEVER_UP, .text = MISFIT},
		{"noise is no end", &old, AFTER(ANSWERED, &ack),
			.event = &misfit, .state = CALL_CONNECTING},
	};

	(void)state;
	CHECK_ROWS(rows);
}

static bool has(const struct call *c, const char *line)
{
	struct slice rest = {c->sdp, c->sdp_len}, one;

	while (slice_cut(&rest, '\n', &one))
		if (slice_starts(one, slice_cstr(line)) &&
			one.len == strlen(line) + 1)
			return true;
	return false;
}

/* What the thesis's caller reads in our 200, and what we do meanwhile. */
static void our_offer_is_one_of_2007(void **state)
{
	static const char *const lines[] = {"m=application/vpn 41822 OpenVPN 0",
		"k=DH:crypt code", "a=IP4:192.0.2.10", "a=PORT:41822",
		"a=VPN_LOCAL_ADDR:192.168.234.1",
		"a=VPN_REMOTE_ADDR:192.168.234.2", NULL};
	const struct call_event *const after[10] = {&invite_late};
	static struct call c;

	(void)state;
	reach(&c, &old, after);
	for (size_t i = 0; lines[i]; i++)
		assert_true(has(&c, lines[i]));
	assert_false(has(&c, "a=setup:actpass"));
	assert_int_equal(c.plan.role, TUNNEL_SERVER);
	assert_int_equal(c.plan.port, 41822);
	assert_int_equal(c.plan.peer.family, 0);
}

/* Who calls connects to the a= lines, whatever became of c= and m=. */
static void connects_to_the_true_endpoint(void **state)
{
	static const struct vpnsdp_addr peer = V4(198, 51, 100, 7);
	static const struct vpnsdp_addr local = V4(192, 168, 234, 2);
	const struct call_event *const after[10] = {&dial, &offered_rewritten};
	static struct call c;

	(void)state;
	reach(&c, &old, after);
	assert_int_equal(c.sdp_len, 0);
	assert_int_equal(c.plan.role, TUNNEL_CLIENT);
	assert_true(vpnsdp_addr_eq(&c.plan.peer, &peer));
	assert_int_equal(c.plan.peer_port, 8000);
	assert_true(vpnsdp_addr_eq(&c.plan.local, &local));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calling),
		cmocka_unit_test(called),
		cmocka_unit_test(nothing_fits),
		cmocka_unit_test(our_offer_is_one_of_2007),
		cmocka_unit_test(connects_to_the_true_endpoint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
