/*
 * password.h - the SIP password: from a file or the environment, never argv.
 */
#ifndef SIPVPN_PASSWORD_H
#define SIPVPN_PASSWORD_H

#include <stdbool.h>

/*
 * The first line of the file, which only its owner may read. False when it
 * will not do; the reason has been printed.
 */
bool password_from_file(const char *path, char **out);
/*
 * As above for a file that a configuration names: its group may read it, too
 * (a daemon's own, or a credential of systemd's), and it belongs to root or
 * to us. False: *why (g_free() it) says why, and nothing has been printed.
 */
bool password_from_config(const char *path, char **out, char **why);
/* SIPVPN_PASSWORD, which is removed from the environment; NULL: not set. */
char *password_from_environment(void);
/* Wipes it first. NULL is fine. */
void password_free(char *password);

#endif
