/*
 * conf_read.h - the configuration file.
 */
#ifndef SIPVPN_CONF_READ_H
#define SIPVPN_CONF_READ_H

#include "daemon/conf.h"

#define CONF_FILE "/etc/sipvpn/sipvpn-ua.conf"

/*
 * Read it, with the files and credentials it names. NULL: errors (char *,
 * owned by the array) holds all that is wrong, "FILE:LINE: what".
 */
struct conf *conf_read(const char *path, GPtrArray *errors);

#endif
