/*
 * dialog.h - what an INVITE dialog has to keep (RFC 3261 section 12), and the
 * repetitions that no transaction takes care of (sections 13.2.2.4, 13.3.1.4).
 */
#ifndef SIPVPN_DIALOG_H
#define SIPVPN_DIALOG_H

#include "sip/msg.h"
#include "sip/transport.h"

#define SIP_T1_MS 500 /* RFC 3261 section 17.1.1.1 */
#define SIP_T2_MS 4000

/* A 200 to an INVITE, sent again until its ACK comes. */
struct dialog_ok {
	struct transport *transport;
	GSocketAddress *to;
	char *text; /* NULL: none is out */
	size_t len;
	unsigned cseq;
	guint timer;
	guint interval_ms;
	guint waited_ms;
	void (*given_up)(void *arg); /* after 64*T1 without ACK */
	void *arg;
};

/* Send text now and again; takes text. */
void dialog_ok_start(struct dialog_ok *ok, char *text, size_t len,
	unsigned cseq, GSocketAddress *to);
/* The INVITE came again. */
void dialog_ok_repeat(struct dialog_ok *ok);
/* The ACK is here, or it does not matter any more. */
void dialog_ok_stop(struct dialog_ok *ok);

/* The route set as "Route: ...\r\n" lines; g_free() it. */
char *dialog_routes(osip_dialog_t *dialog);
/* Where requests inside the dialog are addressed to; g_free() it. */
char *dialog_target(osip_dialog_t *dialog);
/* The peer's Contact, should the message carry one (section 12.2). */
void dialog_retarget(osip_dialog_t *dialog, osip_message_t *msg);
/* Does a request from the peer belong to this dialog? */
bool dialog_matches(osip_dialog_t *dialog, osip_message_t *request);

#endif
