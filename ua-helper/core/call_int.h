/*
 * call_int.h - what the parts of the call machine share; for call*.c only.
 *
 * PURE. call.c holds the dispatch and the standing call, call_caller.c and
 * call_callee.c the two ways to get there, call_dialog.c the offers in between,
 * call_end.c the end.
 */
#ifndef SIPVPN_CALL_INT_H
#define SIPVPN_CALL_INT_H

#include "core/call.h"

/* The actions of one step. */
struct call_acts {
	struct call_action *out;
	size_t n;
};

struct call_action *call_act(struct call_acts *a, enum call_action_type type);
void call_deadline(struct call_acts *a, uint32_t ms);
/* Remember why the call ends; only the first reason counts. */
void call_note(struct call *c, enum call_outcome outcome, struct slice text,
	struct slice more);
void call_over(struct call *c, struct call_acts *a);
void call_start_tunnel(struct call *c, struct call_acts *a);
/* Nothing when there is none, or when it has been told. */
void call_stop_tunnel(struct call *c, struct call_acts *a);
/* Write our offer into c->sdp; false when it does not fit. */
bool call_make_offer(struct call *c, enum vpnsdp_setup setup);
/* End a call whose dialog stands: BYE now, or once the ACK has come. */
void call_end(struct call *c, struct call_acts *a);
/* A callee that has not answered yet turns the call down. */
void call_refuse(
	struct call *c, struct call_acts *a, uint16_t status, uint16_t warning);

/* The peer's BYE. */
void call_peer_hung_up(
	struct call *c, const struct call_event *ev, struct call_acts *a);
/* What only ends a call: HANGUP, LOST, NO_ACK. */
void call_ended(
	struct call *c, const struct call_event *ev, struct call_acts *a);
/* Everything that comes in CALL_ENDING. */
void call_ending(
	struct call *c, const struct call_event *ev, struct call_acts *a);

/* How long the peer's first packet may take. */
uint32_t call_connect_ms(const struct call *c);
/* call_legacy.c: as caller, an INVITE without an offer */
void call_legacy_dial(struct call *c, struct call_acts *a);
/* as callee of such an INVITE */
void call_legacy_invited(struct call *c, struct call_acts *a);
/* Does the body of an ACK to that fit? An empty one does. */
bool call_legacy_ack_fits(
	const struct call *c, struct slice body, struct media_refusal *why);

/* Why there is no tunnel when the time for its first packet is over. */
void call_note_silence(struct call *c);

void call_dial(struct call *c, struct call_acts *a);
void call_caller_step(
	struct call *c, const struct call_event *ev, struct call_acts *a);
void call_invited(
	struct call *c, const struct call_event *ev, struct call_acts *a);
void call_answering(
	struct call *c, const struct call_event *ev, struct call_acts *a);

/* --- call_dialog.c -------------------------------------------------------- */

/* Remember what the peer has said last. */
void call_keep_theirs(struct call *c, struct slice body);
void call_reinvited(
	struct call *c, const struct call_event *ev, struct call_acts *a);
/* It is cancelled before we have answered: all is as before. */
void call_recancelled(
	struct call *c, const struct call_event *ev, struct call_acts *a);
/* An ACK with the answer to our late offer. */
void call_reanswered(
	struct call *c, const struct call_event *ev, struct call_acts *a);
/* Our own re-INVITE has come to an end. */
void call_offer_over(
	struct call *c, const struct call_event *ev, struct call_acts *a);
/* MOVED, HOLD, RESUME, REFRESH: told to the peer as soon as that may be. */
void call_wish(
	struct call *c, const struct call_event *ev, struct call_acts *a);
/* Tell what is still to be told. token as in call_event. */
void call_tell(struct call *c, struct slice token, struct call_acts *a);
/* The old tunnel is gone, and its end was expected: true, all is done. */
bool call_tunnel_replaced(
	struct call *c, const struct call_event *ev, struct call_acts *a);
/* The new tunnel listens: now the answer may go. */
void call_answer_now(struct call *c, struct slice token, struct call_acts *a);
void call_refuse_reinvite(struct call_acts *a, uint16_t status,
	uint16_t warning, const char *text);

#endif
