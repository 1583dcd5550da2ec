/*
 * sipvpn_came.h - the body of the message at work as it came, should a script
 * replace the message (msg_apply_changes()).
 *
 * One message a process, the last that came and has protected media. Costs
 * nothing where no module that replaces messages is loaded.
 */
#ifndef SIPVPN_CAME_H
#define SIPVPN_CAME_H

#include "core/parser/msg_parser.h"

#include "sipvpn_media.h"

/* In mod_init. protect must stay. 0 or -1. */
int sipvpn_came_init(const struct sipvpn_media_set *protect);

/* Can a message be replaced at all, while it keeps its number? */
bool sipvpn_came_changes(void);

/*
 * False when it was not kept; then it still is what msg has. *body lives
 * until the next message.
 */
bool sipvpn_came_body(const struct sip_msg *msg, struct slice *body);

#endif
