/*
 * sipvpn_cmd.h - the functions for scripts, native and KEMI: a message in, a
 * return code out. No policy here.
 */
#ifndef SIPVPN_CMD_H
#define SIPVPN_CMD_H

#include "core/kemi.h"
#include "core/parser/msg_parser.h"

/* What mod_register() gives to KEMI. */
extern sr_kemi_t sipvpn_kemi[];

/* sipvpn_is_offer(): 1 when the message has a VPN section, else -1. */
int sipvpn_cmd_is_offer(struct sip_msg *msg, char *p1, char *p2);
/*
 * sipvpn_authorize([group]): a number of enum sipvpn_verdict. The caller is
 * who was authenticated, the callee is the request URI as it stands.
 */
int sipvpn_cmd_authorize(struct sip_msg *msg, char *group, char *p2);
/*
 * sipvpn_manage([flags]): a number of sipvpn_manage.h; 0, which ends the
 * script, when it has refused and answered. Flag "n": it does not answer, and
 * the number is that of enum sipvpn_verdict.
 */
int sipvpn_cmd_manage(struct sip_msg *msg, char *flags, char *p2);
/*
 * As the server starts: negative, and the server ends, where a script calls
 * sipvpn_manage() and a module that it needs is not there. With flags it may
 * do without sl, and what they are may be known as late as in the script.
 */
int sipvpn_cmd_manage_fixup(void **param, int number);
/* sipvpn_strip(): a number of enum sipvpn_strip. */
int sipvpn_cmd_strip(struct sip_msg *msg, char *p1, char *p2);
/* sipvpn_restore(): a number of enum sipvpn_keep. */
int sipvpn_cmd_restore(struct sip_msg *msg, char *p1, char *p2);

#endif
