/*
 * control_request.h - a request on the control socket, and what is wrong
 * with one that is none. No socket here.
 *
 *   {"v": 1, "id": 7, "do": "call", "user": "2501"}
 *
 * v is the version of all this, id any integer that the answers bring back.
 * Unknown members are errors: what a client asks for is done, or it hears so.
 */
#ifndef SIPVPN_CONTROL_REQUEST_H
#define SIPVPN_CONTROL_REQUEST_H

#include <jansson.h>
#include <stdbool.h>

#include "slice.h"

#define CONTROL_VERSION 1
/* Of a name or address: longer ones find no room in a SIP message over UDP. */
#define CONTROL_TEXT_MAX 255

enum control_op {
	CONTROL_OP_STATUS,
	CONTROL_OP_WATCH,    /* events until the client leaves */
	CONTROL_OP_CALL,     /* user; account, background, group */
	CONTROL_OP_HANGUP,   /* call: its id or the peer */
	CONTROL_OP_HOLD,     /* call, as above: no tunnel for now */
	CONTROL_OP_RESUME,   /* call, as above: the tunnel again */
	CONTROL_OP_REGISTER, /* account */
	CONTROL_OP_VERSION,
};

struct control_request {
	enum control_op op;
	json_int_t id;
	/* NULL where the request has none; they live as long as text does */
	const char *account, *user, *call, *group;
	bool background; /* the call outlives the client */
	json_t *text;
};

struct control_problem {
	const char *code; /* for programs: "request", "version", ... */
	char text[200];   /* for people */
};

/*
 * True: *out is a request; clear it. False: *problem says why not, and
 * *out has the id if the line had one, else 0.
 */
bool control_request_parse(struct slice line, struct control_request *out,
	struct control_problem *problem);
void control_request_clear(struct control_request *request);

/* Fills a problem in; text is cut where it is too long. Returns false. */
bool control_problem_set(struct control_problem *problem, const char *code,
	const char *format, ...) __attribute__((format(printf, 3, 4)));

/* {"v": 1, "id": id, what: value}; takes value over. */
json_t *control_answer(json_int_t id, const char *what, json_t *value);
json_t *control_refusal(json_int_t id, const struct control_problem *problem);

#endif
