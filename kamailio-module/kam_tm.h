/*
 * kam_tm.h - how tm is asked for a transaction, and nothing else.
 */
#ifndef SIPVPN_KAM_TM_H
#define SIPVPN_KAM_TM_H

#include <stdbool.h>

#include "modules/tm/tm_load.h"

/*
 * Bytes of Call-ID and CSeq: tm writes each with its header's name into 1024
 * on the stack, and does not count.
 */
#define KAM_TM_MAX_HEADER 900

/*
 * The transaction of an INVITE. cseq: its number. tm is at *t then, and has to
 * be told where it was; *t has to be given back by unref_cell().
 */
static inline bool kam_tm_find(
	const struct tm_binds *tm, str call_id, str cseq, struct cell **t)
{
	struct cell *found = NULL;

	if (call_id.len > KAM_TM_MAX_HEADER || cseq.len > KAM_TM_MAX_HEADER ||
		tm->t_lookup_callid(&found, call_id, cseq) < 0)
		return false;
	*t = found;
	return true;
}

#endif
