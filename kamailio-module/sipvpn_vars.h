/*
 * sipvpn_vars.h - what is known of a VPN call, in its dialog's variables
 * (sipvpn_group, _caller, _callee, _local, _remote), so that a dialog module
 * with a database brings it back after a restart.
 */
#ifndef SIPVPN_VARS_H
#define SIPVPN_VARS_H

#include "sipvpn_calls.h"

struct dlg_cell;
struct dlg_binds;

/* In mod_init. dialog must stay. */
void sipvpn_vars_init(const struct dlg_binds *dialog);

void sipvpn_vars_keep(
	struct dlg_cell *dlg, const struct sipvpn_call_facts *facts);
/* The tunnel addresses alone, of a VPN call; add: unless they are known. */
void sipvpn_vars_keep_ends(
	struct dlg_cell *dlg, const struct sipvpn_ends *ends);
void sipvpn_vars_add_ends(struct dlg_cell *dlg, const struct sipvpn_ends *ends);

/* The slices point into the dialog. False: it is no VPN call. */
bool sipvpn_vars_recall(struct dlg_cell *dlg, struct sipvpn_call_facts *out);

/* It is a VPN call no more. */
void sipvpn_vars_forget(struct dlg_cell *dlg);

#endif
