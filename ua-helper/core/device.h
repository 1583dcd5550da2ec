/*
 * device.h - a name for a tunnel's network device that tells whose it is.
 *
 * PURE.
 */
#ifndef SIPVPN_DEVICE_H
#define SIPVPN_DEVICE_H

#include "slice.h"

#define DEVICE_NAME_MAX 16 /* IFNAMSIZ: 15 characters and a NUL */

/*
 * "vpn-" and what stands before the @ of who; letters, digits, '-' and '_'
 * stay, others become '-', the rest is cut. number > 0 is put behind it, to
 * tell two apart.
 */
void device_name(struct slice who, unsigned number, char out[DEVICE_NAME_MAX]);

#endif
