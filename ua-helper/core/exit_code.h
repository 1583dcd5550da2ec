/*
 * exit_code.h - what the program's exit status says; part of its interface.
 */
#ifndef SIPVPN_EXIT_CODE_H
#define SIPVPN_EXIT_CODE_H

enum exit_code {
	EXIT_OK = 0,
	EXIT_INTERNAL = 1, /* a fault of ours or of this machine */
	EXIT_USAGE = 2,
	EXIT_UNREACHABLE = 3, /* the server does not answer */
	EXIT_AUTH = 4,        /* the server does not accept user or password */
	EXIT_CALL = 5,        /* the call was refused or not answered */
	EXIT_TUNNEL = 6,      /* the tunnel did not come up, or broke */
	EXIT_NO_DAEMON = 7,   /* no daemon answers, or not to this user */
};

#endif
