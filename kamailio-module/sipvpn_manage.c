/*
 * sipvpn_manage.c - sipvpn_manage(): recognise, judge, answer, watch.
 */
#include "sipvpn_manage.h"

#include "core/dprint.h"
#include "core/parser/parse_to.h"
#include "modules/sl/sl.h"

#include "sipvpn_ack.h"
#include "sipvpn_admit.h"
#include "sipvpn_call.h"
#include "sipvpn_pass.h"
#include "sipvpn_prack.h"
#include "sipvpn_record.h"
#include "sipvpn_store.h"
#include "sipvpn_strip.h"
#include "sipvpn_watch.h"

static sl_api_t sl;
static bool have_sl;
static bool may_upgrade;

void sipvpn_manage_init(bool upgrade)
{
	may_upgrade = upgrade;
	have_sl = find_export("bind_sl", 0, 0) && sl_load_api(&sl) == 0;
}

static bool can_answer(void)
{
	if (!have_sl)
		LM_ERR("sipvpn_manage() needs the module sl, loaded before "
		       "sipvpn, to answer what it refuses\n");
	return have_sl;
}

bool sipvpn_manage_can(void)
{
	return sipvpn_watch_can() && can_answer();
}

static bool has_to_tag(struct sip_msg *msg)
{
	if (parse_to_header(msg) < 0 || !msg->to)
		return false;
	return get_to(msg)->tag_value.len > 0;
}

/* One answer to -4 and -7: it tells no stranger which groups exist. */
static str refusal(enum sipvpn_verdict verdict, bool in_dialog)
{
	switch (verdict) {
	case SIPVPN_BAD_OFFER:
		return (str)str_init(
			"VPN refused: malformed VPN section in the offer");
	case SIPVPN_NOT_AUTHENTICATED:
		if (in_dialog)
			return (str)str_init("VPN refused: the server does not "
					     "know whose call this is");
		return (str)str_init("VPN refused: you are not authenticated");
	case SIPVPN_CALLER_NOT_MEMBER:
	case SIPVPN_NO_SUCH_GROUP:
		return (str)str_init("VPN refused: you are not a member of "
				     "the VPN group");
	case SIPVPN_CALLEE_NOT_MEMBER:
		return (str)str_init("VPN refused: the callee is not a member "
				     "of the VPN group");
	case SIPVPN_OTHER_GROUP:
		return (str)str_init("VPN refused: the answer names another "
				     "VPN group");
	case SIPVPN_NOT_OFFERED:
		return (str)str_init("VPN refused: no VPN has been offered");
	case SIPVPN_NO_SHARED_GROUP:
		return (str)str_init("VPN refused: you share no VPN group "
				     "with the callee");
	case SIPVPN_GROUP_OFF:
		return (str)str_init("VPN refused: the VPN group is switched "
				     "off");
	case SIPVPN_NO_HUB:
		return (str)str_init("VPN refused: in this VPN group calls go "
				     "to or from a hub");
	case SIPVPN_LOCAL_NOT_OWN:
		return (str)str_init("VPN refused: VPN_LOCAL_ADDR is not your "
				     "address in the group");
	case SIPVPN_REMOTE_NOT_OWN:
		return (str)str_init("VPN refused: VPN_REMOTE_ADDR is not the "
				     "callee's address");
	default:
		return (str)str_init("VPN refused: the server cannot check "
				     "groups now");
	}
}

static int refuse(struct sip_msg *msg, enum sipvpn_verdict verdict, bool answer)
{
	str phrase = refusal(verdict, has_to_tag(msg));
	int code = verdict == SIPVPN_BAD_OFFER ? 488 : 403;

	if (!answer || msg->REQ_METHOD == METHOD_ACK)
		return verdict;
	if (can_answer() && sl.freply(msg, code, &phrase) < 0)
		LM_ERR("cannot answer a refused request\n");
	return verdict;
}

/*
 * Whose call it is. Within a dialog it is the dialog's, which shows its pass;
 * a dialog without one belongs to nobody we know, and judged as such no VPN
 * section passes in it.
 */
static void find_pair(
	struct sip_msg *msg, bool in_dialog, struct sipvpn_pair *out)
{
	struct sipvpn_aor nobody = {SLICE(""), SLICE("")};

	if (!in_dialog)
		sipvpn_identity_pair(msg, out);
	else if (!sipvpn_pass_read(msg, out))
		*out = (struct sipvpn_pair){nobody, nobody, false};
}

/* An ACK cannot be answered. It goes on, and its section does not. */
static int close_ack(struct sip_msg *msg)
{
	return sipvpn_strip(msg) == SIPVPN_STRIP_FAILED ? SIPVPN_INTERNAL
							: SIPVPN_CLOSED;
}

/* Why has been logged: short memory, or no tm. */
static enum sipvpn_verdict unwatched(struct sip_msg *msg)
{
	LM_ERR("%.*s refused: nobody would look at its replies\n",
		STR_FMT(&msg->first_line.u.request.method));
	return SIPVPN_INTERNAL;
}

/*
 * Here is where keeping a section whole across a media relay is armed: behind
 * the judgement, once a transaction, with or without a section.
 */
static int pass_without(
	struct sip_msg *msg, const struct sipvpn_pair *pair, bool begins)
{
	if (!sipvpn_watch(msg, pair, begins, false))
		return unwatched(msg);
	if (!begins)
		return SIPVPN_NO_SECTION;
	sipvpn_call_begin(msg, pair, false);
	return sipvpn_admit_any(pair) ? SIPVPN_MAY_COME : SIPVPN_NO_SECTION;
}

/* What nobody would look at the answer of is refused, and reported as that. */
static enum sipvpn_verdict admit(struct sip_msg *msg,
	const struct sipvpn_pair *pair, struct slice sdp, bool begins)
{
	enum sipvpn_verdict verdict = sipvpn_admit_judge(msg, pair, sdp, NULL);

	if (verdict == SIPVPN_ALLOWED &&
		!sipvpn_watch(msg, pair, begins, true)) {
		verdict = unwatched(msg);
		sipvpn_record_set(msg, verdict, pair, SLICE(""));
	}
	sipvpn_admit_report(msg, verdict);
	if (verdict == SIPVPN_ALLOWED && begins)
		sipvpn_call_begin(msg, pair, true);
	return verdict;
}

/*
 * It offers other media. Its answer cannot add a VPN, and the dialog gets one
 * later only where that is wanted: so nobody has to know whose it is.
 */
static int pass_other(struct sip_msg *msg, bool begins)
{
	struct sipvpn_pair pair;

	if (begins && may_upgrade)
		sipvpn_identity_pair(msg, &pair);
	if (msg->REQ_METHOD == METHOD_PRACK && sipvpn_store_count() > 0 &&
		sipvpn_pass_read(msg, &pair))
		sipvpn_prack_other(msg, &pair);
	return sipvpn_watch_other(
		       msg, begins && may_upgrade ? &pair : NULL, begins)
		       ? SIPVPN_NO_SECTION
		       : unwatched(msg);
}

/*
 * An ACK of the dialog's own, which answers or does not. Whose dialog nobody
 * knows, that is judged as all else there: it does not pass.
 */
static int judge_ack(
	struct sip_msg *msg, const struct sipvpn_pair *pair, struct slice sdp)
{
	return sipvpn_ack_judge(msg, pair, sdp) == SIPVPN_ALLOWED
		       ? SIPVPN_ALLOWED
		       : close_ack(msg);
}

/* The answer has been made: its 200 brings none, and no offer either. */
static int answered(struct sip_msg *msg, enum sipvpn_verdict verdict)
{
	if (verdict != SIPVPN_ALLOWED)
		return verdict;
	return sipvpn_watch_other(msg, NULL, false) ? SIPVPN_ALLOWED
						    : unwatched(msg);
}

/*
 * A phone call that goes on with the section that was closed in it, of two who
 * may have no VPN: it asks for none.
 */
static bool stays_closed(
	struct sip_msg *msg, const struct sipvpn_pair *pair, struct slice sdp)
{
	return sipvpn_strip_left(sdp) &&
	       sipvpn_admit_judge(msg, pair, sdp, NULL) != SIPVPN_ALLOWED;
}

static int pass_closed(struct sip_msg *msg)
{
	if (msg->REQ_METHOD == METHOD_ACK)
		return SIPVPN_NO_SECTION;
	return sipvpn_watch_other(msg, NULL, false) ? SIPVPN_NO_SECTION
						    : unwatched(msg);
}

static int judge(struct sip_msg *msg, const struct sipvpn_pair *pair,
	struct slice sdp, bool begins)
{
	enum sipvpn_verdict verdict;

	if (msg->REQ_METHOD == METHOD_ACK && pair->caller.user.len > 0)
		return judge_ack(msg, pair, sdp);
	if (msg->REQ_METHOD == METHOD_PRACK && pair->caller.user.len > 0 &&
		sipvpn_prack_judge(msg, pair, sdp, &verdict))
		return answered(msg, verdict);
	if (!begins && stays_closed(msg, pair, sdp))
		return pass_closed(msg);
	verdict = admit(msg, pair, sdp, begins);
	if (verdict == SIPVPN_NOT_AUTHENTICATED && !begins)
		LM_INFO("no pass in Route: the dialog has begun elsewhere, or "
			"without record_route(), or as a phone call\n");
	if (verdict != SIPVPN_ALLOWED && msg->REQ_METHOD == METHOD_ACK)
		return close_ack(msg);
	return verdict;
}

int sipvpn_manage(struct sip_msg *msg, bool answer)
{
	const unsigned int methods =
		METHOD_INVITE | METHOD_ACK | METHOD_UPDATE | METHOD_PRACK;
	bool in_dialog, begins, media;
	struct sipvpn_pair pair;
	struct slice sdp = SLICE("");
	enum sipvpn_body body;
	int ret;

	if (!(msg->REQ_METHOD & methods))
		return SIPVPN_NO_SECTION;
	body = sipvpn_body_look(msg, &sdp, &media);
	if (body == SIPVPN_BODY_NONE && msg->REQ_METHOD == METHOD_ACK) {
		if (media)
			sipvpn_ack_other(msg);
		return SIPVPN_NO_SECTION;
	}
	in_dialog = has_to_tag(msg);
	begins = !in_dialog && msg->REQ_METHOD == METHOD_INVITE;
	if (body == SIPVPN_BODY_NONE && media) {
		ret = pass_other(msg, begins);
	} else {
		find_pair(msg, in_dialog, &pair);
		/* A broken body has no SDP: it is judged as an empty one. */
		ret = body == SIPVPN_BODY_NONE
			      ? pass_without(msg, &pair, begins)
			      : judge(msg, &pair, sdp, begins);
	}
	return ret < 0 ? refuse(msg, ret, answer) : ret;
}
