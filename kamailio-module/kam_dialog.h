/*
 * kam_dialog.h - what Kamailio's dialog module does otherwise from version to
 * version, and nothing else.
 */
#ifndef SIPVPN_KAM_DIALOG_H
#define SIPVPN_KAM_DIALOG_H

#include <stdbool.h>

#include "modules/dialog/dlg_hash.h"
#include "modules/dialog/dlg_load.h"

/* The value of a dialog variable, in shared memory, or NULL. */
static inline str *kam_dialog_var(
	const struct dlg_binds *dialog, struct dlg_cell *dlg, str *name)
{
#if VERSIONVAL < 5006000
	return dialog->get_dlg_var(dlg, name);
#else
	return dialog->get_dlg_varref(dlg, name);
#endif
}

/*
 * A BYE to both ends; false when the callee may have got none. That happens
 * when the caller's has been answered before the callee's turn, which takes a
 * caller of some ten microseconds. Up to 5.6 it is an error then; later
 * versions take it for success, and it looks the same when an end answered
 * just after that.
 */
static inline bool kam_dialog_terminate(
	const struct dlg_binds *dialog, struct dlg_cell *dlg, str *headers)
{
	if (dialog->terminate_dlg(dlg, headers) < 0)
		return false;
#if VERSIONVAL < 5007000
	return true;
#else
	return dlg->state != DLG_STATE_DELETED;
#endif
}

#endif
