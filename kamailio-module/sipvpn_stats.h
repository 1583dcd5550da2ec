/*
 * sipvpn_stats.h - what Kamailio's statistics say about VPN calls.
 *
 * The counter group is "sipvpn". Counting is per process and lock free.
 * Beside the counters stand the gauges of sipvpn_table.h.
 */
#ifndef SIPVPN_STATS_H
#define SIPVPN_STATS_H

enum sipvpn_counter {
	SIPVPN_OFFERS,   /* VPN offers that were judged */
	SIPVPN_ADMITTED, /* "allowed" */
	SIPVPN_REJECTED,
	SIPVPN_RESTORED,
	SIPVPN_RESTORE_FAILED,
	SIPVPN_RELOADS,
	SIPVPN_RELOAD_FAILS, /* "reload_fail": the old membership stayed */
	SIPVPN_REVOKED,      /* calls that were to go on, and were ended */
	SIPVPN_COUNTERS
};

/* In mod_init. 0 or -1. */
int sipvpn_stats_init(void);
void sipvpn_stats_count(enum sipvpn_counter counter);
/* The sum over all processes. */
long sipvpn_stats_value(enum sipvpn_counter counter);

#endif
