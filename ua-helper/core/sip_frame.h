/*
 * sip_frame.h - is a datagram one whole SIP message, and where in a stream does
 * the next one end (RFC 3261 section 18.3)?
 *
 * PURE. Looks for the end of the header and at Content-Length, nothing else.
 */
#ifndef SIPVPN_SIP_FRAME_H
#define SIPVPN_SIP_FRAME_H

#include "slice.h"

enum sip_frame_verdict {
	SIP_FRAME_WHOLE,
	SIP_FRAME_KEEPALIVE,  /* only CR, LF and NUL: what NAT keepers send */
	SIP_FRAME_NO_END,     /* the header never ends */
	SIP_FRAME_BAD_LENGTH, /* Content-Length is no number, or two differ */
	SIP_FRAME_SHORT,      /* body shorter than Content-Length says */
};

struct sip_frame {
	struct slice head; /* start line and headers, without the empty line */
	struct slice body; /* cut to Content-Length; all there is without one */
	struct slice length_line; /* the Content-Length line, in head */
};

/* Except for KEEPALIVE and NO_END, head and length_line are set. */
enum sip_frame_verdict sip_frame_datagram(
	struct slice datagram, struct sip_frame *out);

/* The longest message taken from a stream, as long as a datagram can be. */
#define SIP_FRAME_STREAM_MAX 65535

enum sip_stream_verdict {
	SIP_STREAM_MORE,    /* wait for more */
	SIP_STREAM_MESSAGE, /* the first *used bytes are one message */
	SIP_STREAM_PING,    /* *used bytes: CRLF CRLF, to be answered by CRLF */
	SIP_STREAM_PONG,    /* *used bytes: a CRLF that answers our ping */
	/* The first *used bytes are a message to be refused; where the next one
	 * begins cannot be told. */
	SIP_STREAM_BROKEN,
};

/*
 * What the bytes of a stream begin with (RFC 5626 section 3.5.1 for the pings).
 * A message without Content-Length ends with its header.
 */
enum sip_stream_verdict sip_frame_stream(struct slice bytes, size_t *used);

/*
 * Cut the next header line off *rest, with the lines that go on from it: they
 * begin with a blank (RFC 3261 section 7.3.1). False: there is none.
 */
bool sip_frame_line(struct slice *rest, struct slice *line);

#endif
