/*
 * session_timer.h - when a call is refreshed, and when it counts as dead
 * (RFC 4028).
 *
 * PURE: headers and time in, what is due out. Times are milliseconds of one
 * clock, intervals seconds.
 */
#ifndef SIPVPN_SESSION_TIMER_H
#define SIPVPN_SESSION_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#define SESSION_TIMER_EXPIRES 1800 /* section 4: recommended */
#define SESSION_TIMER_MIN 90       /* section 5: never less */
#define SESSION_TIMER_NEVER UINT64_MAX

enum session_refresher { REFRESHER_NONE, REFRESHER_UAC, REFRESHER_UAS };

struct session_timer {
	uint32_t expires; /* in force; 0: no timer runs */
	uint32_t min_se;  /* the least that all on the way take */
	bool refresher;   /* we are */
	bool refreshing;  /* it has been asked for, and is not done */
	uint64_t since;   /* the last refresh */
};

/* Session-Expires with its parameter; expires 0: no such header. */
struct session_expires {
	uint32_t expires;
	enum session_refresher refresher;
};

enum session_due { SESSION_NOTHING, SESSION_REFRESH, SESSION_EXPIRED };

void session_timer_init(struct session_timer *t);

/* What our request says. */
struct session_expires session_timer_ask(const struct session_timer *t);
/* A 422 with this Min-SE. False: it asks for nothing new, do not try again. */
bool session_timer_too_small(struct session_timer *t, uint32_t min_se);
/* A 2xx to our request carried this. */
void session_timer_answered(struct session_timer *t,
	const struct session_expires *got, uint64_t now);

/*
 * A request of the peer's asks for this; supported: it understands timers.
 * False: 422 with Min-SE: SESSION_TIMER_MIN. Else *out is what our 2xx says.
 */
bool session_timer_judge(const struct session_expires *asked, uint32_t min_se,
	bool supported, struct session_expires *out);
/* Our 2xx said so. */
void session_timer_agreed(struct session_timer *t,
	const struct session_expires *said, uint64_t now);

/* When to ask session_timer_due() again. */
uint64_t session_timer_next(const struct session_timer *t);
/* SESSION_REFRESH comes once an interval. */
enum session_due session_timer_due(struct session_timer *t, uint64_t now);

#endif
