/*
 * call.h - one call and its one tunnel: what happened in, what to do out.
 *
 * PURE. The daemon feeds facts (a message came, OpenVPN listens, the deadline
 * passed) and carries out the actions in order.
 *
 *  caller  INVITING -> PROCEEDING ----------------> CONNECTING -> UP -> ENDING
 *  callee  ANSWERING (tunnel binds) -> ANSWERED --> CONNECTING -> UP -> ENDING
 *
 * While the dialog stands, another offer of either side takes it between
 * CONNECTING, UP and HELD (no tunnel for the time being).
 */
#ifndef SIPVPN_CALL_H
#define SIPVPN_CALL_H

#include "core/media.h"

#define CALL_MAX_ACTIONS 8

/* From 200 or ACK to the first packet; OpenVPN itself retries after 1, 2 s. */
#define CALL_CONNECT_MS 10000
/* A legacy peer may be silent until its first keep-alive, after 10 s. */
#define CALL_LEGACY_CONNECT_MS 15000
/* OpenVPN binds within 20 ms; a machine under load may take seconds. */
#define CALL_LISTEN_MS 5000
/* The peer's OpenVPN said goodbye; its BYE must be on the way. */
#define CALL_BYE_MS 3000
/* RFC 3261 section 16.6 step 11, timer C: longer than three minutes. */
#define CALL_RING_MS 185000
/* The old tunnel ends, the new one listens: the two bounds together. */
#define CALL_RESTART_MS 10000
/* We leave and the ACK to our 200 is missing: this long it may still come. */
#define CALL_ACK_MS 4000
/* Who picks up at the same time as another answers at the same time: a proxy
 * cancels the rest with the first 2xx (RFC 3261 section 16.7 step 10). */
#define CALL_FORK_MS 300
/* The last word: BYE or CANCEL answered, OpenVPN gone. Then we go anyway. */
#define CALL_ENDING_MS 5000

enum call_state {
	CALL_IDLE,
	CALL_INVITING,   /* INVITE sent, nothing heard */
	CALL_PROCEEDING, /* a provisional answer came: CANCEL is allowed */
	CALL_CANCELLING,
	CALL_ANSWERING, /* INVITE taken, our OpenVPN is about to listen */
	CALL_ANSWERED,  /* 200 sent, no ACK yet */
	CALL_CONNECTING,
	CALL_UP,
	CALL_HELD, /* the dialog stands, no tunnel is wanted */
	CALL_ENDING,
	CALL_OVER,
};

enum call_event_type {
	CALL_EV_DIAL,        /* the user wants to call */
	CALL_EV_INVITE,      /* body: the offer, or empty (late offer) */
	CALL_EV_REINVITE,    /* also an UPDATE with an offer; body as above */
	CALL_EV_PROVISIONAL, /* status 101..199 */
	CALL_EV_ACCEPTED,    /* status 2xx; body */
	CALL_EV_REFUSED,     /* status 300..699; phrase, warning, detail */
	CALL_EV_NO_RESPONSE, /* INVITE timed out or could not be sent */
	CALL_EV_AUTH_FAILED, /* the server does not take our password */
	CALL_EV_ACK,         /* body */
	CALL_EV_NO_ACK,      /* 64*T1 after our 200 */
	CALL_EV_CANCEL,   /* of the INVITE, or of the re-INVITE that is open */
	CALL_EV_BYE,      /* phrase: text of its Reason header */
	CALL_EV_BYE_DONE, /* our BYE was answered or given up */
	CALL_EV_TUNNEL_LISTENING,
	CALL_EV_TUNNEL_UP,
	CALL_EV_TUNNEL_MISFIT, /* a packet that our static key does not fit */
	CALL_EV_TUNNEL_ENDED,  /* end, phrase */
	CALL_EV_DEADLINE,
	CALL_EV_HANGUP, /* the user wants to end */
	CALL_EV_MOVED,  /* me->addr or me->port is another */
	CALL_EV_HOLD,   /* the user wants no tunnel for now */
	CALL_EV_RESUME, /* the user wants it again */
	/* about our re-INVITE; exactly one of the next four follows it */
	CALL_EV_REACCEPTED, /* body */
	CALL_EV_REREFUSED,  /* status, phrase; nothing has changed */
	CALL_EV_RETRY,      /* it met one of the peer's (491), and may go now */
	CALL_EV_LOST,       /* phrase: the peer knows the call no more, or has
			     * not been heard of in time; comes at any time */
	CALL_EV_REFRESH,    /* the session timer wants a re-INVITE */
};

struct call_event {
	enum call_event_type type;
	uint16_t status;
	uint16_t warning; /* code of a Warning header, 0 without */
	struct slice phrase;
	struct slice detail; /* the text of that header */
	struct slice body;
	enum tunnel_end end;
	/* a fresh tls-id, should this fact start the tunnel again; empty: the
	 * one of me is used once more */
	struct slice token;
};

enum call_action_type {
	CALL_SEND_INVITE,   /* with call->sdp, if there is one */
	CALL_SEND_PROGRESS, /* 101, as the thesis's program does */
	CALL_SEND_RINGING,
	CALL_SEND_ANSWER,  /* 200 with call->sdp */
	CALL_SEND_REFUSAL, /* status, warning, text */
	CALL_SEND_ACK,
	CALL_SEND_CANCEL,
	CALL_SEND_BYE,     /* status and text for its Reason header */
	CALL_DROP_FORK,    /* BYE to who has answered, with status and text; the
			    * next one that does may be of use */
	CALL_START_TUNNEL, /* by call->plan */
	CALL_STOP_TUNNEL,
	CALL_SET_DEADLINE,    /* ms from now; 0 clears it */
	CALL_ANSWER_REINVITE, /* 200 with call->sdp */
	CALL_REFUSE_REINVITE, /* status, warning, text */
	CALL_SEND_REINVITE,   /* with call->next */
	CALL_REPORT_UP,
	CALL_REPORT_CHANGE, /* text: the tunnel is on hold, starts again, ... */
	CALL_REPORT_OVER,   /* call->outcome; last action ever */
};

struct call_action {
	enum call_action_type type;
	uint16_t status;
	uint16_t warning;
	uint32_t ms;
	const char *text; /* lives as long as the call */
};

enum call_outcome {
	CALL_OUT_NONE,
	CALL_OUT_HUNG_UP, /* by our user */
	CALL_OUT_PEER_HUNG_UP,
	CALL_OUT_CANCELLED,  /* before it was answered */
	CALL_OUT_REFUSED,    /* by the peer or the server */
	CALL_OUT_WE_REFUSED, /* the peer's offer */
	CALL_OUT_NO_RESPONSE,
	CALL_OUT_AUTH_FAILED,
	CALL_OUT_BAD_ANSWER,
	CALL_OUT_TUNNEL_FAILED, /* never came up */
	CALL_OUT_TUNNEL_ENDED,  /* was up */
	CALL_OUT_LOST, /* the peer has forgotten the call, or is gone */
};

/* What our side wants to tell the peer by an offer; bits. */
enum call_wish {
	CALL_WISH_MOVED = 1,
	CALL_WISH_HOLD = 2,
	CALL_WISH_RESUME = 4,
	CALL_WISH_REFRESH = 8,
};

/* What held before a re-INVITE that is not answered yet. */
struct call_before {
	char sdp[MEDIA_MAX_BODY], theirs[MEDIA_MAX_BODY];
	size_t sdp_len, theirs_len;
	struct tunnel_plan plan;
	bool held;
	unsigned wish;
};

struct call {
	enum call_state state;
	bool caller;
	bool late;   /* callee: our offer is in the 200 */
	bool tunnel; /* a tunnel process is there */
	bool up;
	bool misfit;       /* something came that our static key does not fit */
	bool silent;       /* nothing that fits came in time */
	bool bye_waits;    /* our BYE is out, not answered */
	bool bye_due;      /* send BYE as soon as RFC 3261 section 15 lets us */
	bool hangup_waits; /* the user wants an end that we may not send yet */
	bool stopping;     /* the tunnel has been told to end */
	bool fork_waits;   /* a 2xx was of no use, perhaps another one is */
	bool restart;      /* once it has, it starts again by call->plan */
	bool hold;         /* our user wants no tunnel */
	bool held;         /* there is to be none for the time being */
	bool answer_due;   /* a re-INVITE waits until our tunnel listens */
	bool late_again;   /* our offer is in the 200 to a re-INVITE */
	bool offer_out;    /* our re-INVITE is not over yet */
	unsigned wish;     /* enum call_wish: to be told, or just being told */
	unsigned asked;    /* those that are in the re-INVITE that is out */
	enum vpnsdp_form form;
	const struct media_local *me; /* borrowed, outlives the call */
	struct tunnel_plan plan;
	char sdp[MEDIA_MAX_BODY]; /* our own description */
	size_t sdp_len;
	char next[MEDIA_MAX_BODY]; /* our offer in the re-INVITE that is out */
	size_t next_len;
	char theirs[MEDIA_MAX_BODY]; /* their last; longer ones are not kept */
	size_t theirs_len;
	struct call_before before; /* while answer_due */
	enum call_outcome outcome;
	uint16_t status;           /* of a refusal */
	char text[MEDIA_MAX_TEXT]; /* the reason in words */
	char why[MEDIA_MAX_TEXT];  /* why an offer of the peer's is refused */
};

void call_init(struct call *c, const struct media_local *me);

/*
 * One fact. Returns the number of actions in out, to be carried out in order.
 * A fact that does not fit the state is ignored. ev is only read.
 */
size_t call_step(struct call *c, const struct call_event *ev,
	struct call_action out[static CALL_MAX_ACTIONS]);

const char *call_state_name(enum call_state state);

#endif
