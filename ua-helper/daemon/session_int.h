/*
 * session_int.h - what the parts of a session share; for session*.c only.
 *
 * session.c       carrying out what the call decides
 * session_make.c  making one, freeing it, telling of it
 */
#ifndef SIPVPN_SESSION_INT_H
#define SIPVPN_SESSION_INT_H

#include "daemon/session.h"
#include "sip/token.h"
#include "tunnel/tunnel.h"

struct session {
	struct session_env env;
	bool placed;  /* else it waits for its account */
	GArray *nets; /* of me */
	gint64 since, up_since;
	struct call call;
	struct media_local me;
	struct agent_call *sip;
	struct cert *cert;
	struct warm *warm; /* for a tunnel to come, or NULL */
	struct tunnel *tunnel;
	guint deadline;
	gint64 began;
	char *group; /* of env.terms, which may outlive who named it */
	char tls_id[TOKEN_LEN + 1];
	char sess_id[24];
	bool device_numbered, ahead; /* see struct session_place */
	char device[32];
};

#endif
