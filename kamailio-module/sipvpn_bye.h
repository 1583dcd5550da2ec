/*
 * sipvpn_bye.h - how a dialog is ended from outside of it.
 *
 * From a process of our own only: tm and dialog are entered here.
 */
#ifndef SIPVPN_BYE_H
#define SIPVPN_BYE_H

#include <stdbool.h>

#include "vpnsdp/slice.h"

struct dlg_cell;
struct dlg_binds;

/* In mod_init. Without the module tm nothing is sent. */
void sipvpn_bye_init(void);

/*
 * A BYE to both ends of an answered call; text (no quotes in it) goes into
 * its Reason header. False, and a line in the log, when none could be sent.
 */
bool sipvpn_bye_both(const struct dlg_binds *dialog, struct dlg_cell *dlg,
	int cause, struct slice text);

/* Answer 403 with this phrase to an INVITE that has no final reply yet. */
bool sipvpn_bye_refuse(struct dlg_cell *dlg, const char *phrase);

#endif
