/*
 * sipvpn_record.c - what was decided last about the message being worked on.
 */
#include "sipvpn_record.h"

#include "vpnsdp/sbuf.h"

static struct sipvpn_record last;
static unsigned int msg_id;
static int msg_pid;
static bool is_set;

static size_t put_aor(const struct sipvpn_aor *aor, char mem[SIPVPN_MAX_AOR])
{
	struct sbuf b = sbuf_over(mem, SIPVPN_MAX_AOR);

	if (aor->user.len == 0)
		return 0;
	sbuf_put(&b, aor->user);
	sbuf_char(&b, '@');
	sbuf_put(&b, aor->domain);
	return sbuf_ok(&b) ? b.len : 0;
}

void sipvpn_record_set(struct sip_msg *msg, enum sipvpn_verdict verdict,
	const struct sipvpn_pair *pair, struct slice group)
{
	struct sbuf b = sbuf_over(last.group, sizeof(last.group));

	sbuf_put(&b, group);
	last.verdict = verdict;
	last.group_len = sbuf_ok(&b) ? b.len : 0;
	last.caller_len = put_aor(&pair->caller, last.caller);
	last.callee_len = put_aor(&pair->callee, last.callee);
	last.ends = (struct sipvpn_ends){.local = {.family = 0}};
	last.reason = NULL;
	msg_id = msg->id;
	msg_pid = msg->pid;
	is_set = true;
}

void sipvpn_record_ends(
	const struct sipvpn_ends *ends, bool assigns, uint64_t epoch)
{
	last.ends = *ends;
	last.assigns = assigns;
	last.epoch = epoch;
}

void sipvpn_record_reason(const char *reason)
{
	last.reason = reason;
}

const struct sipvpn_record *sipvpn_record_get(const struct sip_msg *msg)
{
	if (!is_set || msg->id != msg_id || msg->pid != msg_pid)
		return NULL;
	return &last;
}
