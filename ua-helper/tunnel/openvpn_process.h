/*
 * openvpn_process.h - how an OpenVPN is executed, whatever it is to do: its
 * configuration comes through its standard input. Private to this folder.
 */
#ifndef SIPVPN_OPENVPN_PROCESS_H
#define SIPVPN_OPENVPN_PROCESS_H

#include "tunnel/process.h"

#define OPENVPN_ARGC 4 /* the NULL included */

/*
 * Fill in conf but for input, line, ended and arg. conf borrows openvpn and
 * argv.
 */
void openvpn_process_conf(const char *openvpn, char *argv[static OPENVPN_ARGC],
	struct process_conf *conf);

#endif
