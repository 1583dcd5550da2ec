/*
 * sipvpn_cmd.h - the functions for scripts, native and KEMI: a message in, a
 * return code out. No policy here.
 */
#ifndef SIPVPN_CMD_H
#define SIPVPN_CMD_H

#include "core/kemi.h"
#include "core/parser/msg_parser.h"

/*
 * domain: the domain of every caller. Empty: the realm a caller was
 * authenticated in. Must stay.
 */
void sipvpn_cmd_init(const str *domain);

/* What mod_register() gives to KEMI. */
extern sr_kemi_t sipvpn_kemi[];

/* sipvpn_is_offer(): 1 when the message has a VPN section, else -1. */
int sipvpn_cmd_is_offer(struct sip_msg *msg, char *p1, char *p2);
/*
 * sipvpn_authorize([group]): a number of enum sipvpn_verdict. The caller is
 * who was authenticated, the callee is the request URI as it stands.
 */
int sipvpn_cmd_authorize(struct sip_msg *msg, char *group, char *p2);
/* sipvpn_restore(): a number of enum sipvpn_keep. */
int sipvpn_cmd_restore(struct sip_msg *msg, char *p1, char *p2);

#endif
