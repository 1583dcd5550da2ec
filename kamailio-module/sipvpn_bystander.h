/*
 * sipvpn_bystander.h - does anybody here edit the bodies of messages?
 */
#ifndef SIPVPN_BYSTANDER_H
#define SIPVPN_BYSTANDER_H

#include <stdbool.h>

/*
 * In mod_init, when all modules are loaded. True: each of them is known to
 * leave bodies alone, so nothing has to be put back. A module that is not
 * known counts as one that edits.
 */
bool sipvpn_bystander_all(void);

#endif
