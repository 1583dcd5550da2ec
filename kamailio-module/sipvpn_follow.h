/*
 * sipvpn_follow.h - the dialog of a VPN call, from its beginning to its end.
 *
 * What is known of the call goes into the store and into dialog variables
 * (sipvpn_vars.h). No pointer to a dialog is kept: its callbacks know the
 * call's number. They note what they see and no more, since neither dialog nor
 * tm may be entered from within the other; sipvpn_end.c does the rest.
 */
#ifndef SIPVPN_FOLLOW_H
#define SIPVPN_FOLLOW_H

#include "kam_dialog.h"
#include "sipvpn_calls.h"

/*
 * In mod_init, behind sipvpn_vars_init() and sipvpn_store_init(): calls of
 * before a restart are followed, too. dialog must stay. 0 or -1.
 */
int sipvpn_follow_init(const struct dlg_binds *dialog);

/* The dialog is this VPN call from now on; one that it is already, goes on. */
void sipvpn_follow(struct dlg_cell *dlg, const struct sipvpn_call_facts *facts);

/* The dialog goes on, and is no VPN call any more. */
void sipvpn_follow_end(struct dlg_cell *dlg, enum sipvpn_why why);

#endif
