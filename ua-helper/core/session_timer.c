/* session_timer.c - RFC 4028. PURE. */
#include "core/session_timer.h"

void session_timer_init(struct session_timer *t)
{
	*t = (struct session_timer){.min_se = SESSION_TIMER_MIN};
}

static void start(struct session_timer *t, const struct session_expires *se,
	bool refresher, uint64_t now)
{
	t->expires = se->expires;
	t->refresher = refresher;
	t->refreshing = false;
	t->since = now;
}

struct session_expires session_timer_ask(const struct session_timer *t)
{
	struct session_expires ask = {SESSION_TIMER_EXPIRES, REFRESHER_NONE};

	/* section 7.4: later requests keep what was agreed */
	if (t->expires > 0) {
		ask.expires = t->expires;
		ask.refresher = t->refresher ? REFRESHER_UAC : REFRESHER_UAS;
	}
	if (ask.expires < t->min_se)
		ask.expires = t->min_se;
	return ask;
}

bool session_timer_too_small(struct session_timer *t, uint32_t min_se)
{
	if (min_se <= session_timer_ask(t).expires)
		return false;
	t->min_se = min_se;
	return true;
}

void session_timer_answered(struct session_timer *t,
	const struct session_expires *got, uint64_t now)
{
	/* section 7.2: without the header there is no timer any more */
	start(t, got, got->refresher != REFRESHER_UAS, now);
}

bool session_timer_judge(const struct session_expires *asked, uint32_t min_se,
	bool supported, struct session_expires *out)
{
	*out = *asked;
	if (asked->expires == 0) {
		/* section 9: we may ask for one, of who understands it */
		out->refresher = supported ? REFRESHER_UAS : REFRESHER_NONE;
		out->expires = supported ? SESSION_TIMER_EXPIRES : 0;
		if (out->expires > 0 && out->expires < min_se)
			out->expires = min_se;
		return true;
	}
	if (!supported) {
		/* a proxy wants it: it cannot make the caller do anything */
		out->refresher = REFRESHER_UAS;
		return true;
	}
	if (asked->expires < SESSION_TIMER_MIN)
		return false;
	if (out->refresher == REFRESHER_NONE)
		out->refresher = REFRESHER_UAC;
	return true;
}

void session_timer_agreed(struct session_timer *t,
	const struct session_expires *said, uint64_t now)
{
	start(t, said, said->refresher == REFRESHER_UAS, now);
}

/* Section 10: BYE this long before the end, so that it arrives before. */
static uint64_t expiry(const struct session_timer *t)
{
	uint64_t all = (uint64_t)t->expires * 1000;
	uint64_t early = all / 3 < 32000 ? all / 3 : 32000;

	return t->since + all - early;
}

uint64_t session_timer_next(const struct session_timer *t)
{
	if (t->expires == 0)
		return SESSION_TIMER_NEVER;
	if (t->refresher && !t->refreshing)
		return t->since + (uint64_t)t->expires * 500;
	return expiry(t);
}

enum session_due session_timer_due(struct session_timer *t, uint64_t now)
{
	if (t->expires == 0 || now < session_timer_next(t))
		return SESSION_NOTHING;
	if (now >= expiry(t))
		return SESSION_EXPIRED;
	t->refreshing = true;
	return SESSION_REFRESH;
}
