/*
 * sipvpn_end.h - end a call whose VPN was closed, once it may be ended.
 *
 * Rule: the call is ended from a process of its own, by Call-ID and tags.
 * Callbacks of tm and dialog only queue it: neither of the two may be entered
 * from within the other. Needs the module dialog, and dlg_manage() on the
 * INVITE; without them the endpoints are left to end it.
 */
#ifndef SIPVPN_END_H
#define SIPVPN_END_H

#include "core/parser/msg_parser.h"

/* In mod_init. 0 or -1. */
int sipvpn_end_init(void);
/* In child_init: starts the process, when there is a dialog module. 0 or -1. */
int sipvpn_end_fork(int rank);
void sipvpn_end_destroy(void);

/* The call that this 2xx begins is to get a BYE on both sides. */
void sipvpn_end_queue(struct sip_msg *reply);

#endif
