/* meter.c - bytes and rate of a tunnel; see meter.h. PURE. */
#include "core/meter.h"

/* In whole bytes a second; the product stays in range for any real count. */
static uint64_t rate(uint64_t before, uint64_t now, uint64_t ms)
{
	uint64_t grown = now - before;

	if (grown > UINT64_MAX / 1000)
		return UINT64_MAX;
	return grown * 1000 / ms;
}

void meter_count(struct meter *m, uint64_t rx, uint64_t tx, uint64_t now_ms)
{
	bool anew = rx < m->rx || tx < m->tx;
	uint64_t ms = now_ms - m->at_ms;

	if (anew) {
		m->rx_before += m->rx;
		m->tx_before += m->tx;
		m->rx = 0;
		m->tx = 0;
	}
	if (m->counted && ms > 0) {
		m->rx_rate = rate(m->rx, rx, ms);
		m->tx_rate = rate(m->tx, tx, ms);
	}
	m->rx = rx;
	m->tx = tx;
	m->at_ms = now_ms;
	m->counted = true;
}

struct meter_value meter_read(const struct meter *m, uint64_t now_ms)
{
	struct meter_value v = {
		.rx = m->rx_before + m->rx, .tx = m->tx_before + m->tx};

	if (m->counted && now_ms - m->at_ms <= METER_STALE_MS) {
		v.rx_rate = m->rx_rate;
		v.tx_rate = m->tx_rate;
	}
	return v;
}
