/*
 * sipvpn_event.h - event_route[sipvpn:admitted], [sipvpn:rejected] and
 * [sipvpn:ended], or the function event_callback of a KEMI script.
 */
#ifndef SIPVPN_EVENT_H
#define SIPVPN_EVENT_H

#include "core/parser/msg_parser.h"

enum sipvpn_event {
	SIPVPN_EVENT_ADMITTED,
	SIPVPN_EVENT_REJECTED,
	SIPVPN_EVENT_ENDED,
};

/* In mod_init. callback: a KEMI function, empty for none; must stay. */
void sipvpn_event_init(const str *callback);

/*
 * Run what the script has for it, on the message that was judged: a request,
 * or a reply that carries an offer; on a message of the call's when that is
 * over. What it returns does not matter.
 */
void sipvpn_event_run(struct sip_msg *msg, enum sipvpn_event event);

#endif
