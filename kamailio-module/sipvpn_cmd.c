/*
 * sipvpn_cmd.c - the functions for scripts, native and KEMI: a message in, a
 * return code out. No policy here.
 */
#include "sipvpn_cmd.h"

#include "core/dprint.h"
#include "core/mod_fix.h"
#include "core/parser/digest/digest.h"
#include "core/parser/parse_uri.h"

#include "kam_slice.h"
#include "sipvpn_body.h"
#include "sipvpn_keep.h"
#include "sipvpn_stats.h"
#include "sipvpn_table.h"

#define MAX_LOGGED 80 /* bytes of somebody else's text in a log line */

static struct slice home_domain;

/* Text for the log: printable, of limited length, terminated. */
struct printable {
	char text[MAX_LOGGED + 1];
};

static struct printable printable(struct slice s)
{
	struct printable out = {""};

	for (size_t i = 0; i < s.len && i < MAX_LOGGED; i++)
		out.text[i] = s.p[i] >= ' ' && s.p[i] <= '~' ? s.p[i] : '?';
	return out;
}

void sipvpn_cmd_init(const str *domain)
{
	home_domain = slice_of_str(domain);
}

static struct hdr_field *authorized_header(struct sip_msg *msg)
{
	struct hdr_field *h = NULL;

	if (msg->proxy_auth)
		get_authorized_cred(msg->proxy_auth, &h);
	if (!h && msg->authorization)
		get_authorized_cred(msg->authorization, &h);
	return h;
}

/*
 * Who has proved to know a password. Only the user part of the username and
 * the realm were looked up for that: a username that names another domain
 * claims more than was proved, and is not believed.
 */
static bool find_caller(struct sip_msg *msg, struct sipvpn_aor *caller)
{
	struct hdr_field *h = authorized_header(msg);
	const dig_cred_t *cred;
	struct slice claimed;

	if (!h || !h->parsed)
		return false;
	cred = &((auth_body_t *)h->parsed)->digest;
	caller->user = slice_of_str(&cred->username.user);
	caller->domain =
		home_domain.len > 0 ? home_domain : slice_of_str(&cred->realm);
	claimed = slice_of_str(&cred->username.domain);
	if (claimed.len > 0 && !slice_caseeq(claimed, caller->domain))
		return false;
	return caller->user.len > 0 && caller->domain.len > 0;
}

/* The address-of-record called: the request URI, which is not looked up yet. */
static bool find_callee(struct sip_msg *msg, struct sipvpn_aor *callee)
{
	if (parse_sip_msg_uri(msg) < 0)
		return false;
	if (msg->parsed_uri.type != SIP_URI_T &&
		msg->parsed_uri.type != SIPS_URI_T)
		return false;
	callee->user = slice_of_str(&msg->parsed_uri.user);
	callee->domain = slice_of_str(&msg->parsed_uri.host);
	return true;
}

static enum sipvpn_verdict judge(struct sip_msg *msg, struct slice sdp,
	const struct slice *wanted, struct sipvpn_aor *caller,
	struct sipvpn_aor *callee, struct slice *group)
{
	struct sipvpn_decision decision;
	struct vpnsdp_error err = {.text = SLICE("")};
	enum sipvpn_verdict verdict;

	verdict = sipvpn_policy_offer(sdp, wanted, group, &err);
	if (verdict == SIPVPN_BAD_OFFER)
		LM_INFO("malformed VPN offer, line %u: %s\n", err.line,
			vpnsdp_strerror(err.code));
	if (!find_callee(msg, callee) && verdict == SIPVPN_ALLOWED)
		verdict = SIPVPN_CALLEE_NOT_MEMBER;
	if (!find_caller(msg, caller) && verdict == SIPVPN_ALLOWED)
		verdict = SIPVPN_NOT_AUTHENTICATED;
	if (verdict != SIPVPN_ALLOWED)
		return verdict;
	sipvpn_table_judge(caller, callee, *group, &decision);
	return decision.verdict;
}

static void log_refusal(enum sipvpn_verdict verdict,
	const struct sipvpn_aor *caller, const struct sipvpn_aor *callee,
	struct slice group)
{
	LM_INFO("VPN call refused: caller %s@%s, callee %s@%s, group '%s': "
		"%s\n",
		printable(caller->user).text, printable(caller->domain).text,
		printable(callee->user).text, printable(callee->domain).text,
		printable(group).text, sipvpn_verdict_text(verdict));
	if (verdict == SIPVPN_NOT_READY)
		LM_ERR("every VPN call is refused: no membership is loaded; "
		       "see sipvpn.reload\n");
}

static int authorize(struct sip_msg *msg, const struct slice *wanted)
{
	struct sipvpn_aor caller = {SLICE(""), SLICE("")};
	struct sipvpn_aor callee = {SLICE(""), SLICE("")};
	struct slice group = wanted ? *wanted : SLICE("");
	enum sipvpn_verdict verdict;
	struct slice sdp = SLICE("");
	enum sipvpn_body body = sipvpn_body_find(msg, &sdp);

	if (body == SIPVPN_BODY_NONE)
		return SIPVPN_NO_OFFER;
	sipvpn_stats_count(SIPVPN_OFFERS);
	/* A broken body has no SDP to read: it is judged as an empty one. */
	verdict = judge(msg, sdp, wanted, &caller, &callee, &group);
	if (verdict == SIPVPN_ALLOWED) {
		sipvpn_stats_count(SIPVPN_ADMITTED);
		return verdict;
	}
	sipvpn_stats_count(SIPVPN_REJECTED);
	log_refusal(verdict, &caller, &callee, group);
	return verdict;
}

static int ki_is_offer(struct sip_msg *msg)
{
	struct slice sdp;

	return sipvpn_body_find(msg, &sdp) == SIPVPN_BODY_NONE ? -1 : 1;
}

static int ki_authorize(struct sip_msg *msg)
{
	return authorize(msg, NULL);
}

static int ki_authorize_group(struct sip_msg *msg, str *group)
{
	struct slice wanted = slice_of_str(group);

	return authorize(msg, &wanted);
}

static int ki_restore(struct sip_msg *msg)
{
	return sipvpn_keep_restore(msg);
}

int sipvpn_cmd_is_offer(struct sip_msg *msg, char *p1, char *p2)
{
	(void)p1;
	(void)p2;
	return ki_is_offer(msg);
}

int sipvpn_cmd_authorize(struct sip_msg *msg, char *group, char *p2)
{
	str wanted;

	(void)p2;
	if (!group)
		return ki_authorize(msg);
	if (fixup_get_svalue(msg, (gparam_t *)group, &wanted) < 0) {
		LM_ERR("cannot evaluate the group of sipvpn_authorize()\n");
		return SIPVPN_INTERNAL;
	}
	return ki_authorize_group(msg, &wanted);
}

int sipvpn_cmd_restore(struct sip_msg *msg, char *p1, char *p2)
{
	(void)p1;
	(void)p2;
	return ki_restore(msg);
}

#define NO_PARAMS                                                              \
	{                                                                      \
		SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE,    \
			SR_KEMIP_NONE, SR_KEMIP_NONE                           \
	}
#define ONE_STR                                                                \
	{                                                                      \
		SR_KEMIP_STR, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE,     \
			SR_KEMIP_NONE, SR_KEMIP_NONE                           \
	}

sr_kemi_t sipvpn_kemi[] = {
	{str_init("sipvpn"), str_init("is_offer"), SR_KEMIP_INT, ki_is_offer,
		NO_PARAMS},
	{str_init("sipvpn"), str_init("authorize"), SR_KEMIP_INT, ki_authorize,
		NO_PARAMS},
	{str_init("sipvpn"), str_init("authorize_group"), SR_KEMIP_INT,
		ki_authorize_group, ONE_STR},
	{str_init("sipvpn"), str_init("restore"), SR_KEMIP_INT, ki_restore,
		NO_PARAMS},
	{{0, 0}, {0, 0}, 0, NULL, {0, 0, 0, 0, 0, 0}},
};
