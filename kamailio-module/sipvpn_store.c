/*
 * sipvpn_store.c - the calls in progress (sipvpn_calls.h), in shared memory.
 */
#include "sipvpn_store.h"

#include "core/dprint.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"

struct store {
	gen_lock_t lock;
	struct sipvpn_calls calls;
};

static struct store *store;

static void *shm_get(size_t size)
{
	return shm_malloc(size);
}

static void shm_put(void *p)
{
	shm_free(p);
}

static const struct sipvpn_mem shm = {shm_get, shm_put};

int sipvpn_store_init(void)
{
	store = shm_malloc(sizeof(*store));
	if (!store) {
		SHM_MEM_ERROR;
		return -1;
	}
	if (!lock_init(&store->lock)) {
		LM_ERR("cannot make a lock\n");
		shm_free(store);
		store = NULL;
		return -1;
	}
	sipvpn_calls_init(&store->calls, &shm);
	return 0;
}

void sipvpn_store_destroy(void)
{
	if (!store)
		return;
	sipvpn_calls_free(&store->calls);
	lock_destroy(&store->lock);
	shm_free(store);
	store = NULL;
}

bool sipvpn_store_on(void)
{
	return store != NULL;
}

struct sipvpn_calls *sipvpn_store_take(void)
{
	if (!store)
		return NULL;
	lock_get(&store->lock);
	return &store->calls;
}

void sipvpn_store_give(void)
{
	lock_release(&store->lock);
}

uint32_t sipvpn_store_count(void)
{
	return store ? __atomic_load_n(&store->calls.n, __ATOMIC_RELAXED) : 0;
}
