/*
 * sipvpn_cmd.c - the functions for scripts, native and KEMI: a message in, a
 * return code out. No policy here.
 */
#include "sipvpn_cmd.h"

#include "core/dprint.h"
#include "core/mod_fix.h"

#include "kam_slice.h"
#include "sipvpn_admit.h"
#include "sipvpn_keep.h"
#include "sipvpn_manage.h"
#include "sipvpn_strip.h"

/*
 * A route block that others share leads here with a reply as well, and so does
 * a script in another language. A reply's code stands where a request has its
 * method.
 */
static bool is_request(const struct sip_msg *msg, const char *function)
{
	if (msg->first_line.type == SIP_REQUEST)
		return true;
	LM_ERR("%s() is for requests, not for replies\n", function);
	return false;
}

static int manage(struct sip_msg *msg, bool answer)
{
	return is_request(msg, "sipvpn_manage") ? sipvpn_manage(msg, answer)
						: SIPVPN_INTERNAL;
}

static int authorize(struct sip_msg *msg, const struct slice *wanted)
{
	enum sipvpn_verdict verdict;
	struct sipvpn_pair pair;
	struct slice sdp = SLICE("");

	if (!is_request(msg, "sipvpn_authorize"))
		return SIPVPN_INTERNAL;
	/* A broken body has no SDP to read: it is judged as an empty one. */
	if (sipvpn_body_find(msg, &sdp) == SIPVPN_BODY_NONE)
		return SIPVPN_NO_OFFER;
	sipvpn_identity_pair(msg, &pair);
	verdict = sipvpn_admit_judge(msg, &pair, sdp, wanted);
	sipvpn_admit_report(msg, verdict);
	return verdict;
}

/* True when flags are sound. "n": no reply, the script answers by itself. */
static bool read_flags(struct slice flags, bool *answer)
{
	*answer = true;
	for (size_t i = 0; i < flags.len; i++) {
		if (flags.p[i] != 'n') {
			LM_ERR("sipvpn_manage() knows no flag %c\n",
				flags.p[i]);
			return false;
		}
		*answer = false;
	}
	return true;
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

static int ki_manage_flags(struct sip_msg *msg, str *flags)
{
	bool answer;

	if (!read_flags(slice_of_str(flags), &answer))
		return SIPVPN_INTERNAL;
	return manage(msg, answer);
}

static int ki_manage(struct sip_msg *msg)
{
	return manage(msg, true);
}

static int ki_strip(struct sip_msg *msg)
{
	return sipvpn_strip(msg);
}

int sipvpn_cmd_manage(struct sip_msg *msg, char *flags, char *p2)
{
	str text = STR_NULL;
	bool answer;
	int ret;

	(void)p2;
	if (!flags) {
		ret = manage(msg, true);
		return ret < 0 ? 0 : ret;
	}
	if (fixup_get_svalue(msg, (gparam_t *)flags, &text) < 0) {
		LM_ERR("cannot evaluate the flags of sipvpn_manage()\n");
		return 0;
	}
	if (!read_flags(slice_of_str(&text), &answer))
		return 0;
	ret = manage(msg, answer);
	/* It has been answered: 0 ends the script. */
	return ret < 0 && answer ? 0 : ret;
}

int sipvpn_cmd_manage_fixup(void **param, int number)
{
	(void)param;
	(void)number;
	return sipvpn_manage_can() ? 0 : -1;
}

int sipvpn_cmd_strip(struct sip_msg *msg, char *p1, char *p2)
{
	(void)p1;
	(void)p2;
	return ki_strip(msg);
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
	{str_init("sipvpn"), str_init("manage"), SR_KEMIP_INT, ki_manage,
		NO_PARAMS},
	{str_init("sipvpn"), str_init("manage_flags"), SR_KEMIP_INT,
		ki_manage_flags, ONE_STR},
	{str_init("sipvpn"), str_init("strip"), SR_KEMIP_INT, ki_strip,
		NO_PARAMS},
	{str_init("sipvpn"), str_init("restore"), SR_KEMIP_INT, ki_restore,
		NO_PARAMS},
	{{0, 0}, {0, 0}, 0, NULL, {0, 0, 0, 0, 0, 0}},
};
