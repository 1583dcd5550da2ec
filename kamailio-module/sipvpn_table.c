/*
 * sipvpn_table.c - the membership all processes see, in shared memory.
 *
 * Rule: workers read without a lock.
 *
 * Why it is safe to free: a reader writes the epoch into its slot and then
 * takes the current snapshot; the writer swaps the snapshot, raises the epoch
 * and then reads the slots. All four are sequentially consistent. So a reader
 * that took the old snapshot wrote its slot before the swap, with an epoch
 * not above that of the swap, and the writer sees it there.
 */
#include "sipvpn_table.h"

#include <sys/random.h>
#include <time.h>

#include "core/dprint.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"
#include "core/pt.h"

#define CACHE_LINE 64 /* bytes; slots of two processes never share one */

struct slot {
	uint64_t epoch; /* 0: this process reads nothing */
	char rest[CACHE_LINE - sizeof(uint64_t)];
};

/* A snapshot that was replaced in this epoch. */
struct retired {
	struct retired *next;
	struct sipvpn_snapshot *snapshot;
	uint64_t epoch;
};

struct table {
	struct sipvpn_snapshot *current;
	uint64_t epoch;
	struct slot *slots;
	int n_slots;
	/* the writer's, under the lock */
	gen_lock_t writer;
	struct retired *retired;
	int loading; /* it is held for longer than a few frees take */
	struct sipvpn_writer memory;
	/* anybody's */
	uint64_t gauges[SIPVPN_GAUGES];
	int hurry;
};

static struct table *table;

static void *shm_get(size_t size)
{
	return shm_malloc(size);
}

static void shm_put(void *p)
{
	shm_free(p);
}

static const struct sipvpn_mem shm = {shm_get, shm_put};

int sipvpn_table_init(void)
{
	table = shm_malloc(sizeof(*table));
	if (!table) {
		SHM_MEM_ERROR;
		return -1;
	}
	*table = (struct table){.epoch = 1};
	if (!lock_init(&table->writer)) {
		LM_ERR("cannot make a lock\n");
		shm_free(table);
		table = NULL;
		return -1;
	}
	return 0;
}

int sipvpn_table_init_procs(void)
{
	int n = get_max_procs();
	size_t size = (size_t)n * sizeof(struct slot);
	struct slot *slots = shm_malloc(size);

	if (!slots) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(slots, 0, size);
	table->slots = slots;
	table->n_slots = n;
	return 0;
}

static void free_retired(struct retired *r)
{
	sipvpn_snapshot_free(r->snapshot);
	shm_free(r);
}

void sipvpn_table_destroy(void)
{
	struct retired *r;

	if (!table)
		return;
	while ((r = table->retired) != NULL) {
		table->retired = r->next;
		free_retired(r);
	}
	sipvpn_snapshot_free(table->current);
	if (table->slots)
		shm_free(table->slots);
	lock_destroy(&table->writer);
	shm_free(table);
	table = NULL;
}

/* The lowest epoch anybody reads in; UINT64_MAX when nobody does. */
static uint64_t oldest_reader(void)
{
	uint64_t oldest = UINT64_MAX;

	for (int i = 0; i < table->n_slots; i++) {
		uint64_t epoch = __atomic_load_n(
			&table->slots[i].epoch, __ATOMIC_SEQ_CST);

		if (epoch != 0 && epoch < oldest)
			oldest = epoch;
	}
	return oldest;
}

static void reclaim(void)
{
	uint64_t oldest = oldest_reader();
	struct retired **from = &table->retired;
	struct retired *r;

	while ((r = *from) != NULL) {
		if (r->epoch >= oldest) {
			from = &r->next;
			continue;
		}
		*from = r->next;
		free_retired(r);
	}
}

void sipvpn_table_reclaim(void)
{
	/* Most of the time there is nothing; a stale look costs one tick. */
	if (!__atomic_load_n(&table->retired, __ATOMIC_RELAXED))
		return;
	if (lock_try(&table->writer) != 0)
		return;
	reclaim();
	lock_release(&table->writer);
}

static bool loading(void)
{
	return __atomic_load_n(&table->loading, __ATOMIC_SEQ_CST) != 0;
}

/* Who merely frees is waited for; who loads is not. */
bool sipvpn_table_begin(void)
{
	if (lock_try(&table->writer) != 0) {
		if (loading())
			return false;
		lock_get(&table->writer);
	}
	__atomic_store_n(&table->loading, 1, __ATOMIC_SEQ_CST);
	return true;
}

void sipvpn_table_end(void)
{
	__atomic_store_n(&table->loading, 0, __ATOMIC_SEQ_CST);
	lock_release(&table->writer);
}

struct sipvpn_writer *sipvpn_table_writer(void)
{
	return &table->memory;
}

void sipvpn_table_hurry(void)
{
	__atomic_store_n(&table->hurry, 1, __ATOMIC_RELEASE);
}

bool sipvpn_table_hurried(void)
{
	return __atomic_exchange_n(&table->hurry, 0, __ATOMIC_ACQ_REL) != 0;
}

static void set_gauge(enum sipvpn_gauge gauge, uint64_t value)
{
	__atomic_store_n(&table->gauges[gauge], value, __ATOMIC_RELAXED);
}

uint64_t sipvpn_table_gauge(enum sipvpn_gauge gauge)
{
	return __atomic_load_n(&table->gauges[gauge], __ATOMIC_RELAXED);
}

uint64_t sipvpn_table_epoch(void)
{
	return __atomic_load_n(&table->epoch, __ATOMIC_SEQ_CST);
}

bool sipvpn_table_ready(void)
{
	return __atomic_load_n(&table->current, __ATOMIC_SEQ_CST) != NULL;
}

struct sipvpn_snapshot *sipvpn_table_new_snapshot(void)
{
	struct sipvpn_hash_key key;
	struct sipvpn_snapshot *s;

	/* Up to 256 bytes come whole, once the kernel has any randomness. */
	if (getrandom(&key, sizeof(key), 0) != (ssize_t)sizeof(key)) {
		LM_ERR("the system gives no random numbers\n");
		return NULL;
	}
	s = sipvpn_snapshot_new(&shm, &key);
	if (!s)
		SHM_MEM_ERROR;
	return s;
}

bool sipvpn_table_publish(struct sipvpn_snapshot *s, int64_t generation)
{
	struct retired *r = shm_malloc(sizeof(*r));

	if (!r) {
		SHM_MEM_ERROR;
		return false;
	}
	set_gauge(SIPVPN_GROUPS, sipvpn_snapshot_groups(s));
	set_gauge(SIPVPN_MEMBERS, sipvpn_snapshot_members(s));
	set_gauge(SIPVPN_BYTES, sipvpn_snapshot_bytes(s));
	set_gauge(SIPVPN_LOADED, (uint64_t)time(NULL));
	set_gauge(SIPVPN_GENERATION, (uint64_t)generation);
	r->snapshot = __atomic_exchange_n(&table->current, s, __ATOMIC_SEQ_CST);
	r->epoch = __atomic_fetch_add(&table->epoch, 1, __ATOMIC_SEQ_CST);
	r->next = table->retired;
	table->retired = r;
	reclaim();
	return true;
}

static const struct sipvpn_snapshot *enter(void)
{
	uint64_t epoch = __atomic_load_n(&table->epoch, __ATOMIC_SEQ_CST);

	__atomic_store_n(
		&table->slots[process_no].epoch, epoch, __ATOMIC_SEQ_CST);
	return __atomic_load_n(&table->current, __ATOMIC_SEQ_CST);
}

static void leave(void)
{
	__atomic_store_n(&table->slots[process_no].epoch, 0, __ATOMIC_RELEASE);
}

/* A call that is judged, and the groups it may be judged in. */
struct judged {
	const struct sipvpn_snapshot *s;
	const struct sipvpn_ends *ends;
	struct sipvpn_shared shared;
};

static enum sipvpn_verdict ask(void *arg, const struct sipvpn_seat *caller,
	const struct sipvpn_seat *callee)
{
	struct judged *call = arg;

	sipvpn_snapshot_shared(call->s, caller, callee, &call->shared);
	return sipvpn_policy_shared(&call->shared, call->ends);
}

static void judge(const struct sipvpn_snapshot *s,
	const struct sipvpn_aor *caller, const struct sipvpn_aor *callee,
	struct slice group, const struct sipvpn_ends *ends,
	struct sipvpn_decision *out)
{
	struct judged call = {.s = s, .ends = ends};
	const struct sipvpn_judge judge = {ask, &call};
	enum sipvpn_naming naming = SIPVPN_ANY_GROUP;
	struct sipvpn_party from, to;
	struct slice name;
	uint32_t number = 0;

	sipvpn_snapshot_parties(s, caller, callee, &from, &to);
	if (group.len > 0)
		naming = sipvpn_snapshot_group_of(s, &from, group, &number)
				 ? SIPVPN_ONE_GROUP
				 : SIPVPN_UNKNOWN_GROUP;
	out->verdict =
		sipvpn_policy_pair(&from, &to, naming, number, &judge, &number);
	if (out->verdict != SIPVPN_ALLOWED)
		return;
	out->shared = call.shared;
	name = sipvpn_snapshot_group_name(s, number);
	memcpy(out->group, name.p, name.len);
	out->group_len = name.len;
}

/* A process nobody counted has no slot, so it may not read. */
static bool may_read(void)
{
	if (process_no >= 0 && process_no < table->n_slots)
		return true;
	LM_BUG("process %d of %d\n", process_no, table->n_slots);
	return false;
}

void sipvpn_table_judge(const struct sipvpn_aor *caller,
	const struct sipvpn_aor *callee, struct slice group,
	const struct sipvpn_ends *ends, struct sipvpn_decision *out)
{
	const struct sipvpn_snapshot *s;

	out->verdict = SIPVPN_INTERNAL;
	out->group_len = 0;
	if (!may_read())
		return;
	out->epoch = sipvpn_table_epoch();
	s = enter();
	if (s)
		judge(s, caller, callee, group, ends, out);
	else
		out->verdict = SIPVPN_NOT_READY;
	leave();
}

bool sipvpn_table_read(
	void (*read)(const struct sipvpn_snapshot *s, void *arg), void *arg)
{
	const struct sipvpn_snapshot *s;

	if (!may_read())
		return false;
	s = enter();
	if (s)
		read(s, arg);
	leave();
	return s != NULL;
}
