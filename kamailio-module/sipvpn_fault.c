/*
 * sipvpn_fault.c - what is wrong with the database, a line at each end of it.
 */
#include "sipvpn_fault.h"

#include <stdint.h>
#include <time.h>

#include "core/dprint.h"
#include "core/mem/shm_mem.h"

#include "kam_slice.h"
#include "sipvpn_table.h"

/*
 * On a disk that is all but full one change fits and the next does not: only
 * after so many seconds without one that failed is that over.
 */
#define QUIET 10

/* When it began and was met last, in seconds since 1970; 0: never. */
struct faults {
	int64_t since[SIPVPN_FAULTS];
	int64_t met[SIPVPN_FAULTS];
};

static struct faults *faults;

int sipvpn_fault_init(void)
{
	faults = shm_malloc(sizeof(*faults));
	if (!faults) {
		SHM_MEM_ERROR;
		return -1;
	}
	*faults = (struct faults){.since = {0}, .met = {0}};
	return 0;
}

void sipvpn_fault_destroy(void)
{
	if (faults)
		shm_free(faults);
	faults = NULL;
}

static const char *consequence(enum sipvpn_fault fault)
{
	if (fault == SIPVPN_FAULT_WRITE)
		return "changes are refused, and none is half done; calls go "
		       "on";
	if (!sipvpn_table_ready())
		return "there is no membership to begin with";
	return "the membership loaded last stays in force until it can be "
	       "read again";
}

void sipvpn_fault_begin(
	enum sipvpn_fault fault, const char *what, const str *name)
{
	static const str none = {"", 0};
	int64_t before = 0, now = time(NULL);

	__atomic_store_n(&faults->met[fault], now, __ATOMIC_RELAXED);
	if (!__atomic_compare_exchange_n(&faults->since[fault], &before, now,
		    false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		return;
	if (!name)
		name = &none;
	LM_ERR("%s%.*s: %s\n", what, STR_FMT(name), consequence(fault));
}

void sipvpn_fault_end(enum sipvpn_fault fault)
{
	int64_t now = time(NULL), since;

	if (fault == SIPVPN_FAULT_WRITE &&
		now - __atomic_load_n(&faults->met[fault], __ATOMIC_RELAXED) <
			QUIET)
		return;
	since = __atomic_exchange_n(&faults->since[fault], 0, __ATOMIC_RELAXED);
	if (since == 0)
		return;
	LM_NOTICE("the database can be %s again, after %lld seconds\n",
		fault == SIPVPN_FAULT_WRITE ? "changed" : "read",
		(long long)(now - since));
}

bool sipvpn_fault_stands(enum sipvpn_fault fault)
{
	return __atomic_load_n(&faults->since[fault], __ATOMIC_RELAXED) != 0;
}
