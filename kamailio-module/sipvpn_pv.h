/*
 * sipvpn_pv.h - the pseudo-variable $vpn(...).
 */
#ifndef SIPVPN_PV_H
#define SIPVPN_PV_H

#include "core/pvar.h"

extern pv_export_t sipvpn_pvs[];

#endif
