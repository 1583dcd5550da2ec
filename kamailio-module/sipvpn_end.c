/*
 * sipvpn_end.c - the process that looks after the calls in progress.
 *
 * It alone takes calls out of the store, so it may look at one without the
 * lock, which tm and dialog must not be entered with. What others change is
 * read under it.
 */
#include "sipvpn_end.h"

#include "core/config.h"
#include "core/dprint.h"
#include "core/globals.h"
#include "core/msg_translator.h"
#include "core/pt.h"
#include "core/receive.h"
#include "core/socket_info.h"
#include "core/timer.h"
#include "core/timer_proc.h"
#include "modules/dialog/dlg_hash.h"
#include "modules/dialog/dlg_load.h"

#include "kam_slice.h"
#include "sipvpn_bye.h"
#include "sipvpn_event.h"
#include "sipvpn_record.h"
#include "sipvpn_stats.h"
#include "sipvpn_store.h"
#include "sipvpn_table.h"

#define LOOK_EVERY 200000 /* microseconds: a revocation takes no second */
#define MAX_PHRASE 128    /* bytes: the longest verdict, and a few more */
/*
 * Call-ID and tags have come in one message, of any length that the server
 * takes: nobody is to keep us from ending a call by long ones.
 */
#define MAX_MESSAGE (BUF_SIZE + 2 * SIPVPN_MAX_AOR + 512)

static struct dlg_binds dialog;

int sipvpn_end_init(void)
{
	if (!sipvpn_store_on())
		return 0;
	if (load_dlg_api(&dialog) < 0)
		return -1;
	sipvpn_bye_init();
	return register_basic_timers(1);
}

static void put_party(struct sbuf *b, struct slice header,
	const struct sipvpn_aor *aor, struct slice tag)
{
	sbuf_put(b, header);
	sbuf_put(b, aor->user);
	sbuf_char(b, '@');
	sbuf_put(b, aor->domain);
	sbuf_char(b, '>');
	if (tag.len > 0) {
		sbuf_put(b, SLICE(";tag="));
		sbuf_put(b, tag);
	}
}

/* A request that belongs to the call: for dialog to find it, for events. */
static bool write_message(const struct sipvpn_call_facts *f, struct sbuf *b)
{
	put_party(b,
		SLICE("BYE sip:dialog SIP/2.0\r\n"
		      "Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\n"
		      "From: <sip:"),
		&f->caller, f->from_tag);
	put_party(b, SLICE("\r\nTo: <sip:"), &f->callee, f->to_tag);
	sbuf_put(b, SLICE("\r\nCall-ID: "));
	sbuf_put(b, f->call_id);
	sbuf_put(b, SLICE("\r\nCSeq: 1 BYE\r\nMax-Forwards: 70\r\n"
			  "Content-Length: 0\r\n\r\n"));
	return sbuf_ok(b);
}

/* As if it had come to us from here. */
static bool build_message(struct sip_msg *msg, struct sbuf *b)
{
	if (build_sip_msg_from_buf(msg, b->p, (int)b->len, inc_msg_no()) < 0)
		return false;
	msg->rcv.bind_address = get_first_socket();
	msg->rcv.proto = PROTO_UDP;
	msg->rcv.src_ip.af = msg->rcv.dst_ip.af = AF_INET;
	msg->rcv.src_ip.len = msg->rcv.dst_ip.len = 4;
	msg->rcv.src_ip.u.addr[0] = msg->rcv.dst_ip.u.addr[0] = 127;
	msg->rcv.src_ip.u.addr[3] = msg->rcv.dst_ip.u.addr[3] = 1;
	return true;
}

static enum sipvpn_phase phase_of(const struct dlg_cell *dlg)
{
	if (!dlg)
		return SIPVPN_PHASE_UNKNOWN;
	switch (dlg->state) {
	case DLG_STATE_CONFIRMED_NA:
		return SIPVPN_PHASE_UNACKED;
	case DLG_STATE_CONFIRMED:
		return SIPVPN_PHASE_UP;
	case DLG_STATE_DELETED:
		return SIPVPN_PHASE_ENDED;
	default:
		return SIPVPN_PHASE_EARLY;
	}
}

/* What the two ends are told. */
static void write_phrase(const struct sipvpn_call *call, struct sbuf *b)
{
	const char *why = sipvpn_call_why(call);

	if (call->why == SIPVPN_WHY_REVOKED)
		sbuf_put(b, SLICE("VPN call "));
	if (call->why == SIPVPN_WHY_UNFIT)
		sbuf_put(b, SLICE("VPN refused: "));
	sbuf_put(b, slice_cstr(why));
}

static void over(struct sipvpn_call *call, bool unknown)
{
	struct sipvpn_calls *set = sipvpn_store_take();

	if (unknown)
		sipvpn_call_gone(set, call);
	else
		sipvpn_call_over(set, call, SIPVPN_WHY_HUNG_UP);
	sipvpn_store_give();
}

static void act(struct sipvpn_call *call, struct dlg_cell *dlg)
{
	enum sipvpn_phase phase = phase_of(dlg);
	int cause = call->why == SIPVPN_WHY_CLOSED ? 488 : 403;
	char mem[MAX_PHRASE];
	struct sbuf phrase = sbuf_over(mem, sizeof(mem));

	write_phrase(call, &phrase);
	switch (sipvpn_call_act(call, phase, get_ticks())) {
	case SIPVPN_ACT_WAIT:
		break;
	case SIPVPN_ACT_REFUSE:
		/* When it fails, an answer is on its way; then a BYE will. */
		call->refused = sipvpn_bye_refuse(dlg, sbuf_cstr(&phrase));
		break;
	case SIPVPN_ACT_BYE:
		(void)sipvpn_bye_both(&dialog, dlg, cause, sbuf_slice(&phrase));
		over(call, false);
		break;
	case SIPVPN_ACT_GIVE_UP:
		over(call, phase == SIPVPN_PHASE_UNKNOWN);
		break;
	}
}

static void end(struct sipvpn_call *call, struct sip_msg *msg)
{
	struct dlg_cell *dlg = dialog.get_dlg(msg);

	act(call, dlg);
	if (dlg)
		dialog.release_dlg(dlg);
}

static void tell(struct sipvpn_call *call, struct sip_msg *msg)
{
	const struct sipvpn_call_facts *f = &call->facts;
	struct sipvpn_pair pair = {f->caller, f->callee, false};

	LM_INFO("VPN call %u in the group %.*s is over: %s\n", call->id,
		SLICE_ARG(f->group), sipvpn_call_why(call));
	sipvpn_record_set(msg, call->verdict, &pair, f->group);
	sipvpn_record_reason(sipvpn_call_why(call));
	if (call->why == SIPVPN_WHY_REVOKED || call->why == SIPVPN_WHY_UNFIT)
		sipvpn_stats_count(SIPVPN_REVOKED);
	sipvpn_event_run(msg, SIPVPN_EVENT_ENDED);
	call->told = true;
}

/* The text they point to stays, but tag and addresses come with the answer. */
static struct sipvpn_call_facts facts_of(const struct sipvpn_call *call)
{
	struct sipvpn_call_facts facts;

	(void)sipvpn_store_take();
	facts = call->facts;
	sipvpn_store_give();
	return facts;
}

/* With a message of the call's, end or tell. */
static void with_message(struct sipvpn_call *call,
	void (*f)(struct sipvpn_call *, struct sip_msg *))
{
	static char text[MAX_MESSAGE]; /* too large for the stack */
	struct sipvpn_call_facts facts = facts_of(call);
	struct sbuf b = sbuf_over(text, sizeof(text));
	struct sip_msg msg;

	if (!write_message(&facts, &b) || !build_message(&msg, &b)) {
		LM_ERR("cannot write a message of the VPN call %u\n", call->id);
		call->told = true;
		over(call, true);
		return;
	}
	f(call, &msg);
	free_sip_msg(&msg);
}

/* Nobody is cut off because we cannot tell. */
static void judge(struct sipvpn_call *call)
{
	struct sipvpn_call_facts f = facts_of(call);
	struct sipvpn_decision decision;
	struct sipvpn_calls *set;

	sipvpn_table_judge(&f.caller, &f.callee, f.group, &f.ends, &decision);
	set = sipvpn_store_take();
	call->fresh = false;
	if (decision.verdict != SIPVPN_ALLOWED &&
		decision.verdict != SIPVPN_NOT_READY &&
		decision.verdict != SIPVPN_INTERNAL)
		(void)sipvpn_call_cut(set, call, SIPVPN_WHY_UNFIT,
			decision.verdict, get_ticks());
	sipvpn_store_give();
}

static enum sipvpn_step step_of(
	struct sipvpn_call *call, bool all, struct sipvpn_call **next)
{
	enum sipvpn_step step;

	(void)sipvpn_store_take();
	step = sipvpn_call_step(call, all);
	*next = call->next;
	sipvpn_store_give();
	return step;
}

static void drop(struct sipvpn_call *call)
{
	sipvpn_calls_drop(sipvpn_store_take(), call);
	sipvpn_store_give();
}

/* True when there will be more to do about it without another's word. */
static bool look_at(struct sipvpn_call *call, enum sipvpn_step step)
{
	switch (step) {
	case SIPVPN_STEP_NONE:
		return false;
	case SIPVPN_STEP_JUDGE:
		judge(call);
		break;
	case SIPVPN_STEP_END:
		with_message(call, end);
		break;
	case SIPVPN_STEP_TELL:
		with_message(call, tell);
		break;
	case SIPVPN_STEP_DROP:
		drop(call);
		return false;
	}
	return true;
}

/* One round over all calls. False when nothing is left to do. */
static bool round_of_calls(bool all)
{
	struct sipvpn_call *call, *next;
	bool more = false;

	call = sipvpn_store_take()->first;
	sipvpn_store_give();
	for (; call; call = next)
		if (look_at(call, step_of(call, all, &next)))
			more = true;
	return more;
}

/* Whether anybody has asked for a round since the last look. */
static bool asked(void)
{
	struct sipvpn_calls *set = sipvpn_store_take();
	bool work = set->work;

	set->work = false;
	sipvpn_store_give();
	return work;
}

/*
 * A call that was admitted by a membership which was replaced before the call
 * came into the store is still fresh, and judged by the new one.
 */
static void look(unsigned int ticks, void *param)
{
	static uint64_t judged; /* with this epoch of the membership */
	static bool more;
	uint64_t epoch = sipvpn_table_epoch();
	bool all = epoch != judged;

	(void)ticks;
	(void)param;
	judged = epoch;
	if (asked() || more || all)
		more = round_of_calls(all);
}

int sipvpn_end_fork(int rank)
{
	if (!sipvpn_store_on() || rank != PROC_MAIN)
		return 0;
	return fork_basic_utimer(PROC_TIMER, (char *)"sipvpn calls", 1, look,
		       NULL, LOOK_EVERY) < 0
		       ? -1
		       : 0;
}
