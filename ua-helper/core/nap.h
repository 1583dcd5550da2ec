/*
 * nap.h - has this machine slept? Timers stood still meanwhile, and what the
 * server or the peer keeps for us may have expired.
 *
 * PURE. Linux's CLOCK_BOOTTIME counts sleep, its CLOCK_MONOTONIC does not.
 */
#ifndef SIPVPN_NAP_H
#define SIPVPN_NAP_H

#include <stdbool.h>
#include <stdint.h>

/* The clocks are read one after the other, and between the two reads a busy
 * machine may let us wait; nothing that we keep expires in so short a time. */
#define NAP_MIN_MS 2000

/* Both clocks, milliseconds; all zero: they could not be read. */
struct nap_clocks {
	uint64_t boottime, monotonic;
};

/* Between then and now, for longer than it takes to read clocks? */
bool nap_between(const struct nap_clocks *then, const struct nap_clocks *now);

#endif
