/*
 * agent_keep.c - the way to the server kept open, and what is done when it
 * breaks or the network becomes another one.
 *
 * Pings are a double CRLF (RFC 5626 section 4.4.1), on UDP as well: STUN,
 * which that RFC wants there, is of use only towards a server that speaks it,
 * and what NATs need is any datagram.
 */
#include <time.h>

#include "sip/agent_int.h"

/* A connection that breaks this soon after the network has changed breaks for
 * us alone: no reason for a back-off. */
#define MOVE_MS 15000

static const struct slice ping_text = {"\r\n\r\n", 4};

static void arm_ping(struct agent *a, uint32_t ms);

static uint64_t clock_ms(clockid_t which)
{
	struct timespec t;

	if (clock_gettime(which, &t) != 0)
		return 0;
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static struct nap_clocks clocks(void)
{
	const uint64_t monotonic = clock_ms(CLOCK_MONOTONIC);

	/* read behind the other, it is never the smaller one */
	return (struct nap_clocks){clock_ms(CLOCK_BOOTTIME), monotonic};
}

static bool has_slept(const struct agent *a)
{
	const struct nap_clocks now = clocks();

	return nap_between(&a->bound_at, &now);
}

static void lost(struct agent *a, const char *why)
{
	uint64_t now = (uint64_t)g_get_monotonic_time() / 1000;
	bool ours = a->moved_ms > 0 && now - a->moved_ms < MOVE_MS;
	struct agent_event ev = {
		.type = ours ? AGENT_REG_AGAIN : AGENT_REG_LOST,
		.phrase = slice_cstr(why)};

	a->reg_bound = false;
	g_clear_handle_id(&a->ping, g_source_remove);
	agent_report(a, &ev);
}

static gboolean ping_due(gpointer arg)
{
	struct agent *a = arg;
	uint32_t wait = 0;
	struct agent_event again = {.type = AGENT_REG_AGAIN,
		.phrase = SLICE("this machine has slept")};

	a->ping = 0;
	if (!a->server || !a->reg_bound)
		return G_SOURCE_REMOVE;
	if (has_slept(a)) {
		agent_report(a, &again);
		return G_SOURCE_REMOVE;
	}
	if (keepalive_due(&a->keepalive, (uint16_t)g_random_int(), &wait) ==
		KEEPALIVE_DEAD) {
		transport_close(a->transport, a->server);
		lost(a, "the server does not answer a ping");
		return G_SOURCE_REMOVE;
	}
	arm_ping(a, wait);
	(void)transport_send(a->transport, ping_text, a->server);
	return G_SOURCE_REMOVE;
}

static void arm_ping(struct agent *a, uint32_t ms)
{
	g_clear_handle_id(&a->ping, g_source_remove);
	a->ping = g_timeout_add(ms, ping_due, a);
}

void agent_server_bound(struct agent *a, bool outbound, uint32_t flow_timer)
{
	keepalive_learn(&a->keepalive, outbound, flow_timer);
	a->bound_at = clocks();
	/* a refresh is no reason to put off the next ping */
	if (a->ping == 0)
		arm_ping(a, keepalive_wait(
				    &a->keepalive, (uint16_t)g_random_int()));
}

void agent_on_line_ends(struct agent *a, GSocketAddress *from)
{
	if (transport_same_peer(from, a->server) &&
		keepalive_pong(&a->keepalive))
		arm_ping(a, keepalive_wait(
				    &a->keepalive, (uint16_t)g_random_int()));
}

/*
 * Of a datagram this is an ICMP error: the server is being restarted, and may
 * have forgotten us by the time that it is back.
 */
void agent_on_network_error(void *arg, GSocketAddress *peer, const char *why)
{
	struct agent *a = arg;
	bool asked =
		a->asking == ASKING_OPEN && a->route.current < a->peers->len &&
		transport_same_peer(peer, a->peers->pdata[a->route.current]);
	struct agent_event failed = {
		.type = AGENT_REG_NO_ANSWER, .phrase = slice_cstr(why)};

	/* what a REGISTER among these means is told through its transaction */
	stack_abort_waiting(a->stack, peer, why);
	if (asked)
		agent_server_failed(a, &failed);
	else if (a->reg_bound && a->asking == ASKING_NOBODY &&
		 transport_same_peer(peer, a->server))
		lost(a, why);
}

void agent_moved(struct agent *a)
{
	struct agent_event again = {.type = AGENT_REG_AGAIN,
		.phrase = SLICE("the network has changed")};
	struct vpnsdp_addr now = {0};
	GInetAddress *addr;

	a->moved_ms = (uint64_t)g_get_monotonic_time() / 1000;
	a->stale = true; /* names may mean other servers here */
	route_forgive(&a->route);
	if (!a->way) {
		agent_report(a, &again);
		return;
	}
	addr = transport_source_address(a->server, NULL);
	if (!addr)
		return; /* no network: there will be another change */
	now = way_address_of(addr);
	g_object_unref(addr);
	if (a->reg_bound && !has_slept(a) &&
		vpnsdp_addr_eq(&now, &a->address)) {
		/* is the connection still good? a datagram would not tell */
		if (a->keepalive.stream)
			(void)transport_send(
				a->transport, ping_text, a->server);
		return;
	}
	if (!vpnsdp_addr_eq(&now, &a->address))
		transport_close(a->transport, a->server);
	agent_report(a, &again);
}
