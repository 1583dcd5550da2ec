/*
 * sipvpn_record.c - what was decided last about the message being worked on.
 */
#include "sipvpn_record.h"

static struct sipvpn_record last;
static unsigned int msg_id;
static int msg_pid;
static bool is_set;

/* The length of "user@domain"; 0 when nobody is known, or it is too long. */
static size_t put_aor(const struct sipvpn_aor *aor, char mem[SIPVPN_MAX_AOR])
{
	const struct slice *user = &aor->user, *domain = &aor->domain;

	if (user->len == 0 || user->len + 1 + domain->len > SIPVPN_MAX_AOR)
		return 0;
	memcpy(mem, user->p, user->len);
	mem[user->len] = '@';
	memcpy(mem + user->len + 1, domain->p, domain->len);
	return user->len + 1 + domain->len;
}

void sipvpn_record_set(struct sip_msg *msg, enum sipvpn_verdict verdict,
	const struct sipvpn_pair *pair, struct slice group)
{
	char *at = last.group;

	last.verdict = verdict;
	last.group_len = 0;
	if (group.len <= sizeof(last.group))
		last.group_len = slice_copy(group, &at).len;
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
