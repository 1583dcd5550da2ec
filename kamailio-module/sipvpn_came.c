/*
 * sipvpn_came.c - the body of the message at work as it came. Copied before
 * the script runs; a later message takes its place.
 */
#include "sipvpn_came.h"

#include "core/config.h"
#include "core/dprint.h"
#include "core/pt.h"
#include "core/script_cb.h"
#include "core/sr_module.h"

#include "sipvpn_mime.h"

/* By textopsx. */
#define REPLACER "msg_apply_changes"

static const struct sipvpn_media_set *protected;
static bool changes;
static struct {
	char text[BUF_SIZE]; /* no message is longer */
	size_t len;          /* 0: none */
	unsigned int id;
} came;

static int keep(struct sip_msg *msg, unsigned int flags, void *param)
{
	struct slice whole = {msg->buf, msg->len};
	struct slice body = sipvpn_mime_behind_header(whole);

	(void)flags;
	(void)param;
	came.len = 0;
	if (body.len <= sizeof(came.text) && sipvpn_media_in(protected, body)) {
		memcpy(came.text, body.p, body.len);
		came.len = body.len;
		came.id = msg->id;
	}
	return 1; /* go on */
}

bool sipvpn_came_body(const struct sip_msg *msg, struct slice *body)
{
	/* ids are counted by each process for itself */
	if (came.len == 0 || msg->id != came.id || msg->pid != my_pid())
		return false;
	*body = (struct slice){came.text, came.len};
	return true;
}

bool sipvpn_came_changes(void)
{
	return changes;
}

int sipvpn_came_init(const struct sipvpn_media_set *protect)
{
	protected = protect;
	changes = find_export(REPLACER, 0, 0);
	if (!changes)
		return 0;
	if (register_script_cb(
		    keep, PRE_SCRIPT_CB | REQUEST_CB | ONREPLY_CB, NULL) == 0)
		return 0;
	LM_ERR("cannot look at messages before the script\n");
	return -1;
}
