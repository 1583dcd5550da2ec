/*
 * meter.h - bytes and rate of a tunnel from counts that come now and then.
 *
 * PURE: the caller brings the time.
 */
#ifndef SIPVPN_METER_H
#define SIPVPN_METER_H

#include <stdbool.h>
#include <stdint.h>

/* A rate is that of the latest two counts, and 0 when they are older. */
#define METER_STALE_MS 12000

struct meter {
	bool counted;       /* at_ms and the rates mean something */
	uint64_t rx, tx;    /* the latest count */
	uint64_t rx_before; /* of connections before: the count began anew */
	uint64_t tx_before;
	uint64_t rx_rate, tx_rate; /* bytes a second */
	uint64_t at_ms;
};

struct meter_value {
	uint64_t rx, tx;           /* bytes since the start */
	uint64_t rx_rate, tx_rate; /* bytes a second */
};

/* Zeroed is new. now_ms never goes back. */
void meter_count(struct meter *m, uint64_t rx, uint64_t tx, uint64_t now_ms);
struct meter_value meter_read(const struct meter *m, uint64_t now_ms);

#endif
