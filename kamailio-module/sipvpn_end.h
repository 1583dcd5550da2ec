/*
 * sipvpn_end.h - the process that looks after the calls in progress.
 *
 * Rule: calls are ended, judged anew and reported from here alone, by Call-ID
 * and tags. What runs elsewhere, in callbacks of tm and dialog and in RPC
 * commands, only says in the store what it wants. Needs the module dialog.
 */
#ifndef SIPVPN_END_H
#define SIPVPN_END_H

/* In mod_init, behind sipvpn_call_init(). 0 or -1. */
int sipvpn_end_init(void);
/* In child_init: starts the process, when there are calls. 0 or -1. */
int sipvpn_end_fork(int rank);

#endif
