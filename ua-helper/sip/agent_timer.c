/* agent_timer.c - session timers (RFC 4028): headers, clock, what is due. */
#include "sip/agent_int.h"

static uint64_t now_ms(void)
{
	return (uint64_t)g_get_monotonic_time() / 1000;
}

static void arm(struct agent_call *call);

static gboolean due(gpointer arg)
{
	struct agent_call *call = arg;

	call->timer_source = 0;
	switch (session_timer_due(&call->timer, now_ms())) {
	case SESSION_NOTHING:
		arm(call);
		break;
	case SESSION_REFRESH:
		arm(call);
		agent_refresh(call);
		break;
	case SESSION_EXPIRED:
		agent_lost(
			call, "the session has expired: nobody refreshed it");
		break;
	}
	return G_SOURCE_REMOVE;
}

static void arm(struct agent_call *call)
{
	uint64_t next = session_timer_next(&call->timer);
	uint64_t now = now_ms();
	uint64_t wait = next > now ? next - now : 0;

	g_clear_handle_id(&call->timer_source, g_source_remove);
	if (next == SESSION_TIMER_NEVER)
		return;
	/* a guint of milliseconds is 49 days; then it is asked again */
	call->timer_source =
		g_timeout_add((guint)MIN(wait, (uint64_t)G_MAXINT), due, call);
}

void agent_timer_stop(struct agent_call *call)
{
	g_clear_handle_id(&call->timer_source, g_source_remove);
	session_timer_init(&call->timer);
}

void agent_timer_answered(struct agent_call *call, osip_message_t *msg)
{
	struct session_expires got = msg_session_expires(msg);

	if (call->untimed)
		return;
	session_timer_answered(&call->timer, &got, now_ms());
	arm(call);
}

bool agent_timer_asked(struct agent_call *call, osip_message_t *msg)
{
	struct session_expires asked = msg_session_expires(msg);

	if (call->untimed)
		return true;
	return session_timer_judge(&asked, msg_number(msg, "min-se"),
		msg_supports(msg, "timer"), &call->said);
}

void agent_timer_agree(struct agent_call *call, osip_message_t *response)
{
	static const char *const refresher[] = {
		"", ";refresher=uac", ";refresher=uas"};
	char *value;

	if (call->untimed)
		return;
	session_timer_agreed(&call->timer, &call->said, now_ms());
	arm(call);
	if (call->said.expires == 0)
		return;
	value = g_strdup_printf("%u%s", (unsigned)call->said.expires,
		refresher[call->said.refresher]);
	msg_add(response, "Session-Expires", value);
	g_free(value);
	/* section 9: the caller has to understand what it is to do */
	if (call->said.refresher == REFRESHER_UAC)
		msg_add(response, "Require", "timer");
}
