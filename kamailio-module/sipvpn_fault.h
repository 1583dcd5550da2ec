/*
 * sipvpn_fault.h - what is wrong with the database: one line of the log when
 * it begins and one when it is over, however often it is met meanwhile and in
 * whichever process.
 */
#ifndef SIPVPN_FAULT_H
#define SIPVPN_FAULT_H

#include <stdbool.h>

#include "core/str.h"

enum sipvpn_fault {
	SIPVPN_FAULT_READ,  /* the membership cannot be loaded */
	SIPVPN_FAULT_WRITE, /* it cannot be changed */
	SIPVPN_FAULTS
};

/* In mod_init, before the first load. 0 or -1. */
int sipvpn_fault_init(void);
void sipvpn_fault_destroy(void);

/* What cannot be done, and to which table or column, NULL for none. */
void sipvpn_fault_begin(
	enum sipvpn_fault fault, const char *what, const str *name);
/* It has not been met this time. Whether it is over, this file decides. */
void sipvpn_fault_end(enum sipvpn_fault fault);
bool sipvpn_fault_stands(enum sipvpn_fault fault);

#endif
