/*
 * sipvpn_table.h - the membership all processes see, in shared memory.
 *
 * Rule: workers read without a lock. Each process has a slot in which it
 * writes the epoch it reads in; a snapshot that was replaced is freed only
 * when no slot can still mean it. Nothing of a snapshot leaves this file but
 * copies.
 */
#ifndef SIPVPN_TABLE_H
#define SIPVPN_TABLE_H

#include "sipvpn_snapshot.h"

/* What was decided about a pair, and in which group. */
struct sipvpn_decision {
	enum sipvpn_verdict verdict;
	char group[VPNSDP_MAX_VPN_ID];
	size_t group_len; /* 0 when no group was found */
};

/* Before the first fork (mod_init). 0 or -1. */
int sipvpn_table_init(void);
/* Before the first fork too, when the number of processes is known. */
int sipvpn_table_init_procs(void);
void sipvpn_table_destroy(void);

/*
 * One writer at a time, in any process: begin says whether it is us. Between
 * the two, fill a new snapshot and publish it, which takes it over; false
 * when memory is short, then nothing has changed.
 */
bool sipvpn_table_begin(void);
struct sipvpn_snapshot *sipvpn_table_new_snapshot(void);
bool sipvpn_table_publish(struct sipvpn_snapshot *s);
void sipvpn_table_end(void);
/* Whether anything has been published. */
bool sipvpn_table_ready(void);

/*
 * When the last reload began, in Kamailio's seconds; shared by all processes,
 * for the writer only. 0: there was none.
 */
unsigned int *sipvpn_table_last_reload(void);

/* Free replaced snapshots that nobody reads any more. From a timer. */
void sipvpn_table_reclaim(void);

/* May caller talk to callee in group (empty: in any)? From any process. */
void sipvpn_table_judge(const struct sipvpn_aor *caller,
	const struct sipvpn_aor *callee, struct slice group,
	struct sipvpn_decision *out);

#endif
