/*
 * sipvpn_table.h - the membership all processes see, in shared memory.
 *
 * Rule: workers read without a lock. Each process has a slot in which it
 * writes the epoch it reads in; a snapshot that was replaced is freed only
 * when no slot can still mean it. What leaves this file are copies.
 */
#ifndef SIPVPN_TABLE_H
#define SIPVPN_TABLE_H

#include "sipvpn_snapshot.h"

/* What was decided about a pair, and in which group. */
struct sipvpn_decision {
	enum sipvpn_verdict verdict;
	char group[VPNSDP_MAX_VPN_ID];
	size_t group_len; /* 0 when no group was found */
	/* On SIPVPN_ALLOWED, what the group says: for judging the answer. */
	struct sipvpn_shared shared;
	uint64_t epoch; /* sipvpn_table_epoch() before it was judged */
};

/* What the writer has to remember. */
struct sipvpn_writer {
	/* In Kamailio's seconds, when the last reload began; 0: never. */
	unsigned int last_reload;
	int64_t tried; /* the last generation whose rows were all read */
};

/* Facts about the membership in force. */
enum sipvpn_gauge {
	SIPVPN_GROUPS,
	SIPVPN_MEMBERS,
	SIPVPN_BYTES,  /* of shared memory */
	SIPVPN_LOADED, /* when, in seconds since 1970 */
	SIPVPN_GENERATION,
	SIPVPN_GAUGES
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
bool sipvpn_table_publish(struct sipvpn_snapshot *s, int64_t generation);
void sipvpn_table_end(void);
/* Whether anything has been published. */
bool sipvpn_table_ready(void);

/* For the writer only. */
struct sipvpn_writer *sipvpn_table_writer(void);

/* Ask the process that polls to look now; and, there, whether it was asked. */
void sipvpn_table_hurry(void);
bool sipvpn_table_hurried(void);

uint64_t sipvpn_table_gauge(enum sipvpn_gauge gauge);

/* Rises with each membership that is published. */
uint64_t sipvpn_table_epoch(void);

/* Free replaced snapshots that nobody reads any more. From a timer. */
void sipvpn_table_reclaim(void);

/*
 * May caller, with an offer that names these tunnel addresses, talk to callee
 * in group (empty: in any)? From any process.
 */
void sipvpn_table_judge(const struct sipvpn_aor *caller,
	const struct sipvpn_aor *callee, struct slice group,
	const struct sipvpn_ends *ends, struct sipvpn_decision *out);

/*
 * Read the membership in force: read() must not wait for anything and keep
 * nothing of what it saw. False, without a call, when there is none.
 */
bool sipvpn_table_read(
	void (*read)(const struct sipvpn_snapshot *s, void *arg), void *arg);

#endif
