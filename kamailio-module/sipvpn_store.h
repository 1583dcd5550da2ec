/*
 * sipvpn_store.h - the calls in progress (sipvpn_calls.h), in shared memory.
 *
 * There are none without the module dialog.
 */
#ifndef SIPVPN_STORE_H
#define SIPVPN_STORE_H

#include "sipvpn_calls.h"

/* Before the first fork, when calls can be followed. 0 or -1. */
int sipvpn_store_init(void);
void sipvpn_store_destroy(void);

/* Whether there is one. */
bool sipvpn_store_on(void);

/*
 * Take the lock and have the set: briefly, and nothing of tm or dialog may be
 * called with it, which call us. NULL, and no lock, when there is no store.
 */
struct sipvpn_calls *sipvpn_store_take(void);
void sipvpn_store_give(void);

/* VPN calls that are not over. Without the lock. */
uint32_t sipvpn_store_count(void);

#endif
