/*
 * control.h - the control socket: who may use it, and what is asked there.
 *
 * Each request is a line with a JSON object, each answer another one, with
 * the id of the request (see control_request.h):
 *
 *   {"v": 1, "id": 7, "call": "3"}                  what was asked for
 *   {"v": 1, "id": 7, "error": {"code": ..., "text": ...}}
 *   {"v": 1, "id": 7, "event": {...}}               to watch and call
 *
 * Root may ask, who has our own user id, and the members of the group that
 * the socket belongs to.
 */
#ifndef SIPVPN_CONTROL_H
#define SIPVPN_CONTROL_H

#include "daemon/control_request.h"
#include "daemon/log.h"

#define CONTROL_PATH "/run/sipvpn/control"

/* Who is asked. The JSON they return is the control socket's from then on. */
struct control_ops {
	json_t *(*status)(void *arg);
	/*
	 * Start a call; its id, which stays valid, or NULL with *problem. Its
	 * events may come before this returns.
	 */
	const char *(*call)(void *arg, const struct control_request *request,
		struct control_problem *problem);
	bool (*hangup)(
		void *arg, const char *call, struct control_problem *problem);
	bool (*hold)(void *arg, const char *call, bool hold,
		struct control_problem *problem);
	/* account may be NULL: all of them */
	bool (*reregister)(void *arg, const char *account,
		struct control_problem *problem);
};

struct control;

/*
 * Listen at path. A socket that nobody listens at any more is replaced.
 * NULL with *error: the path cannot be used, or another daemon does.
 */
struct control *control_new(const char *path, const struct control_ops *ops,
	void *arg, struct log *log, GError **error);
/* Closes all connections and removes the socket. NULL is nothing. */
void control_free(struct control *control);

/*
 * Something has happened: to whoever watches. call, if not NULL: the call it
 * happened to; then also to who has asked for that call. over: its last event.
 * Takes event over.
 */
void control_event(
	struct control *control, json_t *event, const char *call, bool over);

#endif
