/*
 * sipvpn_file.h - load the membership from a file, for sites without a
 * database.
 */
#ifndef SIPVPN_FILE_H
#define SIPVPN_FILE_H

#include "sipvpn_rows.h"

/*
 * path must be terminated. A group stands above its members. Lines that
 * cannot be used are noted in load. False when the file cannot be read to its
 * end or memory is short; logged.
 */
bool sipvpn_file_load(
	const char *path, struct slice home_domain, struct sipvpn_load *load);

#endif
