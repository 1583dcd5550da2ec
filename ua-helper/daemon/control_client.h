/*
 * control_client.h - one connection to the control socket: lines in, JSON
 * objects out, one a line.
 *
 * What is not read by the other side waits here, within bounds: answers make
 * us stop taking requests, and who lets events pile up is dropped.
 */
#ifndef SIPVPN_CONTROL_CLIENT_H
#define SIPVPN_CONTROL_CLIENT_H

#include <gio/gio.h>
#include <jansson.h>

#include "slice.h"

struct control_client;

struct control_client_env {
	/* A line came. */
	void (*line)(void *arg, struct control_client *c, struct slice line);
	/*
	 * The connection is of no more use: free the client. From the main
	 * loop, once, never from within a call to this file. why is NULL when
	 * the other side has just left.
	 */
	void (*gone)(void *arg, struct control_client *c, const char *why);
	void *arg;
};

/* Takes a reference to socket. The line that is too long is answered here. */
struct control_client *control_client_new(
	GSocket *socket, const struct control_client_env *env);
/* Takes the object over; it may be NULL, then nothing is sent. */
void control_client_send(struct control_client *c, json_t *object);
/* The same for an event; with too many of them unread the client goes. */
void control_client_tell(struct control_client *c, json_t *object);
/* gone() follows when all that was sent is out. */
void control_client_finish(struct control_client *c);
/* Closes the connection. Not from within line(). */
void control_client_free(struct control_client *c);

#endif
