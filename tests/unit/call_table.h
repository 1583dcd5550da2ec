/*
 * call_table.h - what the tests of the call machine share: an endpoint, facts,
 * and rows "after these facts, this fact gives these actions".
 */
#ifndef SIPVPN_TEST_CALL_TABLE_H
#define SIPVPN_TEST_CALL_TABLE_H

#include "ua_media.h"
#include "core/call.h"

/* --- facts ---------------------------------------------------------------- */
#define FACT(name, what)                                                       \
	static const struct call_event name = {.type = CALL_EV_##what}
#define FACT_BODY(name, what, text)                                            \
	static const struct call_event name = {                                \
		.type = CALL_EV_##what, .body = TEXT(text)}
#define REFUSED(name, code, warn)                                              \
	static const struct call_event name = {.type = CALL_EV_REFUSED,        \
		.status = code,                                                \
		.warning = warn,                                               \
		.phrase = TEXT("Sorry")}

FACT(dial, DIAL);
FACT(hangup, HANGUP);
FACT(deadline, DEADLINE);
FACT(listening, TUNNEL_LISTENING);
FACT(up, TUNNEL_UP);
FACT(misfit, TUNNEL_MISFIT);
FACT(bye, BYE);
FACT(bye_done, BYE_DONE);
FACT(cancel, CANCEL);
FACT(ack, ACK);
FACT(no_ack, NO_ACK);
static const struct call_event bye_why = {
	.type = CALL_EV_BYE, .phrase = TEXT("lunch")};
static const struct call_event no_response = {
	.type = CALL_EV_NO_RESPONSE, .phrase = TEXT("timeout")};
static const struct call_event auth_failed = {.type = CALL_EV_AUTH_FAILED,
	.status = 407,
	.phrase = TEXT("wrong password")};

static const struct call_event ringing = {
	.type = CALL_EV_PROVISIONAL, .status = 180};
FACT_BODY(accepted, ACCEPTED, ANSWER("passive"));
FACT(accepted_nothing, ACCEPTED);
FACT_BODY(accepted_udp, ACCEPTED, UDP_ANSWER("passive"));
FACT_BODY(accepted_active, ACCEPTED, ANSWER("active"));
REFUSED(refused_400, 400, 0);
REFUSED(refused_415, 415, 0);
REFUSED(refused_488, 488, 0);
REFUSED(refused_488_other, 488, 399);
REFUSED(refused_488_media, 488, 304);
static const struct call_event refused_488_words = {.type = CALL_EV_REFUSED,
	.status = 488,
	.warning = 399,
	.phrase = TEXT("Sorry"),
	.detail = TEXT("no such group")};
REFUSED(refused_403, 403, 0);
REFUSED(refused_603, 603, 0);
REFUSED(refused_487, 487, 0);

FACT_BODY(invite, INVITE, OFFER("actpass"));
FACT_BODY(invite_active, INVITE, OFFER("active"));
FACT_BODY(invite_passive, INVITE, OFFER("passive"));
FACT_BODY(invite_garbage, INVITE, "garbage");
FACT(invite_late, INVITE);
FACT_BODY(ack_answer, ACK, ANSWER("passive"));
FACT_BODY(ack_garbage, ACK, "v=0\r\ngarbage\r\n");
FACT_BODY(reinvite_same, REINVITE, OFFER("actpass"));
FACT_BODY(reinvite_new, REINVITE, HEAD_V("2") THESIS("8000") KEYS("actpass"));
FACT_BODY(reinvite_garbage, REINVITE, "garbage");
FACT(reinvite_late, REINVITE);
#define INACTIVE "a=inactive\r\n"
#define OTHER_KEYS(role) SETUP(role) "a=tls-id:abcdefghij0123456789\r\n" FP
FACT_BODY(reinvite_hold, REINVITE,
	HEAD_V("2") THESIS("8000") KEYS("actpass") INACTIVE);
FACT_BODY(reinvite_sendonly, REINVITE,
	HEAD_V("2") THESIS("8000") KEYS("actpass") "a=sendonly\r\n");
FACT_BODY(reinvite_port_0, REINVITE, HEAD_V("2") THESIS("0") KEYS("actpass"));
FACT_BODY(reinvite_nowhere, REINVITE,
	"v=0\r\no=- 7 2 IN IP4 198.51.100.7\r\ns=-\r\n"
	"c=IN IP4 0.0.0.0\r\nt=0 0\r\n" THESIS("8000") KEYS("actpass"));
FACT_BODY(reinvite_back, REINVITE, HEAD_V("3") THESIS("8000") KEYS("actpass"));
FACT_BODY(reinvite_restart, REINVITE,
	HEAD_V("2") THESIS("8000") OTHER_KEYS("actpass"));
FACT_BODY(reinvite_restart_passive, REINVITE,
	HEAD_V("2") THESIS("8000") OTHER_KEYS("passive"));
FACT_BODY(reinvite_port, REINVITE, HEAD_V("2") THESIS("8002") KEYS("actpass"));
FACT_BODY(reinvite_old, REINVITE, HEAD_V("0") THESIS("8000") KEYS("actpass"));
FACT_BODY(reinvite_public, REINVITE,
	HEAD_V("2") THESIS("8000") ADDRS("8.8.8.8", "8.8.4.4") KEYS("actpass"));
FACT_BODY(invite_hold, INVITE, OFFER("actpass") INACTIVE);
FACT_BODY(ack_hold, ACK, ANSWER("passive") INACTIVE);
FACT_BODY(accepted_hold, ACCEPTED, ANSWER("passive") INACTIVE);
FACT(moved, MOVED);
FACT(hold, HOLD);
FACT(resume, RESUME);
FACT(refresh, REFRESH);
FACT(retry, RETRY);
FACT_BODY(reaccepted, REACCEPTED, ANSWER("passive"));
FACT_BODY(reaccepted_hold, REACCEPTED,
	HEAD_V("2") THESIS("8000") MIRROR KEYS("passive") INACTIVE);
FACT_BODY(reaccepted_new, REACCEPTED,
	HEAD_V("2") THESIS("8000") MIRROR OTHER_KEYS("passive"));
FACT_BODY(reaccepted_bad, REACCEPTED, "garbage");
static const struct call_event rerefused = {
	.type = CALL_EV_REREFUSED, .status = 488, .phrase = TEXT("Sorry")};
static const struct call_event lost = {
	.type = CALL_EV_LOST, .phrase = TEXT("no longer known")};

#define ENDED(name, why)                                                       \
	static const struct call_event name = {                                \
		.type = CALL_EV_TUNNEL_ENDED, .end = TUNNEL_END_##why}
ENDED(stopped, STOPPED);
ENDED(peer_left, PEER_LEFT);
ENDED(wrong_cert, WRONG_CERT);
static const struct call_event failed = {.type = CALL_EV_TUNNEL_ENDED,
	.end = TUNNEL_END_FAILED,
	.phrase = TEXT("exit 1")};

/* One sample of each kind of fact, by its number. */
static const struct call_event *const every_fact[] = {&dial, &invite,
	&reinvite_new, &ringing, &accepted, &refused_403, &no_response,
	&auth_failed, &ack, &no_ack, &cancel, &bye, &bye_done, &listening, &up,
	&misfit, &failed, &deadline, &hangup, &moved, &hold, &resume,
	&reaccepted, &rerefused, &retry, &lost, &refresh};
#define N_FACTS (sizeof(every_fact) / sizeof(every_fact[0]))

/* --- rows ----------------------------------------------------------------- */
#define DO(what)                                                               \
	{                                                                      \
		.type = CALL_##what                                            \
	}
#define TIMER(millis)                                                          \
	{                                                                      \
		.type = CALL_SET_DEADLINE, .ms = (millis)                      \
	}
#define SAY(what, code, warn)                                                  \
	{                                                                      \
		.type = CALL_##what, .status = (code), .warning = (warn)       \
	}
#define SEND_BYE(code) SAY(SEND_BYE, code, 0)
/* A 2xx is of no use: perhaps another fork's is. */
#define DROPPED                                                                \
	WANT(DO(SEND_ACK), SAY(DROP_FORK, 488, 0), TIMER(CALL_FORK_MS)),       \
		.state = CALL_PROCEEDING, .outcome = CALL_OUT_BAD_ANSWER
#define WANT(...)                                                              \
	.want = {__VA_ARGS__},                                                 \
	.n = sizeof((struct call_action[]){__VA_ARGS__}) /                     \
	     sizeof(struct call_action)
#define AFTER(...) .after = {__VA_ARGS__}

struct row {
	const char *name;
	const struct media_local *me;       /* NULL: endpoint */
	const struct call_event *after[10]; /* what led to the state */
	const struct call_event *event;
	struct call_action want[CALL_MAX_ACTIONS];
	size_t n; /* 0: ignored, nothing but the state is compared */
	enum call_state state;
	enum call_outcome outcome;
	const char *text; /* NULL: any */
};

static inline void reach(struct call *c, const struct media_local *me,
	const struct call_event *const after[10])
{
	struct call_action out[CALL_MAX_ACTIONS];

	call_init(c, me ? me : &endpoint);
	for (size_t i = 0; i < 10 && after[i]; i++)
		(void)call_step(c, after[i], out);
}

/* The word of an action that carries one is the call's own reason. */
static inline void check_text(
	const char *name, const struct call *c, const struct call_action *a)
{
	if (!a->text)
		fail_msg("%s: an action without text", name);
	if (a->type == CALL_SEND_BYE || a->type == CALL_SEND_REFUSAL ||
		a->type == CALL_DROP_FORK)
		assert_ptr_equal(a->text, c->text);
	if (a->type == CALL_SEND_BYE || a->type == CALL_SEND_REFUSAL ||
		a->type == CALL_REPORT_CHANGE ||
		a->type == CALL_REFUSE_REINVITE)
		assert_true(a->text[0] != '\0');
}

static inline void check_actions(const char *name, const struct call *c,
	const struct call_action *got, size_t n_got,
	const struct call_action *want, size_t n_want)
{
	for (size_t i = 0; i < n_got && i < n_want; i++) {
		if (got[i].type != want[i].type ||
			got[i].status != want[i].status ||
			got[i].warning != want[i].warning ||
			got[i].ms != want[i].ms)
			fail_msg("%s: action %zu: %d/%u/%u/%u, not %d/%u/%u/%u",
				name, i, got[i].type, got[i].status,
				got[i].warning, got[i].ms, want[i].type,
				want[i].status, want[i].warning, want[i].ms);
		check_text(name, c, &got[i]);
	}
	if (n_got != n_want)
		fail_msg("%s: %zu actions, not %zu", name, n_got, n_want);
}

static inline void check_row(const struct row *r)
{
	static struct call c;
	struct call_action out[CALL_MAX_ACTIONS];
	size_t n;

	reach(&c, r->me, r->after);
	n = call_step(&c, r->event, out);
	check_actions(r->name, &c, out, n, r->want, r->n);
	if (c.state != r->state)
		fail_msg("%s: state %s, not %s", r->name,
			call_state_name(c.state), call_state_name(r->state));
	if (c.outcome != r->outcome)
		fail_msg("%s: outcome %d, not %d", r->name, c.outcome,
			r->outcome);
	if (r->text && strcmp(c.text, r->text) != 0)
		fail_msg("%s: \"%s\", not \"%s\"", r->name, c.text, r->text);
}

static inline void check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check_row(&rows[i]);
}
#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))

#define BIT(what) (1UL << CALL_EV_##what)

/*
 * All kinds of facts but those in the mask (which mean something, or cannot
 * come because no deadline runs) leave the call as it is. What our side wants
 * is noted in every call that is not over, and a lost one ends.
 */
static inline void check_ignored(const char *name, const struct media_local *me,
	const struct call_event *const after[10], unsigned long mask)
{
	static struct call c;
	static struct call before;
	struct call_action out[CALL_MAX_ACTIONS];

	reach(&c, me, after);
	if (c.state != CALL_IDLE && c.state < CALL_ENDING)
		mask |= BIT(MOVED) | BIT(HOLD) | BIT(RESUME) | BIT(REFRESH);
	if (c.state >= CALL_ANSWERED && c.state < CALL_ENDING)
		mask |= BIT(LOST) | BIT(NO_ACK);
	for (size_t i = 0; i < N_FACTS; i++) {
		assert_int_equal(every_fact[i]->type, i);
		if (mask & 1UL << i)
			continue;
		reach(&c, me, after);
		memcpy(&before, &c, sizeof(c));
		if (call_step(&c, every_fact[i], out) != 0)
			fail_msg("%s: fact %zu is acted on", name, i);
		if (memcmp(&before, &c, sizeof(c)) != 0)
			fail_msg("%s: fact %zu leaves a trace", name, i);
	}
}

/* For a table of states reached, with what matters in each. */
struct deaf {
	const char *name;
	const struct call_event *after[10];
	unsigned long mask;
};

static inline void check_deaf(const struct deaf *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check_ignored(rows[i].name, NULL, rows[i].after, rows[i].mask);
}
#define CHECK_DEAF(rows) check_deaf(rows, sizeof(rows) / sizeof((rows)[0]))

#endif
