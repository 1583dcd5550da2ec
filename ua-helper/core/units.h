/* units.h - amounts for people, without blanks in them. PURE. */
#ifndef SIPVPN_UNITS_H
#define SIPVPN_UNITS_H

#include "sbuf.h"

/* "812", "1.2k", "12M": steps of 1000, three digits at most, rounded. */
void units_bytes(uint64_t n, struct sbuf *out);
/* "0:12", "59:59", "1:00:00" */
void units_seconds(uint64_t s, struct sbuf *out);

#endif
