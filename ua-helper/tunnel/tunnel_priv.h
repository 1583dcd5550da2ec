/*
 * tunnel_priv.h - what the tunnels of openvpn.c and program.c have in common.
 * Private to this folder.
 */
#ifndef SIPVPN_TUNNEL_PRIV_H
#define SIPVPN_TUNNEL_PRIV_H

#include <glib.h>
#include <net/if.h>

#include "tunnel/management.h"
#include "tunnel/process.h"
#include "tunnel/tunnel.h"

struct tunnel {
	struct tunnel_env env;
	struct tunnel_plan plan;
	struct process *process;       /* NULL: could not be started */
	struct management *management; /* OpenVPN's; NULL for a program */
	guint source_id;               /* a report to come, or a deadline */
	bool stopping;                 /* the owner wants it to end */
	bool listening, up;            /* reported */
	bool has_end;                  /* why it ends is known: */
	enum tunnel_end end;
	char device[IF_NAMESIZE];
	char detail[LINES_MAX + 1];     /* to has_end; may be empty */
	char last_words[LINES_MAX + 1]; /* of its standard output */
};

struct tunnel *tunnel_new(
	const struct tunnel_env *env, const struct tunnel_plan *plan);

/* Start the program; conf's line, ended and arg are filled in here. */
void tunnel_start(struct tunnel *t, struct process_conf *conf);

/* Report LISTENING or UP, unless that was done or the end has begun. */
void tunnel_report_once(struct tunnel *t, enum tunnel_fact fact);

/* Why it is going to end; the first reason given stays. detail may be NULL. */
void tunnel_because(struct tunnel *t, enum tunnel_end end, const char *detail);

/* Nothing runs: report the end from the main loop. */
void tunnel_fail(struct tunnel *t, enum tunnel_end end, const char *detail);

#endif
