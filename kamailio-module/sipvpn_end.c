/*
 * sipvpn_end.c - end a call whose VPN was closed, once it may be ended.
 */
#include "sipvpn_end.h"

#include <stdbool.h>

#include "core/dprint.h"
#include "core/globals.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"
#include "core/msg_translator.h"
#include "core/parser/parse_from.h"
#include "core/parser/parse_to.h"
#include "core/pt.h"
#include "core/receive.h"
#include "core/timer.h"
#include "core/timer_proc.h"
#include "modules/dialog/dlg_hash.h"
#include "modules/dialog/dlg_load.h"

#include "kam_slice.h"
#include "vpnsdp/sbuf.h"

#define LOOK_EVERY                                                             \
	200000 /* microseconds from one look at the queue to next              \
		*/
/* 64 * T1: by then an ACK has come, or the callee has given up (RFC 3261
 * section 13.3.1.4). */
#define PATIENCE 32
#define MAX_MESSAGE 2048 /* of the message that finds a dialog */

struct ending {
	struct ending *next;
	unsigned int until; /* Kamailio's seconds */
	size_t len;
	char text[]; /* of a message with Call-ID and tags */
};

struct queue {
	gen_lock_t lock;
	struct ending *first;
};

static struct queue *queue;
static struct dlg_binds dialog;

int sipvpn_end_init(void)
{
	if (!find_export("load_dlg", 0, 0) || load_dlg_api(&dialog) < 0)
		return 0;
	queue = shm_malloc(sizeof(*queue));
	if (!queue) {
		SHM_MEM_ERROR;
		return -1;
	}
	*queue = (struct queue){.first = NULL};
	if (!lock_init(&queue->lock)) {
		LM_ERR("cannot make a lock\n");
		shm_free(queue);
		queue = NULL;
		return -1;
	}
	return register_basic_timers(1);
}

void sipvpn_end_destroy(void)
{
	struct ending *e;

	if (!queue)
		return;
	while ((e = queue->first) != NULL) {
		queue->first = e->next;
		shm_free(e);
	}
	lock_destroy(&queue->lock);
	shm_free(queue);
	queue = NULL;
}

/* A message that the dialog module takes for one of this call's. */
static bool write_message(struct sip_msg *reply, struct sbuf *b)
{
	if (parse_from_header(reply) < 0 || parse_to_header(reply) < 0 ||
		!reply->callid)
		return false;
	sbuf_put(b, SLICE("OPTIONS sip:dialog SIP/2.0\r\n"
			  "Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\n"
			  "From: <sip:dialog>;tag="));
	sbuf_put(b, slice_of_str(&get_from(reply)->tag_value));
	sbuf_put(b, SLICE("\r\nTo: <sip:dialog>;tag="));
	sbuf_put(b, slice_of_str(&get_to(reply)->tag_value));
	sbuf_put(b, SLICE("\r\nCall-ID: "));
	sbuf_put(b, slice_of_str(&reply->callid->body));
	sbuf_put(b, SLICE("\r\nCSeq: 1 OPTIONS\r\n"
			  "Content-Length: 0\r\n\r\n"));
	return sbuf_ok(b);
}

void sipvpn_end_queue(struct sip_msg *reply)
{
	char text[MAX_MESSAGE];
	struct sbuf b = sbuf_over(text, sizeof(text));
	struct ending *e;

	if (!queue)
		return;
	if (!write_message(reply, &b)) {
		LM_INFO("cannot tell which call to end\n");
		return;
	}
	e = shm_malloc(sizeof(*e) + b.len);
	if (!e) {
		SHM_MEM_ERROR;
		return;
	}
	e->until = get_ticks() + PATIENCE;
	e->len = b.len;
	memcpy(e->text, text, b.len);
	lock_get(&queue->lock);
	e->next = queue->first;
	queue->first = e;
	lock_release(&queue->lock);
}

/*
 * True when there is nothing more to do about it. Kamailio's dialog sends the
 * callee no BYE when the caller's has been answered before that, which takes
 * a caller of some ten microseconds; it then says so, and we can no more.
 */
static bool end_dialog(struct sip_msg *msg)
{
	str headers =
		str_init("Reason: SIP;cause=488;text=\"VPN refused\"\r\n");
	struct dlg_cell *dlg = dialog.get_dlg(msg);
	bool done = true;

	if (!dlg)
		return false;
	/* an early dialog would be torn without a word to anybody */
	if (dlg->state < DLG_STATE_CONFIRMED)
		done = false;
	else if (dlg->state == DLG_STATE_CONFIRMED &&
		 dialog.terminate_dlg(dlg, &headers) < 0)
		LM_INFO("a call whose VPN was refused could not be ended\n");
	dialog.release_dlg(dlg);
	return done;
}

static bool end(struct ending *e)
{
	struct sip_msg msg;
	bool done;

	if (build_sip_msg_from_buf(&msg, e->text, (int)e->len, inc_msg_no()) <
		0)
		return true;
	done = end_dialog(&msg);
	free_sip_msg(&msg);
	return done || get_ticks() >= e->until;
}

static void look(unsigned int ticks, void *param)
{
	struct ending *all, *e;

	(void)ticks;
	(void)param;
	if (!__atomic_load_n(&queue->first, __ATOMIC_RELAXED))
		return;
	lock_get(&queue->lock);
	all = queue->first;
	queue->first = NULL;
	lock_release(&queue->lock);
	while ((e = all) != NULL) {
		all = e->next;
		if (end(e)) {
			shm_free(e);
			continue;
		}
		lock_get(&queue->lock);
		e->next = queue->first;
		queue->first = e;
		lock_release(&queue->lock);
	}
}

int sipvpn_end_fork(int rank)
{
	if (!queue || rank != PROC_MAIN)
		return 0;
	return fork_basic_utimer(PROC_TIMER, (char *)"sipvpn calls to end", 1,
		       look, NULL, LOOK_EVERY) < 0
		       ? -1
		       : 0;
}
