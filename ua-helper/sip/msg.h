/*
 * msg.h - SIP messages: built, judged, read. Knows headers, no state.
 */
#ifndef SIPVPN_MSG_H
#define SIPVPN_MSG_H

#include "core/session_timer.h"
#include "sip/stack.h"
#include "vpnsdp.h"

#define MSG_ALLOW "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE"
#define MSG_SUPPORTED "timer" /* RFC 4028 */
#define MSG_USER_AGENT "sipvpn-ua/" SIPVPN_VERSION

/* The parts of a request of ours; strings are borrowed. */
struct msg_request {
	const char *method;
	const char *uri;
	const char *via_host; /* "203.0.113.5" or "[2001:db8::5]" */
	uint16_t via_port;
	const char *from; /* with tag: "<sip:a@b>;tag=1" */
	const char *to;
	const char *call_id;
	unsigned cseq;
	const char *routes; /* complete "Route: ...\r\n" lines, or NULL */
	const char *extra;  /* more complete lines, or NULL */
	struct slice body;  /* SDP, or empty */
};

/* NULL when libosip2 does not take it (a bug of ours). Free it yourself. */
osip_message_t *msg_request(const struct msg_request *parts);

/*
 * A response: dialog-forming headers copied, to_tag added to To unless it has
 * one. phrase NULL: the standard one. NULL when out of memory.
 */
osip_message_t *msg_response(osip_message_t *request, int status,
	const char *phrase, const char *to_tag);
void msg_add(osip_message_t *msg, const char *name, const char *value);
void msg_set_sdp(osip_message_t *msg, struct slice sdp);
/* "Warning: code agent \"text\"" (RFC 3261 section 20.43) */
void msg_add_warning(
	osip_message_t *msg, unsigned code, const char *host, const char *text);

/* Is a request for a sips: URI? */
bool msg_is_sips(osip_message_t *request);

/*
 * What libosip2 does not check (RFC 3261 section 8.1.1): 0 when the message
 * is fit for use; a status and *why for a request to be refused; -1 when not
 * even that can be answered.
 */
int msg_fault(osip_message_t *msg, const char **why);
/*
 * Option tags of Require that we do not support, as a header value; NULL:
 * none. g_free() it.
 */
char *msg_unsupported(osip_message_t *msg);
/* Does its Supported or Require name this option? */
bool msg_supports(osip_message_t *msg, const char *option);
/* Does its Allow name this method? *said: there is an Allow. */
bool msg_allows(osip_message_t *msg, const char *method, bool *said);
/* Does its Accept take SDP, or is there none (RFC 3261 section 20.1)? */
bool msg_accepts_sdp(osip_message_t *msg);
/* Session-Expires (RFC 4028); expires 0 without. */
struct session_expires msg_session_expires(osip_message_t *msg);
/* A header that is one number; 0 when it is not, or not there. */
uint32_t msg_number(osip_message_t *msg, const char *name);
/* Same Call-ID, CSeq and From tag, none in To, another branch. */
bool msg_same_request(osip_message_t *one, osip_message_t *other);

/*
 * The SDP of a message, also inside multipart. True with an empty slice when
 * there is no body; false when there is one that is not for us (415).
 */
bool msg_sdp(osip_message_t *msg, struct slice *sdp);
/* Header by name, its first; empty when absent. Lives as long as msg. */
struct slice msg_header(osip_message_t *msg, const char *name);
unsigned msg_cseq(osip_message_t *msg);
/* Value of a parameter like tag= in From or To; NULL without. */
const char *msg_from_tag(osip_message_t *msg);
const char *msg_to_tag(osip_message_t *msg);
const char *msg_branch(osip_message_t *msg);
/* "host" or "number@host" of Call-ID. g_free() it. */
char *msg_call_id(osip_message_t *msg);
/* Code of the first Warning header, 0 without. */
uint16_t msg_warning(osip_message_t *msg);
/* The text of the first Warning header, empty without one. Valid as long as
 * the message is. */
struct slice msg_warning_text(osip_message_t *msg);
/* text="..." of a Reason header, or the empty slice (RFC 3326). */
struct slice msg_reason_text(osip_message_t *msg);

/* The message as text. g_free() it; NULL when it cannot be printed. */
char *msg_print(osip_message_t *msg, size_t *len);

#endif
