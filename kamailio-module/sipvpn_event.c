/*
 * sipvpn_event.c - event routes, or a KEMI function in their place.
 */
#include "sipvpn_event.h"

#include "core/action.h"
#include "core/dprint.h"
#include "core/kemi.h"
#include "core/route.h"

static str names[] = {
	[SIPVPN_EVENT_ADMITTED] = str_init("sipvpn:admitted"),
	[SIPVPN_EVENT_REJECTED] = str_init("sipvpn:rejected"),
	[SIPVPN_EVENT_ENDED] = str_init("sipvpn:ended"),
};
#define EVENTS (sizeof(names) / sizeof(names[0]))

static int routes[EVENTS];
static str callback;

void sipvpn_event_init(const str *name)
{
	callback = *name;
	if (callback.len > 0 && !sr_kemi_eng_get())
		LM_WARN("there are no events: event_callback is set, and no "
			"KEMI script runs\n");
	for (size_t i = 0; i < EVENTS; i++)
		routes[i] = route_lookup(&event_rt, names[i].s);
}

static void run_kemi(struct sip_msg *msg, enum sipvpn_event event)
{
	sr_kemi_eng_t *engine = sr_kemi_eng_get();

	if (!engine)
		return;
	if (sr_kemi_route(engine, msg, EVENT_ROUTE, &callback, &names[event]) <
		0)
		LM_ERR("event_callback failed on %.*s\n",
			STR_FMT(&names[event]));
}

/*
 * Not run_top_route(), which takes the flags of a message that has no part in
 * the event for a new one's.
 */
static void run_native(struct sip_msg *msg, enum sipvpn_event event)
{
	struct run_act_ctx ctx;

	init_run_actions_ctx(&ctx);
	run_actions(&ctx, event_rt.rlist[routes[event]], msg);
}

void sipvpn_event_run(struct sip_msg *msg, enum sipvpn_event event)
{
	int before = get_route_type();

	set_route_type(EVENT_ROUTE);
	if (callback.s && callback.len > 0)
		run_kemi(msg, event);
	else if (routes[event] >= 0 && event_rt.rlist[routes[event]])
		run_native(msg, event);
	set_route_type(before);
}
