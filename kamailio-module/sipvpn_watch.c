/*
 * sipvpn_watch.c - whose replies are judged, and what tm is asked for that.
 */
#include "sipvpn_watch.h"

#include "core/dprint.h"
#include "core/script_cb.h"
#include "modules/tm/tm_load.h"

#include "sipvpn_keep.h"
#include "sipvpn_prack.h"
#include "sipvpn_record.h"
#include "sipvpn_reply.h"
#include "sipvpn_watched.h"

#define ON_ACK (TMCB_E2EACK_IN | TMCB_E2EACK_RETR_IN)

static struct tm_binds tm;
static bool have_tm;

/* What before_script() has begun for the message at work. */
static struct {
	struct sipvpn_watched *w; /* NULL: nothing, or sipvpn_manage() has it */
	bool late;
	unsigned int id;
	int pid;
} early;

/* What goes out is put back first: what is closed then stays so. */
static void on_forward(struct cell *t, int type, struct tmcb_params *params)
{
	bool request = type & (TMCB_REQUEST_FWDED | ON_ACK);
	struct sip_msg *msg = request ? params->req : params->rpl;
	const struct sipvpn_watched *w = *params->param;

	(void)t;
	if (!msg || msg == FAKED_REPLY)
		return;
	if (type & ON_ACK) {
		sipvpn_ack_found(params->req,
			&((struct sipvpn_watched *)*params->param)->invite,
			&w->pair);
		return;
	}
	if (w->keep)
		(void)sipvpn_keep_restore(msg);
	if (request) {
		if (w->has_pass)
			(void)sipvpn_pass_give(msg, w->pass);
		return;
	}
	if (w->judged)
		sipvpn_reply_judge(msg, params->param);
}

/* What the record says of a section that was admitted. */
static struct sipvpn_admitted admitted_in(const struct sip_msg *msg)
{
	const struct sipvpn_record *r = sipvpn_record_get(msg);

	if (!r)
		return (struct sipvpn_admitted){.epoch = 0};
	return (struct sipvpn_admitted){
		{r->group, r->group_len}, r->assigns, r->epoch};
}

bool sipvpn_watch_can(void)
{
	if (!have_tm)
		LM_ERR("sipvpn_manage() needs the module tm, loaded before "
		       "sipvpn\n");
	return have_tm;
}

/* Takes w over. late: a 2xx may bring an offer, and the ACK the answer. */
static bool begin_to_watch(
	struct sip_msg *msg, const struct sipvpn_watched *w, bool late)
{
	int types = TMCB_RESPONSE_FWDED;

	if (w->keep || w->has_pass)
		types |= TMCB_REQUEST_FWDED;
	if (late)
		types |= ON_ACK;
	if (tm.register_tmcb(msg, NULL, types, on_forward, (void *)w,
		    sipvpn_watched_free) > 0)
		return true;
	LM_ERR("cannot watch the replies of a request\n");
	sipvpn_watched_free((void *)w);
	return false;
}

static bool have_transaction(void)
{
	const struct cell *t = tm.t_gett();

	return t != T_NULL_CELL && t != T_UNDEFINED;
}

/*
 * Before the script: the transaction that msg gets, if it gets one, keeps what
 * is protected, whether or not the script calls sipvpn_manage().
 */
static int before_script(struct sip_msg *msg, unsigned int flags, void *param)
{
	struct sipvpn_watched *w;
	bool late;

	(void)flags;
	(void)param;
	early.w = NULL;
	/* tm forgets its own behind each script: this is nobody else's */
	if (have_transaction() || !sipvpn_keep_concerns(msg, &late))
		return 1; /* go on */
	w = sipvpn_watched_new();
	if (!w)
		return 1;
	w->keep = true;
	if (begin_to_watch(msg, w, late)) {
		early.w = w;
		early.late = late;
		early.id = msg->id;
		early.pid = msg->pid;
	}
	return 1;
}

/* What has begun so; NULL when nothing has, or not as it is wanted now. */
static struct sipvpn_watched *take_early(const struct sip_msg *msg, bool late)
{
	struct sipvpn_watched *w = early.w;

	if (!w || early.id != msg->id || early.pid != msg->pid ||
		early.late != late)
		return NULL;
	early.w = NULL;
	return w;
}

/* What is forwarded is watched for other reasons, or else it need not be. */
static bool give_now(struct sip_msg *msg, const struct sipvpn_watched *w)
{
	return !w->keep && sipvpn_pass_give(msg, w->pass);
}

bool sipvpn_watch(struct sip_msg *msg, const struct sipvpn_pair *pair,
	bool begins, bool admitted)
{
	const bool late = !admitted && msg->REQ_METHOD == METHOD_INVITE;
	struct sipvpn_admitted in = {.epoch = 0};
	struct sipvpn_watched *w, *new = NULL;

	if (!sipvpn_watch_can())
		return false;
	if (admitted)
		in = admitted_in(msg);
	w = take_early(msg, late);
	if (!w)
		w = new = sipvpn_watched_new();
	if (!w)
		return false;
	if (!sipvpn_watched_remember(w, pair, &in)) {
		if (new)
			sipvpn_watched_free(new);
		return false;
	}
	w->judged = true;
	w->admitted = admitted;
	w->invite.begins = begins;
	w->has_pass = begins && sipvpn_pass_make(msg, pair, w->pass) &&
		      !give_now(msg, w);
	return !new || begin_to_watch(msg, new, late);
}

bool sipvpn_watch_other(
	struct sip_msg *msg, const struct sipvpn_pair *pair, bool begins)
{
	const struct sipvpn_watched *common = sipvpn_watched_other(begins);
	struct sipvpn_watched *w, *new = NULL;

	if (!sipvpn_watch_can())
		return false;
	w = take_early(msg, false);
	if (!w && !pair)
		return begin_to_watch(msg, common, false);
	if (!w)
		w = new = sipvpn_watched_new();
	if (!w)
		return false;
	w->judged = w->other = true;
	w->invite.begins = begins;
	w->has_pass = pair && sipvpn_pass_make(msg, pair, w->pass) &&
		      !give_now(msg, w);
	return !new || begin_to_watch(msg, new, false);
}

int sipvpn_watch_init(bool always)
{
	have_tm = find_export("load_tm", NO_SCRIPT, 0) && load_tm_api(&tm) == 0;
	sipvpn_ack_init(have_tm ? &tm : NULL);
	sipvpn_prack_init(have_tm ? &tm : NULL);
	if (!have_tm) {
		LM_NOTICE("without the tm module, protected media are put back "
			  "by sipvpn_restore() alone, and there is no "
			  "sipvpn_manage()\n");
		return 0;
	}
	if (!always || register_script_cb(before_script,
			       PRE_SCRIPT_CB | REQUEST_CB, NULL) == 0)
		return 0;
	LM_ERR("cannot look at requests before the script\n");
	return -1;
}
