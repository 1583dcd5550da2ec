/*
 * lookup.c - what it costs to judge a pair, by the number of members.
 *
 * usage: lookup MEMBERS LOOKUPS     nanoseconds a judgement, on standard output
 *
 * Under callgrind with --instr-atstart=no the judgements alone are counted.
 * Member n is in group n / 10; a pair is of one group, which it names.
 */
#define _GNU_SOURCE /* clock_gettime() */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <valgrind/callgrind.h>

#include "sipvpn_policy.h"
#include "sipvpn_snapshot.h"

#define NAME 16 /* bytes of a user or a group */

struct ask {
	const struct sipvpn_snapshot *s;
	struct sipvpn_ends ends;
};

static const struct sipvpn_mem memory = {malloc, free};

static struct slice number(char text[static NAME], char kind, unsigned int n)
{
	int len = snprintf(text, NAME, "%c%07u", kind, n);

	return (struct slice){text, (size_t)len};
}

static struct sipvpn_snapshot *fill(unsigned int members)
{
	static const struct sipvpn_hash_key key = {1, 2};
	struct sipvpn_snapshot *s = sipvpn_snapshot_new(&memory, &key);
	char text[NAME];

	if (!s)
		return NULL;
	for (unsigned int g = 0; g < members / 10; g++) {
		struct sipvpn_group_row row = {
			.id = g + 1, .name = number(text, 'g', g)};

		if (sipvpn_snapshot_add_group(s, &row) != SIPVPN_ROW_OK)
			return NULL;
	}
	for (unsigned int m = 0; m < members; m++) {
		struct sipvpn_member_row row = {.group_id = m / 10 + 1};

		row.who.user = number(text, 'u', m);
		row.who.domain = SLICE("example.org");
		if (sipvpn_snapshot_add_member(s, &row) != SIPVPN_ROW_OK)
			return NULL;
	}
	return sipvpn_snapshot_seal(s) ? s : NULL;
}

static enum sipvpn_verdict ask(void *arg, const struct sipvpn_seat *caller,
	const struct sipvpn_seat *callee)
{
	const struct ask *a = arg;
	struct sipvpn_shared shared;

	sipvpn_snapshot_shared(a->s, caller, callee, &shared);
	return sipvpn_policy_shared(&shared, &a->ends);
}

static enum sipvpn_verdict judge(const struct sipvpn_snapshot *s,
	const char *one, const char *two, const char *group)
{
	struct sipvpn_aor caller = {{one, 8}, SLICE("example.org")};
	struct sipvpn_aor callee = {{two, 8}, SLICE("example.org")};
	struct ask arg = {.s = s};
	const struct sipvpn_judge by = {ask, &arg};
	struct sipvpn_party from, to;
	uint32_t found;

	sipvpn_snapshot_parties(s, &caller, &callee, &from, &to);
	if (!sipvpn_snapshot_group_of(
		    s, &from, (struct slice){group, 8}, &found))
		return SIPVPN_NO_SUCH_GROUP;
	return sipvpn_policy_pair(
		&from, &to, SIPVPN_ONE_GROUP, found, &by, &found);
}

struct call {
	char one[NAME], two[NAME], group[NAME];
};

static struct call *choose(unsigned int members, unsigned int calls)
{
	struct call *all = malloc(calls * sizeof(*all));
	uint64_t state = 88172645463325252U; /* xorshift64, Marsaglia 2003 */

	for (unsigned int i = 0; all && i < calls; i++) {
		unsigned int m;

		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		m = (unsigned int)(state % members);
		(void)number(all[i].one, 'u', m);
		(void)number(all[i].two, 'u', m - m % 10 + (m + 3) % 10);
		(void)number(all[i].group, 'g', m / 10);
	}
	return all;
}

int main(int argc, char **argv)
{
	unsigned int members =
		argc == 3 ? (unsigned)strtoul(argv[1], 0, 10) : 0;
	unsigned int n = argc == 3 ? (unsigned)strtoul(argv[2], 0, 10) : 0;
	struct sipvpn_snapshot *s = members >= 10 ? fill(members) : NULL;
	struct call *calls = n ? choose(members, n) : NULL;
	struct timespec from, to;
	unsigned int refused = 0;

	if (!s || !calls) {
		fprintf(stderr, "usage: lookup MEMBERS LOOKUPS\n");
		return 2;
	}
	clock_gettime(CLOCK_MONOTONIC, &from);
	CALLGRIND_START_INSTRUMENTATION;
	for (unsigned int i = 0; i < n; i++)
		refused += judge(s, calls[i].one, calls[i].two,
				   calls[i].group) != SIPVPN_ALLOWED;
	CALLGRIND_STOP_INSTRUMENTATION;
	clock_gettime(CLOCK_MONOTONIC, &to);
	printf("%.1f\n", ((double)(to.tv_sec - from.tv_sec) * 1e9 +
				 (double)(to.tv_nsec - from.tv_nsec)) /
				 n);
	sipvpn_snapshot_free(s);
	free(calls);
	return refused > 0;
}
