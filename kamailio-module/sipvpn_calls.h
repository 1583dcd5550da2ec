/*
 * sipvpn_calls.h - the VPN calls in progress, and what becomes of each.
 *
 * PURE: memory comes from the caller's functions, time is the caller's, in
 * seconds. Somebody else locks. Only one process takes calls out of the set,
 * so what that process holds a pointer to stays.
 *
 * A call rings, is up, is over. Who wants it to end cuts it; how it is ended
 * depends on what its dialog has come to (sipvpn_call_act()). When it is over
 * somebody is told, and when nothing can speak of it any more it is dropped.
 */
#ifndef SIPVPN_CALLS_H
#define SIPVPN_CALLS_H

#include "sipvpn_net.h"
#include "sipvpn_policy.h"
#include "sipvpn_vec.h"

/* A power of two. Ids are given in order, so low bits spread them evenly. */
#define SIPVPN_CALL_BUCKETS 8192
/* 64 * T1: by then an ACK has come, or the callee has given up (RFC 3261
 * section 13.3.1.4). */
#define SIPVPN_CALL_PATIENCE 32

enum sipvpn_call_state {
	SIPVPN_CALL_RINGING,
	SIPVPN_CALL_UP,
	SIPVPN_CALL_OVER,
};

/* Why a call is cut, or over. */
enum sipvpn_why {
	SIPVPN_WHY_NONE,
	SIPVPN_WHY_HUNG_UP,    /* by one of the two */
	SIPVPN_WHY_UNANSWERED, /* it never came up */
	SIPVPN_WHY_EXPIRED,    /* the dialog module's default_timeout */
	SIPVPN_WHY_DECLINED,   /* the answer closed the VPN section */
	SIPVPN_WHY_CLOSED,     /* we closed its section */
	SIPVPN_WHY_TAKEN_OUT,  /* a later offer or answer has closed it */
	SIPVPN_WHY_REVOKED,    /* by the operator */
	SIPVPN_WHY_UNFIT,      /* it would not be admitted any more: verdict */
};

/* What is known about a call. Slices are borrowed. */
struct sipvpn_call_facts {
	struct slice group; /* empty: not a VPN call, only here to be ended */
	struct sipvpn_aor caller, callee;
	/* The tunnel addresses: local is the caller's, remote the callee's. */
	struct sipvpn_ends ends;
	struct slice call_id, from_tag, to_tag;
	int64_t since; /* the time of day, seconds */
};

struct sipvpn_call {
	struct sipvpn_call *next, *prev, *in_bucket;
	struct sipvpn_call_facts facts; /* the text is the call's own */
	char *to_tag; /* memory of facts.to_tag when it came later */
	uint32_t id;  /* from 1 */
	enum sipvpn_call_state state;
	enum sipvpn_why why; /* it is cut or over */
	enum sipvpn_verdict verdict;
	unsigned int until; /* cut: patience ends */
	bool fresh;         /* has to be judged by the membership in force */
	bool refused;       /* the caller has been told while it rang */
	bool told;          /* somebody has been told that it is over */
	bool gone;          /* its dialog is no more: nothing names it */
};

struct sipvpn_calls {
	const struct sipvpn_mem *mem;
	struct sipvpn_call *first, *last; /* by id */
	uint32_t last_id;
	uint32_t n; /* VPN calls that are not over */
	bool work;  /* sipvpn_call_step() has something to say about one */
	struct sipvpn_call *bucket[SIPVPN_CALL_BUCKETS];
};

void sipvpn_calls_init(struct sipvpn_calls *set, const struct sipvpn_mem *mem);
void sipvpn_calls_free(struct sipvpn_calls *set);

/* A call that rings; facts are copied. NULL when memory is short. */
struct sipvpn_call *sipvpn_calls_add(
	struct sipvpn_calls *set, const struct sipvpn_call_facts *facts);
void sipvpn_calls_drop(struct sipvpn_calls *set, struct sipvpn_call *call);
struct sipvpn_call *sipvpn_calls_find(struct sipvpn_calls *set, uint32_t id);
/* The first VPN call that is not over with this id or a higher one. */
struct sipvpn_call *sipvpn_calls_next(struct sipvpn_calls *set, uint32_t id);

/* Answered with to_tag, at this time of day. False: no memory for the tag. */
bool sipvpn_call_answered(struct sipvpn_calls *set, struct sipvpn_call *call,
	struct slice to_tag, int64_t since);
/* Over; the reason it was cut for is the better one. */
void sipvpn_call_over(struct sipvpn_calls *set, struct sipvpn_call *call,
	enum sipvpn_why why);
/* Its dialog is no more. */
void sipvpn_call_gone(struct sipvpn_calls *set, struct sipvpn_call *call);
/* It is to end. False when it is over or cut already. */
bool sipvpn_call_cut(struct sipvpn_calls *set, struct sipvpn_call *call,
	enum sipvpn_why why, enum sipvpn_verdict verdict, unsigned int now);

/* Which calls; what is empty, 0 or NULL does not matter. */
struct sipvpn_call_wanted {
	uint32_t id;
	struct slice call_id;
	const struct sipvpn_aor *member; /* one end of it */
	struct slice group;
};

/* Cut all VPN calls that are wanted; how many were. */
uint32_t sipvpn_calls_revoke(struct sipvpn_calls *set,
	const struct sipvpn_call_wanted *wanted, unsigned int now);

/* The addresses of net that calls in the group hold, into the window. */
void sipvpn_calls_hold(const struct sipvpn_calls *set, struct slice group,
	const struct sipvpn_subnet *net, struct sipvpn_window *window);

/* What there is to do about a call. */
enum sipvpn_step {
	SIPVPN_STEP_NONE,
	SIPVPN_STEP_JUDGE, /* may it still be? */
	SIPVPN_STEP_END,   /* look at its dialog and ask sipvpn_call_act() */
	SIPVPN_STEP_TELL,  /* that it is over */
	SIPVPN_STEP_DROP,
};

/* all: the membership has changed, every call is to be judged. */
enum sipvpn_step sipvpn_call_step(const struct sipvpn_call *call, bool all);

/* What a call's dialog has come to. */
enum sipvpn_phase {
	SIPVPN_PHASE_UNKNOWN, /* no such dialog */
	SIPVPN_PHASE_EARLY,   /* nobody has answered */
	SIPVPN_PHASE_UNACKED, /* answered; the ACK is on its way */
	SIPVPN_PHASE_UP,
	SIPVPN_PHASE_ENDED,
};

/* How a call that is cut is ended. */
enum sipvpn_act {
	SIPVPN_ACT_WAIT,
	SIPVPN_ACT_REFUSE, /* answer the INVITE */
	SIPVPN_ACT_BYE,
	SIPVPN_ACT_GIVE_UP, /* it is over, or cannot be ended */
};

enum sipvpn_act sipvpn_call_act(const struct sipvpn_call *call,
	enum sipvpn_phase phase, unsigned int now);

/* A few plain words, without a full stop. */
const char *sipvpn_call_why(const struct sipvpn_call *call);

#endif
