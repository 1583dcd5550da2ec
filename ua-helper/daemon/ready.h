/*
 * ready.h - telling the service manager how far we are (sd_notify(3)).
 */
#ifndef SIPVPN_READY_H
#define SIPVPN_READY_H

/*
 * Send state ("READY=1", "STOPPING=1") to the socket that $NOTIFY_SOCKET
 * names; without one, and when nobody listens, nothing happens.
 */
void ready_tell(const char *state);

#endif
