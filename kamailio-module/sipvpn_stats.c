/*
 * sipvpn_stats.c - what Kamailio's statistics say about VPN calls.
 */
#include "sipvpn_stats.h"

#include "core/counters.h"
#include "core/dprint.h"

#include "sipvpn_store.h"
#include "sipvpn_table.h"

static counter_handle_t handles[SIPVPN_COUNTERS];

static counter_val_t gauge(counter_handle_t handle, void *which)
{
	(void)handle;
	return (counter_val_t)sipvpn_table_gauge(
		*(const enum sipvpn_gauge *)which);
}

static counter_val_t calls(counter_handle_t handle, void *param)
{
	(void)handle;
	(void)param;
	return (counter_val_t)sipvpn_store_count();
}

static enum sipvpn_gauge which[] = {SIPVPN_GROUPS, SIPVPN_MEMBERS, SIPVPN_BYTES,
	SIPVPN_LOADED, SIPVPN_GENERATION};

static counter_def_t defs[] = {
	{&handles[SIPVPN_OFFERS], "offers", 0, 0, 0,
		"VPN offers that were judged"},
	{&handles[SIPVPN_ADMITTED], "allowed", 0, 0, 0,
		"VPN offers that were allowed to pass"},
	{&handles[SIPVPN_REJECTED], "rejected", 0, 0, 0,
		"VPN offers that were refused"},
	{&handles[SIPVPN_RESTORED], "restored", 0, 0, 0,
		"bodies with protected media put back as they came"},
	{&handles[SIPVPN_RESTORE_FAILED], "restore_failed", 0, 0, 0,
		"bodies whose protected media could not be put back"},
	{&handles[SIPVPN_RELOADS], "reloads", 0, 0, 0,
		"memberships loaded since the start"},
	{&handles[SIPVPN_RELOAD_FAILS], "reload_fail", 0, 0, 0,
		"loads that failed: the old membership stayed"},
	{&handles[SIPVPN_REVOKED], "revoked", 0, 0, 0,
		"calls ended by an operator or by a change of the membership"},
	{0, "calls", 0, calls, NULL, "VPN calls in progress"},
	{0, "groups", 0, gauge, &which[SIPVPN_GROUPS], "groups in force"},
	{0, "members", 0, gauge, &which[SIPVPN_MEMBERS], "members in force"},
	{0, "snapshot_bytes", 0, gauge, &which[SIPVPN_BYTES],
		"shared memory that the membership takes"},
	{0, "last_reload", 0, gauge, &which[SIPVPN_LOADED],
		"when it was loaded, in seconds since 1970"},
	{0, "generation", 0, gauge, &which[SIPVPN_GENERATION],
		"the number it had in the database"},
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

long sipvpn_stats_value(enum sipvpn_counter counter)
{
	return counter_get_val(handles[counter]);
}
