/*
 * sipvpn_stats.c - what Kamailio's statistics say about VPN calls.
 */
#include "sipvpn_stats.h"

#include "core/counters.h"
#include "core/dprint.h"

static counter_handle_t handles[SIPVPN_COUNTERS];

static counter_def_t defs[] = {
	{&handles[SIPVPN_OFFERS], "offers", 0, 0, 0,
		"VPN offers that were judged"},
	{&handles[SIPVPN_ADMITTED], "allowed", 0, 0, 0,
		"VPN offers that were allowed to pass"},
	{&handles[SIPVPN_REJECTED], "rejected", 0, 0, 0,
		"VPN offers that were refused"},
	{&handles[SIPVPN_RESTORED], "restored", 0, 0, 0,
		"Bodies with protected media put back as they came"},
	{&handles[SIPVPN_RESTORE_FAILED], "restore_failed", 0, 0, 0,
		"Bodies whose protected media could not be put back"},
	{0, 0, 0, 0, 0, 0},
};

int sipvpn_stats_init(void)
{
	if (counter_register_array("sipvpn", defs) == 0)
		return 0;
	LM_ERR("cannot register the counters\n");
	return -1;
}

void sipvpn_stats_count(enum sipvpn_counter counter)
{
	counter_inc(handles[counter]);
}
