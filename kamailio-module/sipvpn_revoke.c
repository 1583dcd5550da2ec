/*
 * sipvpn_revoke.c - sipvpn.calls and sipvpn.revoke: who is in a VPN call, and
 * how to end it.
 *
 * A page is made with the lock of the store in hand; that waits for nothing,
 * since all of the reply is memory of this process.
 */
#include "sipvpn_revoke.h"

#include "core/dprint.h"
#include "core/globals.h"
#include "core/timer.h"

#include "kam_slice.h"
#include "sipvpn_list.h"
#include "sipvpn_store.h"

#define PAGE 20 /* calls: a reply of kamcmd or a datagram has its limit */
/* Bytes of Call-IDs that end a page too: whoever calls chooses their length. */
#define PAGE_TEXT 16384
#define MAX_ID 16 /* bytes: "call:" and ten digits */

/* No member can be called so: a colon ends the user of a SIP URI. */
static const struct slice id_prefix = {"call:", 5};

static struct slice home_domain;

const char *sipvpn_revoke_calls_doc[] = {
	"The VPN calls in progress [from the number that the last page named]",
	0};
const char *sipvpn_revoke_doc[] = {
	"End <call> (its id or Call-ID), or all calls of <member> [in <group>]",
	0};

void sipvpn_revoke_init(struct slice domain)
{
	home_domain = domain;
}

static bool have_calls(rpc_t *rpc, void *ctx)
{
	if (sipvpn_store_on())
		return true;
	rpc->fault(ctx, 501,
		"Calls are not followed: the module dialog is not loaded");
	return false;
}

static const char *state_of(const struct sipvpn_call *call)
{
	if (call->why != SIPVPN_WHY_NONE)
		return "ending";
	return call->state == SIPVPN_CALL_UP ? "up" : "ringing";
}

static void add_call(rpc_t *rpc, void *list, const struct sipvpn_call *call)
{
	const struct sipvpn_call_facts *f = &call->facts;
	str call_id = str_of_slice(f->call_id);
	str group = str_of_slice(f->group);
	char mem[MAX_ID];
	struct sbuf id = sbuf_over(mem, sizeof(mem));
	str id_text;
	void *one;

	sbuf_put(&id, id_prefix);
	sbuf_u64(&id, call->id);
	id_text = str_of_slice(sbuf_slice(&id));
	if (rpc->array_add(list, "{", &one) < 0)
		return;
	rpc->struct_add(one, "S", "id", &id_text);
	/* by itself: kamcmd can do without one that is too long for it */
	rpc->struct_add(one, "S", "call_id", &call_id);
	rpc->struct_add(one, "S", "group", &group);
	sipvpn_list_aor(rpc, one, (char *)"caller", &f->caller);
	sipvpn_list_aor(rpc, one, (char *)"callee", &f->callee);
	rpc->struct_add(
		one, "sd", "state", state_of(call), "since", (int)f->since);
	sipvpn_list_addr(rpc, one, (char *)"caller_addr", &f->ends.local);
	sipvpn_list_addr(rpc, one, (char *)"callee_addr", &f->ends.remote);
	rpc->struct_add(one, "d", "node", server_id);
}

static void list_calls(rpc_t *rpc, void *ctx, uint32_t from)
{
	struct sipvpn_calls *set;
	struct sipvpn_call *call;
	void *reply, *list;
	size_t text = 0;

	if (rpc->add(ctx, "{", &reply) < 0 ||
		rpc->struct_add(reply, "[", "calls", &list) < 0)
		return;
	set = sipvpn_store_take();
	call = sipvpn_calls_next(set, from);
	for (int n = 0; call && n < PAGE && text < PAGE_TEXT; n++) {
		add_call(rpc, list, call);
		text += call->facts.call_id.len;
		from = call->id + 1;
		call = sipvpn_calls_next(set, from);
	}
	sipvpn_store_give();
	if (call)
		rpc->struct_add(reply, "d", "next", (int)from);
}

void sipvpn_revoke_rpc_calls(rpc_t *rpc, void *ctx)
{
	uint32_t from = 0;
	str text = {NULL, 0};

	if (!have_calls(rpc, ctx))
		return;
	if (rpc->scan(ctx, "*.S", &text) >= 1 &&
		!slice_u32(slice_of_str(&text), INT32_MAX, &from)) {
		rpc->fault(ctx, 400, "A page begins at a number");
		return;
	}
	list_calls(rpc, ctx, from);
}

/* Which calls the word means: an id, a member, a Call-ID, in this order. */
static uint32_t cut_all(struct slice word, struct slice group)
{
	struct sipvpn_call_wanted wanted = {.group = group};
	struct sipvpn_calls *set = sipvpn_store_take();
	struct sipvpn_aor who;
	uint32_t n = 0;

	if (slice_starts(word, id_prefix)) {
		if (slice_u32(slice_skip(word, id_prefix.len), INT32_MAX,
			    &wanted.id) &&
			wanted.id > 0)
			n = sipvpn_calls_revoke(set, &wanted, get_ticks());
	} else {
		if (sipvpn_aor_parse(word, home_domain, &who)) {
			wanted.member = &who;
			n = sipvpn_calls_revoke(set, &wanted, get_ticks());
		}
		wanted.member = NULL;
		wanted.call_id = word;
		if (n == 0)
			n = sipvpn_calls_revoke(set, &wanted, get_ticks());
	}
	sipvpn_store_give();
	return n;
}

void sipvpn_revoke_rpc(rpc_t *rpc, void *ctx)
{
	str word, group = {NULL, 0};
	void *reply;
	uint32_t n;

	if (!have_calls(rpc, ctx))
		return;
	if (rpc->scan(ctx, ".S", &word) < 1 || word.len <= 0) {
		rpc->fault(ctx, 400, "Usage: <member|call> [<group>]");
		return;
	}
	if (rpc->scan(ctx, "*.S", &group) < 1)
		group.len = 0;
	n = cut_all(slice_of_str(&word), slice_of_str(&group));
	if (n == 0) {
		rpc->fault(ctx, 404,
			"There is no such call, and no call of such a member, "
			"on this server");
		return;
	}
	LM_NOTICE("%u VPN calls revoked: %.*s\n", n, STR_FMT(&word));
	if (rpc->add(ctx, "{", &reply) >= 0)
		rpc->struct_add(reply, "d", "calls", (int)n);
}
