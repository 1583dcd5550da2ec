/*
 * media.h - offer and answer: from SDP to a tunnel plan (RFC 3264).
 *
 * PURE: facts in, text and plan out.
 */
#ifndef SIPVPN_MEDIA_H
#define SIPVPN_MEDIA_H

#include "core/tunnel_plan.h"

#define MEDIA_MAX_BODY                                                         \
	4096               /* what we write; also bounds an answer's m= lines */
#define MEDIA_MAX_TEXT 200 /* an explanation for people */

struct media_net {
	struct vpnsdp_addr addr;
	uint8_t prefix; /* bits */
};

/* What is true of this endpoint while one call lasts. */
struct media_local {
	struct vpnsdp_addr addr; /* where the peer reaches our UDP port */
	uint16_t port;
	struct vpnsdp_addr tun_local, tun_remote;
	/* the user named them: an offer must fit. Else they are what we hand
	 * out when an offer asks us to ("you assign") */
	bool tun_fixed;
	/* TLS is ours to run; false when a program of the user's is started */
	bool keys;
	/* the peer is of the thesis's kind: it calls without an offer, its ACK
	 * has no answer, it knows neither certificates nor setup= and expects
	 * k=. Then keys is false */
	bool legacy;
	uint8_t fingerprint[VPNSDP_FINGERPRINT_LEN];
	struct slice tls_id;          /* fresh and random, a call (RFC 8842) */
	struct slice sess_id;         /* digits, for o= */
	struct slice group;           /* a=VPN_ID; empty: none */
	const struct media_net *nets; /* where no tunnel address may lie */
	size_t n_nets;
};

bool media_in_net(const struct vpnsdp_addr *a, const struct media_net *net);

/* Why a body will not do. */
struct media_refusal {
	uint16_t status;           /* SIP status for a request: 400, 488 */
	uint16_t warning;          /* RFC 3261 section 20.43: 304, 305, 399 */
	char text[MEDIA_MAX_TEXT]; /* printable, terminated */
};

/*
 * Write an offer. setup: ACTPASS for an early offer; a late one (ours in the
 * 200, answer in the ACK) names its role, so that the side which must listen
 * first is the one that knows both descriptions first. false: does not fit.
 */
bool media_offer(const struct media_local *me, enum vpnsdp_form form,
	enum vpnsdp_setup setup, struct sbuf *out);

/*
 * Answer an offer: writes the answer, fills in the plan. On false *why says
 * so and neither out nor plan is to be used.
 */
bool media_answer(const struct media_local *me, struct slice offer,
	struct sbuf *out, struct tunnel_plan *plan, struct media_refusal *why);

/* Take the answer to our own offer. */
bool media_conclude(const struct media_local *me, struct slice own_offer,
	struct slice answer, struct tunnel_plan *plan,
	struct media_refusal *why);

/*
 * Take a legacy peer's offer, to which there is no answer: it waits, we
 * connect, and the tunnel addresses are as it says.
 */
bool media_unanswered(const struct media_local *me, struct slice offer,
	struct tunnel_plan *plan, struct media_refusal *why);

/*
 * What we make ready before a legacy peer has said anything: we wait for
 * whoever comes, and the tunnel addresses are as we say.
 */
struct tunnel_plan media_waiting(const struct media_local *me);

/* --- once a dialog stands (media_again.c) --------------------------------- */

/* What both sides have said last. */
struct media_state {
	struct slice own;    /* our last description; empty: none yet */
	struct slice theirs; /* the peer's; empty: none, or too long to keep */
	bool held;           /* there is no tunnel for the time being */
	bool hold;           /* our user wants none */
};

enum media_change {
	MEDIA_KEEP,    /* the tunnel is not touched */
	MEDIA_HOLD,    /* no tunnel for now */
	MEDIA_RESTART, /* by the new plan */
};

/* What an offer inside the dialog comes to. */
struct media_outcome {
	enum media_change change;
	struct tunnel_plan plan; /* in: the one in force */
};

/* Does this body ask for a call without a tunnel, for now? */
bool media_on_hold(struct slice body);

/*
 * Another offer of ours: the m= lines of now->own, the tunnel addresses of
 * plan (family 0: none agreed yet), the o= version one higher. me->tls_id is
 * the new one, that of now->own stays when fresh is false. False: does not
 * fit.
 */
bool media_offer_again(const struct media_local *me,
	const struct media_state *now, const struct tunnel_plan *plan,
	enum vpnsdp_setup setup, bool fresh, struct sbuf *out);

/*
 * Answer another offer of the peer's (RFC 3264 section 8). me->tls_id is used
 * if the tunnel is to be started again. outcome->plan is the one in force and
 * is replaced with MEDIA_RESTART only. The answer has now->own's version when
 * it is the same text, else one more. Also for a first offer that asks for a
 * call on hold: now->own is empty, the plan zero, and filled in. False with
 * *why: all stays as it was.
 */
bool media_answer_again(const struct media_local *me,
	const struct media_state *now, struct slice offer, struct sbuf *out,
	struct media_outcome *outcome, struct media_refusal *why);

/* Take the answer to own_offer, another offer of ours; outcome as above. */
bool media_conclude_again(const struct media_local *me,
	const struct media_state *now, struct slice own_offer,
	struct slice answer, struct media_outcome *outcome,
	struct media_refusal *why);

#endif
